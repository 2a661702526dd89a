"""A lobby's record block, against a dictionary."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.relay.block import RecordBlock
from lobbyd.wire import schema

POSE = st.binary(min_size=13, max_size=13)
FEW_POSES = st.sampled_from([bytes(13), b"\1" * 13])
SLOT = st.integers(0, 5)
WRITE = st.tuples(st.just("write"), SLOT, POSE | FEW_POSES, st.integers(0, 3), st.floats(0, 9))
REMOVE = st.tuples(st.just("remove"), SLOT)
SETTLE = st.tuples(st.just("settle"))
OPERATIONS = st.lists(st.one_of(WRITE, WRITE, REMOVE, SETTLE), max_size=40)


def record(slot: int, age: int, pose: bytes, state: int) -> bytes:
    return bytes((slot, age)) + pose + bytes((state,))


class Model:
    """What a block must be, kept the simple way."""

    def __init__(self) -> None:
        self.records: dict[int, tuple[bytes, int, float]] = {}
        self.changed = True

    def apply(self, operation: tuple[object, ...]) -> None:
        match operation:
            case ("write", int(slot), bytes(pose), int(state), float(time)):
                before = self.records.get(slot)
                self.changed |= before is None or before[:2] != (pose, state)
                self.records[slot] = pose, state, time
            case ("remove", int(slot)):
                self.changed |= self.records.pop(slot, None) is not None
            case ("settle",):
                self.changed = False

    def at(self, tick_time: float) -> set[bytes]:
        made = set()
        for slot, (pose, state, time) in self.records.items():
            age = max(0, min(255, int((tick_time - time) * 500)))
            made.add(record(slot, age, pose, state))
        return made


def cut(block: bytes) -> list[bytes]:
    return [block[at : at + 16] for at in range(0, len(block), 16)]


class AgainstTheModelTests(SynchronousTestCase):
    @settings(max_examples=200)
    @given(operations=OPERATIONS, tick_time=st.floats(0, 10))
    def test_it_holds_what_the_model_holds(
        self, operations: list[tuple[object, ...]], tick_time: float
    ) -> None:
        block, model = RecordBlock(), Model()
        for operation in operations:
            getattr(block, str(operation[0]))(*operation[1:])
            model.apply(operation)
            self.assertEqual(block.changed, model.changed, operation)
            self.assertEqual(len(block), len(model.records))
            records = cut(block.at(tick_time))
            self.assertEqual(len(records), len(model.records))
            self.assertEqual(set(records), model.at(tick_time))
            for slot in range(6):
                held = model.records.get(slot)
                self.assertEqual(block.pose(slot), held[0] if held else None)


class RecordTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.block = RecordBlock()

    def test_a_record_is_laid_out_as_declared(self) -> None:
        sample = {"x": 1, "y": -2, "z": 3, "rotation": 0xC0000001, "input": 0x1234}
        self.block.write(7, schema.SAMPLE.build(sample)[:13], 0x34, 100.0)
        read = schema.RECORD.parse(self.block.at(100.0501))
        values = (read.slot, read.age, read.x, read.y, read.z, read.rotation, read.state)
        self.assertEqual(values, (7, 25, 1, -2, 3, 0xC0000001, 0x34))

    def test_ages_are_from_0_to_stale(self) -> None:
        self.block.write(0, bytes(13), 0, 100.0)
        ages = [self.block.at(now)[1] for now in (99.0, 100.0, 100.5, 100.5081, 100.51, 1e9)]
        self.assertEqual(ages, [0, 0, 250, 254, 255, 255])

    def test_an_older_age_alone_is_no_change(self) -> None:
        """Or a lobby in which nobody moves would never be quiet."""
        self.block.write(0, bytes(13), 0, 100.0)
        self.block.settle()
        self.block.at(100.4)
        self.block.write(0, bytes(13), 0, 100.4)
        self.assertFalse(self.block.changed)
        self.assertEqual(self.block.at(100.4)[1], 0)

    def test_each_of_position_and_state_is_a_change(self) -> None:
        self.block.write(0, bytes(13), 0, 100.0)
        for pose, state in ((b"\1" * 13, 0), (b"\1" * 13, 64)):
            self.block.settle()
            self.block.write(0, pose, state, 100.0)
            self.assertTrue(self.block.changed)

    def test_what_was_given_out_does_not_change_later(self) -> None:
        self.block.write(0, bytes(13), 0, 100.0)
        given = self.block.at(100.0)
        before = bytes(given)
        self.block.write(0, b"\1" * 13, 1, 100.0)
        self.block.at(105.0)
        self.assertEqual(given, before)

    def test_64_records_are_a_kilobyte(self) -> None:
        for slot in range(64):
            self.block.write(slot, bytes(13), 0, 100.0)
        self.assertEqual(len(self.block.at(100.0)), 1024)

    def test_removing_what_is_not_there_changes_nothing(self) -> None:
        self.block.write(1, bytes(13), 0, 100.0)
        self.block.settle()
        self.block.remove(2)
        self.assertEqual((len(self.block), self.block.changed), (1, False))
