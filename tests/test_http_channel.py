"""Deadlines and bounds of HTTP connections, in memory and in virtual time."""

from __future__ import annotations

import tempfile
from itertools import pairwise
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.http import channel, site
from lobbyd.http.channel import CLOSE, HEADERS, IDLE, MOST_UNREAD, TAKE, WHOLE
from lobbyd.http.turns import BUDGET

from . import http_memory
from .http_memory import Answer, Connection, HttpServer, answers

GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
STEP = 0.25


def post(body: bytes, length: int | None = None) -> bytes:
    size = len(body) if length is None else length
    return (
        b"POST /lobbies HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % size + body
    )


class ChannelCase(SynchronousTestCase):
    settings: dict[str, Any] = {}

    def setUp(self) -> None:
        self.server = HttpServer(**self.settings)
        self.clock = self.server.reactor

    def trickle(self, connection: Connection, data: bytes, every: float = STEP) -> float:
        """Send a byte at a time until the server closes; returns the seconds that it took."""
        began = self.clock.seconds()
        for place in range(len(data)):
            if connection.closed:
                break
            connection.send(data[place : place + 1])
            self.clock.advance(every)
        self.assertTrue(connection.closed, "the bytes ran out first")
        return self.clock.seconds() - began

    def until_closed(self, connection: Connection) -> float:
        began = self.clock.seconds()
        while not connection.closed:
            self.clock.advance(STEP)
            self.assertLess(self.clock.seconds() - began, 60, "it is never closed")
        return self.clock.seconds() - began

    def assertTimedOut(self, connection: Connection) -> None:
        (answer,) = answers(connection.written)
        self.assertEqual((answer.status, answer.json["code"]), (408, "request_timeout"))
        self.assertEqual(answer.headers["connection"], "close")


