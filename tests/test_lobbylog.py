"""The file of lobby records: any crash, any full disk, any damage."""

from __future__ import annotations

import errno
import os
import random
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobbylog import ASIDE, FLOOR, NAME, Files, LobbyLog

from .places import temporary


class Crash(BaseException):
    """The process ends here."""


class FailingFiles(Files):
    """The real calls; ``fails`` decides about each by name: None, an OSError, or Crash.

    A write that fails has written the first ``torn`` bytes.
    """

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.fails: Any = lambda name: None
        self.torn = 0

    def _check(self, name: str) -> None:
        self.calls.append(name)
        failure = self.fails(name)
        if failure is not None:
            raise failure

    def write(self, handle: int, data: bytes, offset: int) -> None:
        try:
            self._check("write")
        except BaseException:
            super().write(handle, data[: self.torn], offset)
            raise
        super().write(handle, data, offset)

    def sync(self, handle: int) -> None:
        self._check("sync")

    def truncate(self, handle: int, size: int) -> None:
        self._check("truncate")
        super().truncate(handle, size)

    def rename(self, old: str, new: str) -> None:
        self._check("rename")
        super().rename(old, new)

    def sync_directory(self, path: str) -> None:
        self._check("sync_directory")


FULL = OSError(errno.ENOSPC, "No space left on device")


class LogCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.directory = str(temporary(self))
        self.path = Path(self.directory, NAME)
        self.files = FailingFiles()
        self.logs: list[LobbyLog] = []

    def tearDown(self) -> None:
        for log in self.logs:
            log.close()

    def opened(self) -> tuple[LobbyLog, dict[int, bytes]]:
        log = LobbyLog(self.directory, self.files)
        self.logs.append(log)
        return log, log.load()

    def records(self) -> dict[int, bytes]:
        return self.opened()[1]

    def aside(self) -> bytes:
        path = Path(self.directory, ASIDE)
        return path.read_bytes() if path.exists() else b""

    def compact(self, log: LobbyLog) -> None:
        for _ in log.compaction():
            pass


class KeepingTests(LogCase):
    def test_the_last_one_counts(self) -> None:
        log, records = self.opened()
        self.assertEqual(records, {})
        log.append([(1, b"a"), (2, b"b")])
        log.append([(1, b"c"), (2**64 - 1, b"d"), (2, None)])
        self.assertEqual(self.records(), {1: b"c", 2**64 - 1: b"d"})
        self.assertEqual((1 in log, 2 in log), (True, False))

    def test_it_is_for_its_owner_alone(self) -> None:
        log, _ = self.opened()
        log.append([(1, b"a")])
        log.set_aside(1)
        self.compact(log)
        for name in (NAME, ASIDE):
            self.assertEqual(Path(self.directory, name).stat().st_mode & 0o777, 0o600)

    def test_it_is_durable_when_append_returns(self) -> None:
        """The file's name, then its content; the name only once."""
        log, _ = self.opened()
        self.files.calls.clear()
        log.append([(1, b"a")])
        log.append([(1, b"b")])
        self.assertEqual(self.files.calls, ["sync_directory", *["write", "sync"] * 2])

    def test_it_goes_on_where_it_ended(self) -> None:
        for number in range(1, 4):
            log, _ = self.opened()
            log.append([(number, b"x")])
        self.assertEqual(self.records(), {1: b"x", 2: b"x", 3: b"x"})


