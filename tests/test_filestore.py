"""The store in a file: who waits for the disk, and what becomes of it when it is full."""

from __future__ import annotations

import queue
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import patch

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.logger import globalLogPublisher

from lobbyd import filestore
from lobbyd.errors import Refused, StartError
from lobbyd.filestore import COMPLAIN_EVERY, FileStore
from lobbyd.lobbylog import NAME, LobbyLog
from tests.test_lobbylog import FULL, LogCase


class StoreCase(LogCase):
    def setUp(self) -> None:
        super().setUp()
        self.lines: list[str] = []
        observer: Any = self.observe
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)
        self.log, _ = self.opened()
        self.now = 0.0
        self.store = FileStore(self.log, lambda work: work(), lambda: self.now)

    def observe(self, event: Any) -> None:
        if event.get("log_namespace") == "lobbyd.filestore":
            self.lines.append(event["log_format"].format(**event))

    def fill_disk(self) -> None:
        self.files.fails = lambda name: FULL if name == "write" else None

    def make_room(self) -> None:
        self.files.fails = lambda name: None

    def waiting(self) -> Deferred[None]:
        return ensureDeferred(self.store.saved())


class WritingTests(StoreCase):
    def test_who_waits_is_told_when_it_is_durable(self) -> None:
        self.store.put(1, b"one")
        waiting = self.waiting()
        self.assertNoResult(waiting)
        self.store.write()
        self.successResultOf(waiting)
        self.assertEqual(self.records(), {1: b"one"})

    def test_nothing_to_wait_for(self) -> None:
        self.successResultOf(self.waiting())
        self.store.put(1, b"one")
        self.store.write()
        self.successResultOf(self.waiting())

    def test_many_are_written_at_once(self) -> None:
        """However many wait, the disk is asked once."""
        waiting = []
        for number in range(100):
            self.store.put(number, b"x")
            waiting.append(self.waiting())
        self.files.calls.clear()
        self.store.write()
        self.assertEqual(self.files.calls.count("sync"), 1)
        for one in waiting:
            self.successResultOf(one)

    def test_who_came_later_waits_for_the_next_time(self) -> None:
        self.store.put(1, b"one")
        late: list[Deferred[None]] = []

        def in_the_meantime(name: str) -> None:
            if name == "sync" and not late:
                self.store.put(2, b"two")
                late.append(self.waiting())

        self.files.fails = in_the_meantime
        self.store.write()
        self.assertNoResult(late[0])
        self.store.write()
        self.successResultOf(late[0])
        self.assertEqual(self.records(), {1: b"one", 2: b"two"})

    def test_only_the_newest_record_of_a_lobby(self) -> None:
        for text in (b"a", b"b", b"c"):
            self.store.put(1, text)
        self.store.write()
        self.assertEqual(len(self.path.read_bytes().splitlines()), 1)
        self.assertEqual(self.records(), {1: b"c"})

    def test_a_lobby_that_was_never_written_needs_no_line(self) -> None:
        self.store.put(1, b"one")
        self.store.remove(1)
        self.store.write()
        self.assertEqual(self.path.read_bytes(), b"")

    def test_a_lobby_that_is_no_more(self) -> None:
        self.store.put(1, b"one")
        self.store.write()
        self.store.remove(1)
        self.store.write()
        self.assertEqual(self.records(), {})

    def test_stopping_writes_the_rest(self) -> None:
        self.store.put(1, b"one")
        self.store.stop()
        self.assertEqual(self.records(), {1: b"one"})

    def test_a_record_that_is_set_aside(self) -> None:
        self.store.put(1, b"one")
        self.store.write()
        whole = self.path.read_bytes()
        self.store.set_aside(1)
        self.store.write()
        self.assertEqual((self.records(), self.aside()), ({}, whole))

    def test_one_that_cannot_be_set_aside_stays(self) -> None:
        self.store.put(1, b"one")
        self.store.write()
        self.fill_disk()
        self.store.set_aside(1)
        self.make_room()
        self.store.write()
        self.assertEqual((self.records(), len(self.lines)), ({1: b"one"}, 1))


class FullDiskTests(StoreCase):
    def refused(self, waiting: Deferred[None]) -> tuple[str, float | None]:
        refused: Refused = self.failureResultOf(waiting, Refused).value
        return refused.code, refused.retry_after

    def test_who_waits_is_refused(self) -> None:
        self.fill_disk()
        self.store.put(1, b"one")
        waiting = self.waiting()
        self.store.write()
        self.assertEqual(self.refused(waiting), ("storage_unavailable", filestore.RETRY))

    def test_who_asks_after_a_failure_waits_for_the_next_try(self) -> None:
        self.fill_disk()
        self.store.put(1, b"one")
        self.store.write()
        waiting = self.waiting()
        self.assertNoResult(waiting)
        self.make_room()
        self.store.write()
        self.successResultOf(waiting)

    def test_it_mends_itself_and_nothing_is_lost(self) -> None:
        self.store.put(1, b"one")
        self.store.put(2, b"two")
        self.store.write()
        self.fill_disk()
        self.store.put(1, b"1")
        self.store.remove(2)
        self.store.put(3, b"three")
        self.assertFalse(self.store.write())
        self.store.put(3, b"3")
        self.assertFalse(self.store.write())
        self.make_room()
        waiting = self.waiting()
        self.assertTrue(self.store.write())
        self.successResultOf(waiting)
        self.assertEqual(self.records(), {1: b"1", 3: b"3"})

    def test_what_is_given_during_a_failure_is_newer(self) -> None:
        self.store.put(1, b"old")

        def in_the_meantime(name: str) -> OSError | None:
            if name != "write":
                return None
            self.store.put(1, b"new")
            return FULL

        self.files.fails = in_the_meantime
        self.store.write()
        self.make_room()
        self.store.write()
        self.assertEqual(self.records(), {1: b"new"})

    def test_lobbies_that_come_and_go_take_no_memory(self) -> None:
        self.fill_disk()
        for number in range(1000):
            self.store.put(number, b"x")
            self.store.write()
            self.store.remove(number)
            self.store.write()
        self.assertEqual(self.store._pending, {})

    def test_a_few_lines_tell_of_it(self) -> None:
        self.fill_disk()
        for _ in range(int(COMPLAIN_EVERY) * 2):
            self.store.put(1, b"x")
            self.store.write()
            # an empty round says nothing of the disk
            self.store.remove(1)
            self.store.write()
            self.now += 1.0
        self.make_room()
        self.store.put(1, b"x")
        self.store.write()
        self.store.write()
        self.assertEqual(len(self.lines), 3)
        self.assertIn("No space left on device", self.lines[0])
        self.assertIn("again", self.lines[2])


