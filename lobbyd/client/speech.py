"""What a player says on its connection: poses, messages, pings."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from ..wire import messages
from ..wire.catalogue import MAX_UNRELIABLE, TO_ALL, FrameType
from ..wire.packets import SAMPLE, UNRELIABLE
from ..wire.quantise import Quaternion, pack_rotation, quantise_position
from .standing import Standing

_SAMPLE = SAMPLE.head
_packed = lru_cache(maxsize=1024)(pack_rotation)


class Speech(Standing):
    """What is said without a connection is gone, or refused with False."""

    def sample(
        self,
        position: tuple[float, float, float],
        rotation: Quaternion,
        now: float,
        *,
        input: int = 0,
        interp_delay_ms: int = 100,
    ) -> None:
        """Queue an UPDATE with a sample, taken now, and the ones before it."""
        if self.line is not None:
            x, y, z = map(quantise_position, position)
            # 24-bit integers stand in the format as low 16 bits and signed high 8
            packed = _SAMPLE.pack(
                x & 0xFFFF,
                x >> 16,
                y & 0xFFFF,
                y >> 16,
                z & 0xFFFF,
                z >> 16,
                _packed(rotation),
                input,
            )
            self.line.update(packed, now, interp_delay_ms)

    def update(self, sample: bytes, now: float, interp_delay_ms: int = 100) -> None:
        """Queue an UPDATE with a sample in wire form."""
        if self.line is not None:
            self.line.update(sample, now, interp_delay_ms)

    def ping(self, now: float) -> None:
        """Queue a PING."""
        if self.line is not None:
            self.line.ping(now)

    def frame(self, kind: int, body: bytes) -> None:
        """Queue any frame."""
        if self.line is not None:
            self.line.frame(kind, body)

    def message(self, message: Any) -> bool:
        """Queue a reliable message; False without a connection or when the window is full."""
        if self.line is None or not self.connected:
            return False
        return self.line.reliable_out.push(*messages.encode(message))

    def custom(self, payload: bytes, to_slot: int = TO_ALL, channel: int = 0) -> bool:
        """Queue the game's own message, reliable; False as for ``message``.

        Raises ValueError for more than 958 bytes.
        """
        return self.message(messages.CustomUp(to_slot, channel, payload))

    def unreliable(self, payload: bytes, to_slot: int = TO_ALL, channel: int = 0) -> None:
        """Queue the game's own message, sent once. Raises ValueError for more than 512 bytes."""
        if len(payload) > MAX_UNRELIABLE:
            raise ValueError(f"at most {MAX_UNRELIABLE} bytes, these are {len(payload)}")
        self.frame(FrameType.UNRELIABLE, UNRELIABLE.head.pack(to_slot, channel) + payload)

    def chat(self, text: str) -> bool:
        """Queue a line of chat; False as for ``message``."""
        return self.message(messages.ChatUp(text))

    def ready(self, ready: bool = True) -> bool:
        """Queue the ready mark; False as for ``message``."""
        return self.message(messages.Ready(int(ready)))