class TornTests(LogCase):
    ENTRIES = ((1, b'{"a":1}'), (2, b"b"), (1, b"longer than before"), (2, None), (3, b"3"))

    def states(self) -> list[tuple[int, dict[int, bytes]]]:
        """(size, records) after each of the entries."""
        log, records = self.opened()
        states = [(0, dict(records))]
        for lobby_id, record in self.ENTRIES:
            log.append([(lobby_id, record)])
            if record is None:
                del records[lobby_id]
            else:
                records[lobby_id] = record
            states.append((self.path.stat().st_size, dict(records)))
        return states

    def test_a_tail_that_was_torn_at_any_byte(self) -> None:
        states = self.states()
        whole = self.path.read_bytes()
        for size in range(len(whole) + 1):
            self.path.write_bytes(whole[:size])
            expected = [state for end, state in states if end <= size][-1]
            end = max(end for end, _ in states if end <= size)
            log, records = self.opened()
            self.assertEqual((records, log.cut, log.damaged), (expected, size - end, 0))
            # and what is written next stands on its own
            log.append([(9, b"")])
            log, records = self.opened()
            self.assertEqual((records, log.cut), (expected, 0))
            self.assertEqual(self.aside(), b"")

    def test_a_tail_of_which_only_the_size_was_written(self) -> None:
        states = self.states()
        with self.path.open("ab") as file:
            file.write(bytes(5000))
        log, records = self.opened()
        self.assertEqual((records, log.cut), (states[-1][1], 5000))

    def test_damage_at_any_byte_in_the_middle(self) -> None:
        """Costs the lobbies of the damaged line, and is kept aside; once."""
        whole = self.path_with((1, b"one"), (2, b"two"), (3, b"three"))
        lines = whole.splitlines(keepends=True)
        second = len(lines[0])
        for at in range(second, second + len(lines[1]) - 1):
            Path(self.directory, ASIDE).unlink(missing_ok=True)
            damaged = bytearray(whole)
            damaged[at] ^= 0x40
            self.path.write_bytes(damaged)
            log, records = self.opened()
            self.assertEqual(records, {1: b"one", 3: b"three"})
            self.assertEqual((log.damaged, log.cut), (damaged.count(b"\n") - 2, 0))
            self.assertEqual(self.aside(), bytes(damaged[second : -len(lines[2])]))
            log, records = self.opened()
            self.assertEqual((records, log.damaged), ({1: b"one", 3: b"three"}, 0))

    def test_a_full_disk_is_no_reason_not_to_start(self) -> None:
        whole = self.path_with((1, b"one"), (2, b"two"))
        self.path.write_bytes(b"rubbish\n" + whole + b"torn")
        self.files.fails = lambda name: FULL
        log, records = self.opened()
        self.assertEqual((records, log.damaged, log.cut), ({1: b"one", 2: b"two"}, 1, 4))
        self.assertRaises(OSError, log.append, [(3, b"x")])
        self.files.fails = lambda name: None
        log.append([(3, b"three")])
        self.assertEqual(self.records(), {1: b"one", 2: b"two", 3: b"three"})
        self.assertEqual(self.aside(), b"rubbish\n")

    def path_with(self, *entries: tuple[int, bytes]) -> bytes:
        log, _ = self.opened()
        log.append(entries)
        return self.path.read_bytes()


class FullDiskTests(LogCase):
    def test_a_write_that_fails_anywhere_leaves_nothing(self) -> None:
        log, _ = self.opened()
        log.append([(1, b"one")])
        line = self.path.stat().st_size
        for torn in range(line + 1):
            self.files.torn = torn
            self.files.fails = lambda name: FULL if name == "write" else None
            self.assertRaises(OSError, log.append, [(2, b"two")])
            self.assertNotIn(2, log)
            self.assertEqual(self.records(), {1: b"one"})
        self.files.fails = lambda name: None
        log.append([(2, b"TWO")])
        self.assertEqual(self.records(), {1: b"one", 2: b"TWO"})

    def test_nor_where_the_rest_cannot_be_cut_off_at_once(self) -> None:
        log, _ = self.opened()
        log.append([(1, b"one")])
        self.files.torn = 500
        self.files.fails = lambda name: FULL if name in ("write", "truncate") else None
        for _ in range(2):
            self.assertRaises(OSError, log.append, [(2, b"two" * 1000)])
        self.files.fails = lambda name: None
        log.append([(2, b"2")])
        reader, records = self.opened()
        self.assertEqual((records, reader.cut), ({1: b"one", 2: b"2"}, 0))

    def test_a_sync_that_fails_is_tried_with_the_same_bytes_again(self) -> None:
        """After a failed fsync the kernel may believe that the pages are clean."""
        log, _ = self.opened()
        self.files.fails = lambda name: OSError(errno.EIO, "I/O") if name == "sync" else None
        self.assertRaises(OSError, log.append, [(1, b"one")])
        self.files.fails = lambda name: None
        self.files.calls.clear()
        log.append([(1, b"one")])
        self.assertEqual(self.files.calls, ["write", "sync"])
        self.assertEqual(self.records(), {1: b"one"})