class DeadlineTests(ChannelCase):
    def test_a_connection_that_says_nothing(self) -> None:
        connection = self.server.connect()
        self.assertEqual(self.until_closed(connection), HEADERS)
        self.assertEqual(connection.written, b"")

    def test_bytes_do_not_put_off_the_deadline_of_the_headers(self) -> None:
        connection = self.server.connect()
        head = b"GET /healthz HTTP/1.1\r\n" + b"X-A: 1\r\n" * 100
        self.assertEqual(self.trickle(connection, head, 0.125), HEADERS)
        self.assertTimedOut(connection)

    def test_a_first_line_that_never_ends(self) -> None:
        connection = self.server.connect()
        self.assertEqual(self.trickle(connection, b"GET /" + b"a" * 500), HEADERS)

    def test_bytes_do_not_put_off_the_deadline_of_the_body(self) -> None:
        connection = self.server.connect()
        self.clock.advance(2)
        connection.send(post(b"", 1000))
        self.assertEqual(2 + self.trickle(connection, b" " * 1000), WHOLE)
        self.assertTimedOut(connection)

    def test_chunks_do_not_put_off_the_deadline_of_the_body(self) -> None:
        connection = self.server.connect()
        connection.send(b"POST /lobbies HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        self.assertEqual(self.trickle(connection, b"1\r\n \r\n" * 100), WHOLE)
        self.assertTimedOut(connection)

    def test_a_request_in_time_is_answered(self) -> None:
        connection = self.server.connect()
        connection.send(post(b"", 2))
        self.clock.advance(WHOLE - STEP)
        connection.send(b"{}")
        self.assertEqual(answers(connection.written)[0].status, 201)
        self.assertFalse(connection.closed)

    def test_an_idle_connection_ends_without_an_answer(self) -> None:
        connection = self.server.connect()
        connection.send(GET)
        self.assertEqual(answers(connection.read())[0].status, 200)
        self.assertEqual(self.until_closed(connection), IDLE)
        self.assertEqual(connection.written, b"")

    def test_a_second_request_has_its_own_deadlines(self) -> None:
        connection = self.server.connect()
        self.clock.advance(HEADERS - STEP)
        connection.send(GET)
        self.clock.advance(IDLE - STEP)
        connection.read()
        self.assertEqual(self.trickle(connection, GET[:-4] + b"\r\nX: 1" * 50), HEADERS)

    def test_the_end_of_a_pipelined_request_is_waited_for_as_long(self) -> None:
        """Its beginning came together with the one before it."""
        connection = self.server.connect()
        connection.send(GET + GET[:24])
        self.assertEqual(answers(connection.read())[0].status, 200)
        self.assertEqual(self.trickle(connection, b"a: b\r\n" * 100), HEADERS)
        self.assertTimedOut(connection)

    def test_pipelined_requests_are_all_answered(self) -> None:
        connection = self.server.connect()
        connection.send(GET * 20)
        self.assertEqual([a.status for a in answers(connection.written)], [200] * 20)

    def test_http_1_0_is_closed_after_its_answer(self) -> None:
        connection = self.server.connect()
        connection.send(b"GET /healthz HTTP/1.0\r\n\r\n")
        self.assertEqual(answers(connection.written)[0].status, 200)
        self.assertTrue(connection.closed)

    def test_http_1_0_has_the_same_deadlines(self) -> None:
        connection = self.server.connect()
        connection.send(b"POST /lobbies HTTP/1.0\r\nContent-Length: 999\r\n\r\n")
        self.assertEqual(self.trickle(connection, b" " * 999), WHOLE)

    def test_a_closed_connection_that_stays_is_cut(self) -> None:
        connection = self.server.connect()
        self.until_closed(connection)
        self.assertFalse(connection.cut)
        self.clock.advance(CLOSE)
        self.assertTrue(connection.cut)

    def test_no_timer_outlives_a_connection(self) -> None:
        for sent in (b"", GET, GET[:20], post(b"", 9), GET * 3 + GET[:9], b"\0\r\n\r\n"):
            connection = self.server.connect()
            connection.send(sent)
            self.clock.advance(0)
            if not connection.closed:
                connection.stall()
            connection.lose()
            self.clock.advance(0)
            self.assertEqual(self.clock.getDelayedCalls(), [], sent)
        self.assertEqual(self.server.site.connections, 0)

    def test_requests_on_one_connection_are_counted(self) -> None:
        self.patch(channel, "MOST_REQUESTS", 3)
        connection = self.server.connect()
        connection.send(GET * 5)
        given = answers(connection.written)
        self.assertEqual([a.headers.get("connection") for a in given], [None, None, "close"])
        self.assertTrue(connection.closed)


class TakingTests(ChannelCase):
    def test_who_does_not_take_the_answer_is_cut(self) -> None:
        connection = self.server.connect()
        connection.send(GET)
        connection.stall()
        self.clock.advance(min(TAKE, IDLE) - STEP)
        self.assertFalse(connection.closed)
        self.clock.advance(TAKE)
        self.assertTrue(connection.cut)

    def test_requests_of_who_does_not_take_answers_are_not_read(self) -> None:
        connection = self.server.connect()
        connection.stall()
        self.assertEqual(connection.reading, False)
        connection.drain()
        self.assertEqual(connection.reading, True)

    def test_answers_do_not_pile_up_for_who_does_not_take_them(self) -> None:
        """Not even those to requests that came together with one that was answered."""
        connection = self.server.connect()
        connection.send(GET)
        connection.read()
        connection.stall()
        connection.send(GET * 3)
        self.clock.advance(1)
        self.assertEqual(connection.read(), b"")
        connection.drain()
        self.assertEqual([a.status for a in answers(connection.read())], [200] * 3)

    def test_an_answer_that_is_kept_back_goes_with_its_connection(self) -> None:
        connection = self.server.connect()
        connection.stall()
        connection.send(GET)
        connection.lose()
        self.clock.advance(0)
        self.assertEqual(self.server.site.connections, 0)
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_who_takes_it_in_time_is_kept(self) -> None:
        connection = self.server.connect()
        connection.send(GET)
        connection.stall()
        self.clock.advance(10)
        connection.drain()
        connection.send(GET)
        self.clock.advance(TAKE - 10)
        self.assertFalse(connection.cut)


class BodyTests(ChannelCase):
    def test_no_body_makes_a_temporary_file(self) -> None:
        made: list[Any] = []
        for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
            self.patch(tempfile, name, lambda *a, **k: made.append(a))
        for body in (b"{}", b" " * 16385, b" " * 200_000):
            self.server.raw(post(body))
            chunks = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
            self.server.raw(b"POST /lobbies HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", chunks)
        self.assertEqual(made, [])

    def test_the_cap_holds_while_chunks_arrive(self) -> None:
        connection = self.server.connect()
        connection.send(b"POST /lobbies HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(50):
            connection.send(b"400\r\n" + b" " * 1024 + b"\r\n")
            self.assertLessEqual(connection.kept, site.MAX_BODY)


class BoundTests(ChannelCase):
    def told(self, connection: Connection) -> Answer:
        (answer,) = answers(connection.written)
        self.assertTrue(connection.closed)
        return answer

    def test_connections_of_one_address(self) -> None:
        held = [self.server.connect() for _ in range(site.MAX_CONNECTIONS_OF_ONE)]
        refused = self.told(self.server.connect())
        self.assertEqual((refused.status, refused.json["code"]), (429, "rate_limited"))
        self.assertIn("retry-after", refused.headers)
        self.assertFalse(self.server.connect("198.51.100.8").closed)
        held.pop().lose()
        self.assertFalse(self.server.connect().closed)

    def test_ipv6_addresses_count_by_64(self) -> None:
        for number in range(site.MAX_CONNECTIONS_OF_ONE):
            self.server.connect(f"2001:db8::{number:x}:1")
        self.assertTrue(self.server.connect("2001:db8::9").closed)
        self.assertFalse(self.server.connect("2001:db8:0:1::9").closed)

    def test_connections_in_all(self) -> None:
        self.server.site._in_all = 3
        held = [self.server.connect(f"198.51.100.{n}") for n in range(3)]
        refused = self.told(self.server.connect("198.51.100.9"))
        self.assertEqual((refused.status, refused.json["code"]), (503, "server_busy"))
        held[0].lose()
        self.assertFalse(self.server.connect("198.51.100.9").closed)

    def test_who_was_turned_away_and_stays_is_cut(self) -> None:
        self.server.site._in_all = 0
        connection = self.server.connect()
        self.assertFalse(connection.cut)
        self.clock.advance(2)
        self.assertTrue(connection.cut)

    def test_who_was_turned_away_leaves_no_timer(self) -> None:
        self.server.site._in_all = 0
        self.server.connect().lose()
        self.assertEqual(self.clock.getDelayedCalls(), [])

    def test_shutting_closes_every_connection_once(self) -> None:
        connections = [self.server.connect() for _ in range(3)]
        connections[0].send(b"\0\r\n\r\n")
        self.server.site.shut()
        self.assertTrue(all(connection.closed for connection in connections))


class ProxyTests(ChannelCase):
    settings = {"trusted_proxies": "198.51.100.0/24"}

    def test_a_trusted_proxy_has_as_many_as_it_likes(self) -> None:
        connections = [self.server.connect() for _ in range(site.MAX_CONNECTIONS_OF_ONE + 1)]
        self.assertFalse(connections[-1].closed)


class CorsTests(ChannelCase):
    settings = {"cors_origins": "https://a.example, https://b.example"}
    origin: dict[str, str | bytes] = {"Origin": "https://a.example"}

    def test_an_answer_names_the_origin(self) -> None:
        headers = self.server.request("GET", "/healthz", headers=self.origin).headers
        self.assertEqual(headers["access-control-allow-origin"], "https://a.example")
        self.assertEqual(headers["vary"], "Origin")
        self.assertNotIn("access-control-allow-credentials", headers)
        exposed = headers["access-control-expose-headers"].split(", ")
        for name in ("ETag", "Location", "Retry-After", "RateLimit", "RateLimit-Policy"):
            self.assertIn(name, exposed)

    def test_so_do_refusals_of_every_kind(self) -> None:
        origin = b"Origin: https://a.example\r\n"
        connection = self.server.connect()
        connection.send(b"GET /healthz HTTP/1.1\r\n" + origin + b"Host: a\r\n")
        self.clock.advance(HEADERS)
        huge = b"POST /lobbies HTTP/1.1\r\n" + origin + b"Content-Length: 9999999\r\n\r\n"
        refusals = {
            404: self.server.request("GET", "/nothing", headers=self.origin),
            405: self.server.request("PUT", "/lobbies", headers=self.origin),
            400: self.server.request("POST", "/lobbies", b"{", headers=self.origin),
            408: answers(connection.written)[0],
            413: answers(self.server.raw(huge))[0],
        }
        for status, answer in refusals.items():
            self.assertEqual(answer.status, status)
            allowed = answer.headers.get("access-control-allow-origin")
            self.assertEqual(allowed, "https://a.example", status)
            self.assertEqual(answer.headers["vary"], "Origin")

    def test_another_origin_is_not_allowed(self) -> None:
        for origin in ("https://c.example", "http://a.example", "https://a.example:444", "null"):
            headers = self.server.request("GET", "/healthz", headers={"Origin": origin}).headers
            self.assertNotIn("access-control-allow-origin", headers)
            self.assertEqual(headers["vary"], "Origin")

    def test_an_answer_without_an_origin_varies_too(self) -> None:
        self.assertEqual(self.server.get("/healthz").headers["vary"], "Origin")

    def test_a_preflight(self) -> None:
        asked: dict[str, str | bytes] = {**self.origin, "Access-Control-Request-Method": "PATCH"}
        answer = self.server.request("OPTIONS", "/lobbies/TEST", headers=asked)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(answer.headers["access-control-allow-origin"], "https://a.example")
        methods = answer.headers["access-control-allow-methods"].split(", ")
        self.assertEqual(set(methods), {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})
        allowed = answer.headers["access-control-allow-headers"].lower().split(", ")
        needed = "authorization content-type idempotency-key if-match last-event-id"
        self.assertEqual(set(allowed), {*needed.split(), "lobbyd-client-key"})
        self.assertIn("access-control-max-age", answer.headers)

    def test_methods_of_the_api_are_all_allowed(self) -> None:
        asked: dict[str, str | bytes] = {**self.origin, "Access-Control-Request-Method": "GET"}
        answer = self.server.request("OPTIONS", "/lobbies", headers=asked)
        allowed = answer.headers["access-control-allow-methods"].split(", ")
        self.assertEqual({route.method for route in self.server.api.table} - set(allowed), set())

    def test_the_preflight_of_another_origin_is_an_odd_method(self) -> None:
        asked: dict[str, str | bytes] = {
            "Origin": "https://c.example",
            "Access-Control-Request-Method": "POST",
        }
        answer = self.server.request("OPTIONS", "/lobbies", headers=asked)
        self.assertEqual(answer.json["code"], "method_not_allowed")
        self.assertNotIn("access-control-allow-methods", answer.headers)


class NoCorsTests(ChannelCase):
    def test_without_the_setting_there_is_none(self) -> None:
        asked: dict[str, str | bytes] = {
            "Origin": "https://a.example",
            "Access-Control-Request-Method": "GET",
        }
        for method, status in (("GET", 200), ("OPTIONS", 405)):
            answer = self.server.request(method, "/healthz", headers=asked)
            self.assertEqual(answer.status, status)
            names = [n for n in answer.headers if n.startswith("access-control") or n == "vary"]
            self.assertEqual(names, [])


class AllOriginsTests(ChannelCase):
    settings = {"cors_origins": "*"}

    def test_a_star_is_for_everybody(self) -> None:
        headers = self.server.request("GET", "/healthz", headers={"Origin": "null"}).headers
        self.assertEqual(headers["access-control-allow-origin"], "*")
        self.assertNotIn("vary", headers)


class TimerTests(ChannelCase):
    """A deadline costs a timer only where something is waited for."""

    def timers(self) -> int:
        return len(self.clock.getDelayedCalls())

    def test_requests_in_one_piece_need_no_timers(self) -> None:
        """One for the connection is enough for all of them."""
        made: list[float] = []
        later = self.clock.callLater

        def counted(delay: float, *args: Any) -> Any:
            made.append(delay)
            return later(delay, *args)

        self.patch(self.clock, "callLater", counted)
        connection = self.server.connect()
        for _ in range(20):
            connection.send(GET)
        self.assertEqual(len(answers(connection.read())), 20)
        self.assertEqual([delay for delay in made if delay], [HEADERS])

    def test_a_deadline_is_kept_behind_the_timer_of_an_earlier_one(self) -> None:
        """The timer of the first request is set for less than the time of idleness."""
        connection = self.server.connect()
        connection.send(GET)
        self.clock.advance(1)
        connection.send(GET)
        self.assertEqual(self.until_closed(connection), IDLE)

    def test_an_earlier_deadline_takes_the_place_of_a_later_one(self) -> None:
        connection = self.server.connect()
        connection.send(GET)
        self.clock.advance(HEADERS + 1)
        connection.send(GET[:10])
        self.assertEqual(self.until_closed(connection), HEADERS)

    def test_nothing_is_left_of_a_connection_that_is_gone(self) -> None:
        for sent in (b"", GET, GET[:10], post(b"", 10)):
            connection = self.server.connect()
            connection.send(sent)
            connection.lose()
            self.clock.advance(0)
            self.clock.advance(0)
            self.assertEqual(self.timers(), 0, sent)


class BusyClock(Clock):
    """A clock by which everything takes time, and that runs what was due when a turn began."""

    LOOK = 0.00025
    """Seconds from one look at the clock to the next."""

    def seconds(self) -> float:
        self.rightNow += self.LOOK
        return self.rightNow

    def turn(self) -> None:
        """One turn of a reactor."""
        now = self.rightNow
        due = [call for call in self.calls if call.time <= now]
        self.calls = [call for call in self.calls if call.time > now]
        for call in due:
            if call.active():
                call.called = 1
                call.func(*call.args, **call.kw)
        self.rightNow = max(self.rightNow, now + self.LOOK)


class UnreadTests(SynchronousTestCase):
    """What comes while there is no time waits, and is read in order."""

    def setUp(self) -> None:
        self.patch(http_memory, "Clock", BusyClock)
        self.server = HttpServer()
        self.clock: Any = self.server.reactor
        self.turns = self.server.site.turns

    def test_a_turn_reads_no_more_than_there_is_time_for(self) -> None:
        """Of requests that came at once on 48 connections."""
        connections = [self.server.connect(f"198.51.100.{n}") for n in range(48)]
        for connection in connections:
            connection.send(GET)
        work = [0, self.work(connections)]
        while work[-1] < 2 * len(connections):
            self.clock.turn()
            work.append(self.work(connections))
            self.assertLess(len(work), 400)
        steps = [after - before for before, after in pairwise(work)]
        # each reading and each answer looks at the clock once at least
        self.assertLessEqual(max(steps), BUDGET / BusyClock.LOOK + 1)

    def work(self, connections: list[Connection]) -> int:
        """Requests that were read, and those that were answered."""
        return sum(2 * bool(c.written) + c.begun for c in connections)

    def occupied(self) -> None:
        """Take all time of this turn."""

        def work() -> None:
            self.clock.rightNow += BUDGET

        self.turns.run(b"other", work)

    def test_pieces_that_wait_are_read_in_order(self) -> None:
        self.occupied()
        connection = self.server.connect()
        whole = post(b'{"name": "In order"}') + GET
        for place in range(0, len(whole), 7):
            connection.send(whole[place : place + 7])
        self.assertEqual(connection.written, b"")
        for _ in range(40):
            self.clock.turn()
        made, well = answers(connection.written)
        self.assertEqual((made.status, made.json["lobby"]["name"]), (201, "In order"))
        self.assertEqual(well.json, {"status": "ok"})

    def test_no_more_is_taken_than_may_wait(self) -> None:
        self.occupied()
        connection = self.server.connect()
        connection.send(post(b"", 70_000))
        for _ in range(69):
            self.assertTrue(connection.reading)
            connection.send(b" " * 1000)
            if not connection.reading:
                break
        self.assertFalse(connection.reading)
        for _ in range(10):
            self.clock.turn()
        self.assertTrue(connection.reading)
        connection.send(b" " * 70_000)
        for _ in range(10):
            self.clock.turn()
        (answer,) = answers(connection.written)
        self.assertEqual(answer.status, 413)

    def waited(self) -> Connection:
        """One with a GET that came in time, and whose deadline passed while it waited."""

        def long() -> None:
            self.clock.rightNow += HEADERS + 1

        self.turns.run(b"a", long)
        connection = self.server.connect()
        self.turns.run(b"b", long)
        connection.send(GET)
        for _ in range(100):
            self.clock.turn()
        return connection

    def test_what_came_in_time_is_no_timeout(self) -> None:
        (answer,) = answers(self.waited().written)
        self.assertEqual(answer.status, 200)

    def test_a_deadline_that_waited_leaves_one_timer(self) -> None:
        """Its request was read and answered before it had its turn."""
        connection = self.waited()
        self.assertEqual(len(answers(connection.written)), 1)
        self.assertEqual(sum(call.active() for call in self.clock.calls), 1)
        connection.lose()
        self.assertEqual(sum(call.active() for call in self.clock.calls), 0)

    def test_one_large_piece_is_not_followed_by_another(self) -> None:
        self.occupied()
        connection = self.server.connect()
        connection.send(post(b" " * MOST_UNREAD, 70_000))
        self.assertFalse(connection.reading)

    def test_a_client_that_is_gone_is_not_answered(self) -> None:
        self.occupied()
        connection = self.server.connect()
        connection.send(post(b"{}"))
        connection.lose()
        for _ in range(10):
            self.clock.turn()
        self.assertEqual((connection.written, len(self.server.lobbies.by_id)), (b"", 0))
