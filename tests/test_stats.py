"""What is said of dropped datagrams."""

from __future__ import annotations

from collections import Counter
from typing import Any, cast

from twisted.logger import ILogObserver, globalLogPublisher
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.stats import DropReport
from lobbyd.testing import FakePort, World
from lobbyd.udp import RelayProtocol

EVERY, LEAST = DropReport.EVERY, DropReport.LEAST


class DropReportTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.report = DropReport()

    def test_nothing_is_said_of_nothing(self) -> None:
        self.assertEqual(self.report.due(Counter(), 0.0), [])

    def test_a_few_wait_until_they_are_more(self) -> None:
        self.assertEqual(self.report.due(Counter(a=LEAST - 1), 0.0), [])
        self.assertEqual(self.report.due(Counter(a=LEAST), 500.0), [("a", LEAST)])

    def test_each_reason_has_one_line_an_interval(self) -> None:
        self.assertEqual(self.report.due(Counter(a=100, b=50), 0.0), [("a", 100), ("b", 50)])
        self.assertEqual(self.report.due(Counter(a=9000, b=50), EVERY - 0.1), [])
        self.assertEqual(self.report.due(Counter(a=9000, b=51), EVERY), [("a", 8900)])
        self.assertEqual(self.report.due(Counter(a=9000, b=60), EVERY), [("b", 10)])


class LogTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World(seed=1)
        self.protocol = RelayProtocol(self.world.relay, lambda: self.world.now)
        self.port = FakePort(9000, self.protocol, "")
        self.events: list[dict[str, Any]] = []
        observer = cast(ILogObserver, self.events.append)
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def lines(self) -> list[tuple[str, int]]:
        return [(event["reason"], event["count"]) for event in self.events]

    def test_a_flood_of_a_minute_is_two_lines(self) -> None:
        for _ in range(12_500):
            self.world.now += 0.005
            self.protocol.datagramReceived(b"flood", ("203.0.113.5", 7))
            self.protocol.tick()
        reasons = [reason for reason, _ in self.lines()]
        self.assertEqual(reasons, ["bad_size", "bad_size"])
        told = sum(count for _, count in self.lines())
        self.assertLessEqual(told, self.world.stats.drops["bad_size"])
        self.assertGreater(told, 12_000)

    def test_nothing_that_a_stranger_sent_stands_in_it(self) -> None:
        for _ in range(LEAST):
            self.protocol.datagramReceived(b"\x1b[2J" * 10, ("203.0.113.5", 7))
        self.world.now += 2.0
        self.protocol.tick()
        self.assertEqual(self.lines(), [("not_ours", LEAST)])
        self.assertNotIn("\x1b", repr(self.events).encode().decode("unicode_escape"))

    def test_what_the_kernel_dropped_is_counted_and_said(self) -> None:
        lost = [3, 0, 20, 500, 1]
        self.patch(self.port, "dropped", lambda: lost.pop(0))
        for _ in range(5):
            self.world.now += 1.0
            self.protocol.tick()
        self.assertEqual(self.world.stats.counts["socket_drops"], 524)
        told = [event["count"] for event in self.events if "rmem_max" in event["log_format"]]
        self.assertEqual(told, [23])

    def test_a_server_that_loses_none_counts_none(self) -> None:
        self.world.now += 1.0
        self.protocol.tick()
        self.assertNotIn("socket_drops", self.world.stats.counts)
        self.assertEqual(self.events, [])