class CompactionTests(LogCase):
    def test_most_of_it_is_of_the_past(self) -> None:
        log, _ = self.opened()
        record = b"x" * 100_000
        for _ in range(FLOOR // len(record) + 2):
            self.assertFalse(log.wants_compaction)
            log.append([(1, record)])
        log.append([(1, record)])
        self.assertTrue(log.wants_compaction)
        self.compact(log)
        self.assertFalse(log.wants_compaction)
        self.assertEqual(len(self.path.read_bytes().splitlines()), 1)
        self.assertEqual(self.records(), {1: record})

    def test_it_is_on_the_disk_before_it_has_the_name(self) -> None:
        """And before anything in it counts as durable its name is, too."""
        log, _ = self.opened()
        log.append([(1, b"one")])
        self.files.calls.clear()
        self.compact(log)
        self.assertEqual(self.files.calls[-3:], ["write", "sync", "rename"])
        self.files.calls.clear()
        log.append([(2, b"two")])
        self.assertEqual(self.files.calls, ["sync_directory", "write", "sync"])

    def test_the_old_file_is_closed(self) -> None:
        log, _ = self.opened()
        old = log._handle
        self.compact(log)
        self.assertRaises(OSError, os.fstat, old)

    def test_what_a_crash_left_of_one_is_removed(self) -> None:
        part = Path(self.directory, NAME + ".part")
        part.write_bytes(b"half")
        self.opened()
        self.assertFalse(part.exists())

    def test_what_is_written_between_its_steps_is_not_lost(self) -> None:
        most = 0
        for seed in range(30):
            rng = random.Random(seed)
            self.path.unlink(missing_ok=True)
            log, _ = self.opened()
            expected: dict[int, bytes] = {}

            def write(count: int, rng: Any = rng, log: Any = log, expected: Any = expected) -> None:
                entries = {}
                for _ in range(count):
                    lobby_id = rng.randrange(12)
                    record = rng.randbytes(rng.choice((20, 100_000))).hex().encode()
                    entries[lobby_id] = rng.choice((None, record))
                for lobby_id, content in entries.items():
                    expected.pop(lobby_id, None)
                    if content is not None:
                        expected[lobby_id] = content
                log.append(entries.items())

            write(10)
            write(10)
            steps = 0
            for _ in log.compaction():
                steps += 1
                if steps < 8:
                    write(3)
            self.assertEqual(self.records(), expected)
            write(5)
            self.compact(log)
            write(5)
            self.assertEqual(self.records(), expected)
            most = max(most, steps)
        self.assertGreater(most, 3)

    def test_a_crash_at_any_moment_of_it(self) -> None:
        log, _ = self.opened()
        entries = {n: b"%d" % n * 30_000 for n in range(20)}
        log.append(entries.items())
        whole = self.path.read_bytes()
        self.files.calls.clear()
        self.compact(log)
        log.append([(1, b"more")])
        moments = len(self.files.calls)
        self.assertIn("rename", self.files.calls)
        for moment in range(moments):
            self.path.write_bytes(whole)
            log, _ = self.opened()
            self.files.calls.clear()
            self.files.torn = moment * 7
            self.files.fails = lambda name, m=moment: Crash() if len(self.files.calls) > m else None
            written = {}
            try:
                self.compact(log)
                log.append([(1, b"more")])
                written = {1: b"more"}
            except Crash:
                pass
            self.files.fails = lambda name: None
            records = self.records()
            self.assertIn(records, ({**entries, **written}, {**entries, 1: b"more"}))
            self.assertEqual(sorted(os.listdir(self.directory)), [NAME])

    def test_an_error_at_any_moment_of_it(self) -> None:
        """It goes on with the file that it has, and can try again."""
        for moment in range(4):
            self.path.unlink(missing_ok=True)
            log, _ = self.opened()
            log.append([(1, b"one"), (2, b"two")])
            self.files.calls.clear()
            self.files.fails = lambda name, m=moment: FULL if len(self.files.calls) > m else None
            self.assertRaises(OSError, self.compact_and_append, log)
            self.files.fails = lambda name: None
            log.append([(3, b"three")])
            self.assertEqual(self.records(), {1: b"one", 2: b"two", 3: b"three"})
            self.compact(log)
            log.append([(4, b"four")])
            self.assertEqual(self.records(), {1: b"one", 2: b"two", 3: b"three", 4: b"four"})

    def compact_and_append(self, log: LobbyLog) -> None:
        self.compact(log)
        log.append([(3, b"three")])

    def test_one_that_is_given_up_leaves_no_file(self) -> None:
        log, _ = self.opened()
        log.append((n, b"x" * 100_000) for n in range(9))
        steps = log.compaction()
        next(steps)
        steps.close()
        self.assertEqual(os.listdir(self.directory), [NAME])
        log.append([(1, b"one")])
        self.assertEqual(self.records()[1], b"one")