class CompactionTests(StoreCase):
    def grow(self) -> None:
        with patch("lobbyd.lobbylog.FLOOR", 100):
            while not self.log.wants_compaction:
                self.store.put(1, b"x" * 50)
                self.store.write()

    def test_a_file_of_the_past_is_written_anew(self) -> None:
        self.grow()
        with patch("lobbyd.lobbylog.FLOOR", 100):
            for _ in range(3):
                self.store.compact()
            self.assertFalse(self.log.wants_compaction)
        self.assertEqual(self.records(), {1: b"x" * 50})

    def test_it_takes_as_many_steps_as_it_needs(self) -> None:
        self.store.put(2, b"y" * 50)
        self.grow()
        steps = 0
        with patch("lobbyd.lobbylog.FLOOR", 100), patch("lobbyd.lobbylog.STEP", 10):
            while self.log.wants_compaction:
                self.store.compact()
                steps += 1
                self.assertLess(steps, 10)
        self.assertGreater(steps, 1)
        self.assertEqual(self.records(), {1: b"x" * 50, 2: b"y" * 50})

    def test_where_that_fails_it_goes_on_and_tries_again_later(self) -> None:
        self.grow()
        with patch("lobbyd.lobbylog.FLOOR", 100):
            self.fill_disk()
            self.store.compact()
            self.files.calls.clear()
            self.store.compact()
            self.assertEqual(self.files.calls, [])
            self.make_room()
            self.now += COMPLAIN_EVERY
            for _ in range(3):
                self.store.compact()
            self.assertFalse(self.log.wants_compaction)
        self.assertEqual(self.records(), {1: b"x" * 50})


class LoadTests(StoreCase):
    def test_damage_is_told_in_a_line_each(self) -> None:
        self.log.append([(1, b"one")])
        self.path.write_bytes(b"rubbish\n" + self.path.read_bytes() + b"torn")
        store = FileStore(LobbyLog(self.directory), lambda work: work())
        self.assertEqual(store.load(), {1: b"one"})
        store.stop()
        self.assertEqual(len(self.lines), 2)

    def test_a_file_that_cannot_be_read_is_one_line(self) -> None:
        Path(self.directory, NAME).unlink()
        Path(self.directory, NAME).mkdir()
        store = FileStore(LobbyLog(self.directory), lambda work: work())
        message = str(self.assertRaises(StartError, store.load))
        self.assertIn("--state-dir", message)
        self.assertEqual(len(message.splitlines()), 1)


class ThreadTests(StoreCase):
    """The real writer; ``calls`` stands for the reactor."""

    def setUp(self) -> None:
        super().setUp()
        self.calls: queue.Queue[Callable[[], None]] = queue.Queue()
        self.store = FileStore(self.log, self.calls.put)

    def turn(self) -> None:
        """One call of the writer's in the reactor's thread."""
        self.calls.get(timeout=30)()

    def test_who_waits_is_told(self) -> None:
        self.store.start()
        for number in range(20):
            self.store.put(number, b"x")
            waiting = self.waiting()
            while not waiting.called:
                self.turn()
            self.successResultOf(waiting)
            self.assertIn(number, self.records())
        self.store.stop()

    def test_what_nobody_waits_for_is_written_too(self) -> None:
        self.store.start()
        self.store.put(1, b"one")
        self.turn()
        self.assertEqual(self.records(), {1: b"one"})
        self.store.stop()

    def test_a_full_disk_is_tried_again_and_again(self) -> None:
        self.fill_disk()
        with patch.object(filestore, "RETRY", 0.001):
            self.store.start()
            self.store.put(1, b"one")
            waiting = self.waiting()
            self.turn()
            self.failureResultOf(waiting, Refused)
            self.turn()
            self.make_room()
            while self.store._failing:
                self.turn()
            self.store.stop()
        self.assertEqual(self.records(), {1: b"one"})

    def test_stopping_writes_the_rest(self) -> None:
        self.store.start()
        self.store.put(1, b"one")
        waiting = self.waiting()
        self.store.put(2, b"two")
        self.store.stop()
        self.successResultOf(waiting)
        self.assertEqual(self.records(), {1: b"one", 2: b"two"})

    def test_it_compacts_while_records_come(self) -> None:
        with patch("lobbyd.lobbylog.FLOOR", 1000):
            self.store.start()
            for number in range(200):
                self.store.put(number % 7, b"%d" % number * 50)
                waiting = self.waiting()
                while not waiting.called:
                    self.turn()
            self.store.stop()
        expected = {n % 7: b"%d" % n * 50 for n in range(200)}
        self.assertEqual(self.records(), expected)
        self.assertLess(self.path.stat().st_size, 10_000)
