"""A lobby's records in their wire form: one dense block, shared by all its snapshots."""

from __future__ import annotations

from ..wire.catalogue import AGE_STALE, AGE_US
from ..wire.packets import RECORD, SAMPLE
from ..wire.quantise import Place

_SIZE = RECORD.size
_SHOWN = 2
_AGES_A_SECOND = 1e6 / AGE_US


def pack_pose(place: Place, rotation: int) -> bytes:
    """The 13 wire bytes of position and rotation, the same in samples and records."""
    return SAMPLE.pack(*place, rotation, 0)[:13]


class RecordBlock:
    """Records by slot. ``changed`` tells whether one differs since ``settle``."""

    __slots__ = ("_data", "_index", "_times", "changed")

    def __init__(self) -> None:
        self._data = bytearray()
        self._times: list[float] = []
        self._index: dict[int, int] = {}
        self.changed = True

    def __len__(self) -> int:
        return len(self._times)

    def write(self, slot: int, pose: bytes, state: int, sample_time: float) -> None:
        """Set a slot's record; ``pose`` is position and rotation as on the wire (13 bytes)."""
        self.put(slot, pose + bytes((state,)), sample_time)

    def put(self, slot: int, shown: bytes, sample_time: float) -> None:
        """Set a slot's record; ``shown`` is all of it behind the age, as on the wire (14 bytes)."""
        index = self._index.get(slot)
        if index is None:
            index = self._index[slot] = len(self._times)
            self._times.append(sample_time)
            self._data += bytes((slot,)).ljust(_SIZE, b"\0")
            self.changed = True
        at = index * _SIZE + _SHOWN
        if self.changed or self._data[at : at + _SIZE - _SHOWN] != shown:
            self._data[at : at + _SIZE - _SHOWN] = shown
            self.changed = True
        self._times[index] = sample_time

    def remove(self, slot: int) -> None:
        """Take a slot's record out, if it has one."""
        index = self._index.pop(slot, None)
        if index is None:
            return
        last = len(self._times) - 1
        if index != last:
            # the last record fills the gap, so that the block stays dense
            self._times[index] = self._times[last]
            self._data[index * _SIZE : (index + 1) * _SIZE] = self._data[last * _SIZE :]
            # a record begins with its slot
            self._index[self._data[index * _SIZE]] = index
        self._times.pop()
        del self._data[last * _SIZE :]
        self.changed = True

    def pose(self, slot: int) -> bytes | None:
        """The 13 wire bytes of a slot's position and rotation."""
        index = self._index.get(slot)
        return None if index is None else bytes(self._data[index * _SIZE + 2 : index * _SIZE + 15])

    def record(self, slot: int) -> tuple[Place, int, int] | None:
        """(place, rotation, state) of a slot."""
        index = self._index.get(slot)
        if index is None:
            return None
        data = bytes(self._data[index * _SIZE : (index + 1) * _SIZE])
        _, _, x, y, z, rotation, state = RECORD.unpack(data)
        return (x, y, z), rotation, state

    def sampled(self, slot: int) -> float:
        """When a slot's record was sampled; 0 where there is none."""
        index = self._index.get(slot)
        return 0.0 if index is None else self._times[index]

    def touch(self, slot: int, sample_time: float) -> None:
        """Say that a slot's record still was as it is at a later time."""
        index = self._index.get(slot)
        if index is not None:
            self._times[index] = max(self._times[index], sample_time)

    def at(self, tick_time: float) -> bytes:
        """The block with the ages as of a tick."""
        if self._times:
            self._data[1::_SIZE] = bytes(
                [
                    0 if age < 0 else age if age < AGE_STALE else AGE_STALE
                    for sample_time in self._times
                    for age in (int((tick_time - sample_time) * _AGES_A_SECOND),)
                ]
            )
        return bytes(self._data)

    def settle(self) -> None:
        """Forget that something changed."""
        self.changed = False
