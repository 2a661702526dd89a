"""The Python client's event streams: reading them in any pieces, and following them."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectionRefusedError
from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.problem import LobbydProblem
from lobbyd.client.sse import EventParser, ServerEvent
from lobbyd.client.waiting import Inbox, TookTooLong, bounded

from .client_agent import Outcome, Response, Silence, client, problem
from .test_client_http import seated

STREAM = (
    'retry: 3000\n\n:\n\nevent: state\nid: 7\ndata: {"name": "Grüße"}\n\n'
    "event: chat\r\nid: 8\r\ndata: [1,\r\ndata: 2]\r\n\r\n"
    'data: "no name"\n\nevent: empty\nid: 9\n\nunknown: x\ndata: not JSON\n\n'
).encode()
EVENTS = [
    ServerEvent("state", {"name": "Grüße"}, "7"),
    ServerEvent("chat", [1, 2], "8"),
    ServerEvent("message", "no name", "8"),
    ServerEvent("message", "not JSON", "9"),
]


def event(name: str, number: int, data: str = "{}") -> bytes:
    return f"event: {name}\nid: {number}\ndata: {data}\n\n".encode()


def opened(*events: bytes) -> Response:
    """A stream that stays open."""
    return Response(200, raw=b"retry: 3000\n\n" + b"".join(events), stays=True)


class ParserTests(SynchronousTestCase):
    def test_in_one_piece(self) -> None:
        parser = EventParser()
        self.assertEqual(parser.feed(STREAM), EVENTS)
        self.assertEqual((parser.last_id, parser.retry), ("9", 3.0))

    def test_in_pieces_of_every_size(self) -> None:
        for size in range(1, 20):
            parser = EventParser()
            found = []
            for at in range(0, len(STREAM), size):
                found += parser.feed(STREAM[at : at + size])
            self.assertEqual(found, EVENTS)

    def test_a_torn_event_is_dropped_and_the_id_stays(self) -> None:
        parser = EventParser()
        parser.feed(b"id: 4\ndata: 1\n\nevent: torn\ndata: {\xc3")
        parser.begin()
        self.assertEqual(parser.feed(b"data: 2\n\n"), [ServerEvent("message", 2, "4")])

    def test_what_is_no_retry_is_ignored(self) -> None:
        parser = EventParser()
        parser.feed(b"retry: soon\n\nretry: -1\n\nretry: \xc2\xb2\n\n")
        self.assertIs(parser.retry, None)


class FollowTests(SynchronousTestCase):
    def start(self, *answers: Any) -> None:
        made, self.script, self.clock = seated(*answers)
        self.stream = made.lobby_events()
        self.seen: list[str] = []

        async def follow() -> None:
            async for told in self.stream:
                self.seen.append(told.event)

        self.outcome = Outcome(follow())

    @property
    def over(self) -> bool:
        return self.outcome.deferred.called

    def test_events_come_as_they_are_sent(self) -> None:
        stream = opened(event("state", 1))
        self.start(stream)
        self.assertEqual(self.seen, ["state"])
        stream.feed(event("chat", 2))
        self.assertEqual(self.seen, ["state", "chat"])
        [sent] = self.script.sent
        self.assertEqual(sent.url, "http://game.example:8080/lobbies/ABCD/events")
        self.assertEqual(sent.header("authorization"), "Bearer tok")
        self.assertEqual(sent.header("accept"), "text/event-stream")
        self.assertIs(sent.header("last-event-id"), None)

    def test_it_comes_back_when_and_where_the_server_says(self) -> None:
        first = opened(event("state", 1), event("chat", 5))
        self.start(first, opened(event("chat", 6)))
        first.end()
        self.clock.pump([0.1] * 29)
        self.assertEqual(len(self.script.sent), 1)
        self.clock.pump([0.1] * 2)
        self.assertEqual(self.script.sent[1].header("last-event-id"), "5")
        self.assertEqual(self.seen, ["state", "chat", "chat"])

    def test_a_broken_connection_is_no_end(self) -> None:
        first = opened(event("state", 1))
        refusals = [ConnectionRefusedError(), problem(503, "server_busy", retry_after=5)]
        self.start(first, *refusals, opened(event("chat", 2)))
        first.end(ConnectionResetError())
        self.clock.pump([0.1] * 120)
        self.assertEqual(self.seen, ["state", "chat"])
        busy, last = self.script.sent[2:]
        self.assertGreaterEqual(last.at - busy.at, 5.0)

    def test_it_ends_with_the_lobby(self) -> None:
        stream = opened(event("state", 1), event("closed", 2))
        self.start(stream)
        self.assertTrue(self.over)
        self.assertEqual((self.seen, self.outcome.error), (["state", "closed"], None))
        stream.end()
        self.clock.advance(100)
        self.assertEqual(len(self.script.sent), 1)

    def test_it_ends_with_the_seat(self) -> None:
        for gone in (problem(401, "token_invalid"), problem(404, "lobby_not_found")):
            first = opened(event("state", 1))
            self.start(first, gone)
            first.end()
            self.clock.advance(4)
            self.assertTrue(self.over)
            self.assertIs(self.outcome.error, None)

    def test_a_refusal_from_the_beginning_is_raised(self) -> None:
        for status, code in ((401, "token_invalid"), (404, "lobby_not_found")):
            self.start(problem(status, code))
            self.assertEqual(self.outcome.error.code, code)

    def test_no_server_from_the_beginning_is_raised_after_four_tries(self) -> None:
        self.start(*[ConnectionRefusedError()] * 4)
        self.clock.pump([0.1] * 30)
        self.assertEqual((self.outcome.error.code, len(self.script.sent)), ("no_answer", 4))

    def test_a_silent_connection_is_left_for_a_new_one(self) -> None:
        first = opened(event("state", 1))
        self.start(first, opened(event("chat", 2)))
        for _ in range(5):
            self.clock.pump([1.0] * 15)
            first.feed(b":\n\n")
        self.assertFalse(first.closed)
        self.clock.pump([1.0] * 44)
        self.assertFalse(first.closed)
        self.clock.pump([1.0] * 5)
        self.assertTrue(first.closed)
        self.assertEqual(self.seen, ["state", "chat"])

    def test_closing_ends_it_for_good(self) -> None:
        first = opened(event("state", 1))
        self.start(first)
        self.stream.close()
        self.assertTrue(first.closed and self.over)
        self.assertIs(self.outcome.error, None)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_closing_while_it_waits_to_come_back(self) -> None:
        first = opened(event("state", 1))
        self.start(first)
        first.end()
        self.stream.close()
        self.assertTrue(self.over)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_an_answer_that_does_not_come_is_given_up(self) -> None:
        silence = Silence()
        self.start(silence, opened(event("state", 1)))
        self.clock.pump([0.1] * 45)
        self.assertTrue(silence.cancelled)
        self.assertEqual(self.seen, ["state"])

    def test_the_list_needs_no_seat(self) -> None:
        made, script, _ = client(opened(event("ready", 1)))
        outcome = Outcome(made.list_events(game="duel").__anext__())
        self.assertEqual(outcome.result.event, "ready")
        self.assertEqual(script.sent[0].url, "http://game.example:8080/lobbies/events?game=duel")
        self.assertIs(script.sent[0].header("authorization"), None)


class InboxTests(SynchronousTestCase):
    def test_items_wait_for_their_taker_and_it_for_them(self) -> None:
        inbox = Inbox()
        inbox.put(1)
        self.assertEqual(Outcome(inbox.take()).result, 1)
        waiting = Outcome(inbox.take())
        self.assertFalse(waiting.deferred.called)
        inbox.put(2)
        self.assertEqual((waiting.result, len(inbox)), (2, 0))

    def test_what_came_before_the_end_is_still_taken(self) -> None:
        inbox = Inbox()
        inbox.put(1)
        inbox.end(LobbydProblem("over"))
        inbox.put(2)
        self.assertEqual(Outcome(inbox.take()).result, 1)
        self.assertEqual(Outcome(inbox.take()).error.code, "over")

    def test_one_waits_at_a_time(self) -> None:
        inbox = Inbox()
        first = Outcome(inbox.take())
        self.assertIsInstance(Outcome(inbox.take()).error, RuntimeError)
        first.deferred.cancel()
        self.assertIsInstance(first.error, CancelledError)
        inbox.put(1)
        self.assertEqual(Outcome(inbox.take()).result, 1)


class BoundedTests(SynchronousTestCase):
    def test_a_result_or_a_failure_in_time(self) -> None:
        clock = Clock()
        good: Deferred[int] = Deferred()
        bounded_good = bounded(clock, good, 1.0)
        good.callback(3)
        self.assertEqual(self.successResultOf(bounded_good), 3)
        bad: Deferred[int] = Deferred()
        bounded_bad = bounded(clock, bad, 1.0)
        bad.errback(ValueError())
        self.failureResultOf(bounded_bad, ValueError)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_too_late(self) -> None:
        clock, work = Clock(), Silence()
        late = bounded(clock, work, 1.0)
        clock.advance(0.99)
        self.assertNoResult(late)
        clock.advance(0.02)
        self.failureResultOf(late, TookTooLong)
        self.assertTrue(work.cancelled)
