"""The Python client's calls: retries, deadlines, idempotency, what goes wrong; no socket."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from twisted.internet.defer import CancelledError
from twisted.internet.error import ConnectionRefusedError, DNSLookupError
from twisted.python.failure import Failure
from twisted.trial.unittest import SynchronousTestCase
from twisted.web.client import ResponseNeverReceived

from lobbyd.client.http import MAX_ANSWER
from lobbyd.client.problem import LobbydProblem
from lobbyd.client.results import Lobby, joined_of, lobby_of, page_of
from lobbyd.client.retries import Retries
from lobbyd.wire.messages import ChatDown

from .client_agent import URL, Outcome, Response, Silence, client, forward, problem
from .http_memory import HttpServer

INFO = {"version": "1", "wire": 1, "udp": {}, "time": 1.0, "limits": {}}
REFUSED = ConnectionRefusedError()


def hung_up() -> ResponseNeverReceived:
    """A connection that broke before an answer came."""
    return ResponseNeverReceived([Failure(OSError("reset"))])


def seated(*answers: Any) -> tuple[Any, Any, Any]:
    """A client that holds a seat, and what it is answered afterwards."""
    made, script, clock = client(*answers)
    lobby = {"code": "ABCD", "players": []}
    player = {"player_id": 1, "slot": 0, "name": "Ann"}
    ticket = {"udp": {"host": "192.0.2.1", "port": 9000}}
    answer = {"lobby": lobby, "player": player, "player_token": "tok", "ticket": ticket}
    made.joined = joined_of(answer)
    return made, script, clock


class RetryTests(SynchronousTestCase):
    def test_without_a_server_it_tries_four_times_with_growing_gaps(self) -> None:
        made, script, clock = client(*[REFUSED] * 4)
        outcome = Outcome(made.get_info())
        clock.pump([0.01] * 300)
        self.assertEqual((outcome.error.code, outcome.error.attempts), ("no_answer", 4))
        gaps = [b.at - a.at for a, b in pairwise(script.sent)]
        for number, gap in enumerate(gaps):
            full = 0.25 * 2**number
            self.assertGreaterEqual(gap, full / 2)
            self.assertLessEqual(gap, full + 0.011)
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_it_succeeds_as_soon_as_there_is_an_answer(self) -> None:
        bad = [DNSLookupError(), Response(502, raw=b"<html>")]
        made, script, clock = client(*bad, Response(200, INFO))
        outcome = Outcome(made.get_info())
        clock.pump([0.01] * 100)
        self.assertEqual(outcome.result.version, "1")
        self.assertEqual(len(script.sent), 3)

    def test_retry_after_is_the_least(self) -> None:
        made, script, clock = client(
            problem(503, "server_busy", retry_after=2), Response(200, INFO)
        )
        outcome = Outcome(made.get_info())
        clock.pump([0.01] * 199)
        self.assertEqual(len(script.sent), 1)
        clock.pump([0.01] * 2)
        self.assertEqual(outcome.result.version, "1")

    def test_a_retry_beyond_the_deadline_is_not_waited_for(self) -> None:
        made, _script, clock = client(problem(503, "too_many_lobbies", retry_after=30))
        outcome = Outcome(made.create_lobby())
        self.assertEqual(outcome.error.code, "too_many_lobbies")
        self.assertEqual((outcome.error.status, outcome.error.retry_after), (503, 30))
        self.assertEqual(clock.getDelayedCalls(), [])

    def test_a_4xx_is_final(self) -> None:
        cases = ((400, "invalid_request"), (404, "lobby_not_found"), (409, "lobby_full"))
        for status, code in cases:
            made, script, clock = client(problem(status, code))
            outcome = Outcome(made.join_lobby("ABCD"))
            clock.advance(20)
            self.assertEqual((outcome.error.code, outcome.error.status), (code, status))
            self.assertEqual((outcome.error.detail, len(script.sent)), (f"about {code}", 1))

    def test_also_429_which_says_when_to_come_back(self) -> None:
        made, script, clock = client(problem(429, "rate_limited", retry_after=3))
        outcome = Outcome(made.join_lobby("ABCD"))
        clock.advance(20)
        self.assertEqual((outcome.error.code, outcome.error.retry_after), ("rate_limited", 3))
        self.assertEqual(len(script.sent), 1)

    def test_a_500_is_final(self) -> None:
        made, script, clock = client(problem(500, "internal_error"))
        outcome = Outcome(made.get_info())
        clock.advance(20)
        self.assertEqual((outcome.error.code, len(script.sent)), ("internal_error", 1))

    def test_a_silent_server_is_given_up_and_asked_again(self) -> None:
        silences = [Silence() for _ in range(3)]
        made, script, clock = client(*silences)
        outcome = Outcome(made.get_info())
        clock.pump([0.01] * 399)
        self.assertEqual(len(script.sent), 1)
        clock.pump([0.01] * 650)
        self.assertEqual(outcome.error.code, "timeout")
        self.assertTrue(all(silence.cancelled for silence in silences[: len(script.sent)]))
        self.assertEqual(clock.getDelayedCalls(), [])
        # 4 s, 4 s, and what is left of 10 s
        self.assertEqual(len(script.sent), 3)
        self.assertLessEqual(clock.seconds(), 10.5)

    def test_a_body_that_stops_counts_as_no_answer(self) -> None:
        made, _, clock = client(Response(200, raw=b'{"ver', stays=True), Response(200, INFO))
        outcome = Outcome(made.get_info())
        clock.pump([0.01] * 430)
        self.assertEqual(outcome.result.version, "1")

    def test_the_times_can_be_set(self) -> None:
        retries = Retries(attempts=2, deadline=3.0, attempt=1.0, backoff=0.1)
        made, script, clock = client(Silence(), Silence(), retries=retries)
        outcome = Outcome(made.get_info())
        clock.pump([0.01] * 220)
        self.assertEqual((outcome.error.attempts, len(script.sent)), (2, 2))

    def test_the_longest_wait_is_the_jitters_end(self) -> None:
        retries = Retries()
        self.assertEqual([retries.wait(n, 0.0, 1.0) for n in (1, 2, 3)], [0.25, 0.5, 1.0])
        self.assertEqual([retries.wait(n, 0.0, 0.0) for n in (1, 2, 3)], [0.125, 0.25, 0.5])
        self.assertEqual(retries.wait(1, 7.0, 1.0), 7.0)


class OnceTests(SynchronousTestCase):
    """What must not happen twice is not asked for twice."""

    def test_chat_is_not_repeated_when_the_answer_is_lost(self) -> None:
        for lost in (hung_up(), Response(504, raw=b"")):
            made, script, clock = seated(lost)
            outcome = Outcome(made.say("hello"))
            clock.pump([0.1] * 110)
            self.assertEqual((outcome.error.code, len(script.sent)), ("no_answer", 1))

    def test_nor_when_it_does_not_come_in_time(self) -> None:
        made, script, clock = seated(Silence())
        outcome = Outcome(made.kick(2))
        clock.pump([0.1] * 110)
        self.assertEqual((outcome.error.code, len(script.sent)), ("timeout", 1))

    def test_it_is_repeated_where_it_certainly_did_not_arrive(self) -> None:
        for failed in (REFUSED, problem(503, "server_busy")):
            made, script, clock = seated(failed, Response(204))
            outcome = Outcome(made.say("hello"))
            clock.pump([0.1] * 10)
            self.assertIs(outcome.error, None)
            self.assertEqual(len(script.sent), 2)

    def test_a_change_with_a_version_is_not_repeated_and_one_without_is(self) -> None:
        changed = Response(200, {"lobby": {"code": "ABCD"}}, etag='"2"')
        made, script, clock = seated(hung_up(), changed)
        outcome = Outcome(made.change_lobby(match='"1"', name="New"))
        clock.pump([0.1] * 20)
        self.assertEqual((outcome.error.code, len(script.sent)), ("no_answer", 1))
        self.assertEqual(script.sent[0].header("if-match"), '"1"')
        made, script, clock = seated(hung_up(), changed)
        outcome = Outcome(made.change_lobby(name="New"))
        clock.pump([0.1] * 20)
        self.assertEqual((outcome.result.etag, len(script.sent)), ('"2"', 2))
        self.assertEqual(script.sent[1].json, {"name": "New"})

    def test_all_attempts_of_a_join_have_one_key_and_the_next_join_another(self) -> None:
        made, script, clock = client(hung_up(), REFUSED, *[problem(409, "lobby_full")] * 2)
        Outcome(made.join_lobby("ABCD", "Ann"))
        clock.pump([0.1] * 20)
        Outcome(made.join_lobby("ABCD", "Ann"))
        first, second, third, other = (sent.header("idempotency-key") for sent in script.sent)
        self.assertEqual(first, second)
        self.assertEqual(second, third)
        self.assertNotEqual(third, other)
        self.assertGreaterEqual(len(other or ""), 16)
        self.assertEqual({sent.body for sent in script.sent}, {b'{"name": "Ann"}'})

    def test_lost_answers_make_no_second_seat(self) -> None:
        """Against the server's own core: it did what was asked, and nobody heard of it."""
        server = HttpServer()
        lost = [forward(server, then=hung_up()), forward(server)]
        made, _, clock = client(*lost * 3)
        created = Outcome(made.create_lobby(max_players=8, player={"name": "Ann"}))
        clock.pump([0.1] * 5)
        [lobby] = server.lobbies.by_code.values()
        self.assertEqual((created.result.lobby.code, lobby.member_count), (lobby.code, 1))
        joined = Outcome(made.join_lobby(lobby.code, "Bob"))
        clock.pump([0.1] * 5)
        self.assertEqual((joined.result.player.player_id, lobby.member_count), (2, 2))
        quick = Outcome(made.quick_join(player={"name": "Cid"}))
        clock.pump([0.1] * 5)
        self.assertEqual((quick.result.player.player_id, lobby.member_count), (3, 3))
        self.assertEqual(len(server.lobbies.by_code), 1)


class CancelTests(SynchronousTestCase):
    def test_a_request_under_way_is_given_up(self) -> None:
        silence = Silence()
        made, script, clock = client(silence)
        outcome = Outcome(made.get_info())
        outcome.deferred.cancel()
        self.assertIsInstance(outcome.error, CancelledError)
        self.assertTrue(silence.cancelled)
        clock.advance(20)
        self.assertEqual((len(script.sent), clock.getDelayedCalls()), (1, []))

    def test_a_request_that_fails_when_it_is_cancelled_is_not_repeated(self) -> None:
        """Agent answers a cancellation with an error of the connection."""
        waiting: Any = Silence()
        waiting.addErrback(lambda _: Failure(hung_up()))
        made, script, clock = client(waiting)
        outcome = Outcome(made.get_info())
        outcome.deferred.cancel()
        clock.advance(20)
        self.assertIsInstance(outcome.error, CancelledError)
        self.assertEqual(len(script.sent), 1)

    def test_also_between_two_attempts(self) -> None:
        made, script, clock = client(REFUSED)
        outcome = Outcome(made.get_info())
        outcome.deferred.cancel()
        clock.advance(20)
        self.assertIsInstance(outcome.error, CancelledError)
        self.assertEqual((len(script.sent), clock.getDelayedCalls()), (1, []))

    def test_also_while_the_body_comes(self) -> None:
        response = Response(200, raw=b"{", stays=True)
        made, _, _ = client(response)
        outcome = Outcome(made.get_info())
        outcome.deferred.cancel()
        self.assertIsInstance(outcome.error, CancelledError)
        self.assertTrue(response.closed)


class AnswerTests(SynchronousTestCase):
    def failed(self, answer: Any) -> LobbydProblem:
        made, script, clock = client(answer)
        outcome = Outcome(made.get_lobby("ABCD"))
        clock.advance(20)
        self.assertEqual(len(script.sent), 1)
        self.assertIsInstance(outcome.error, LobbydProblem)
        error: LobbydProblem = outcome.error
        return error

    def test_what_is_no_answer_of_lobbyd(self) -> None:
        for answer in (
            Response(200, raw=b"<html>hello</html>"),
            Response(200, [1, 2]),
            Response(200, {"lobby": None}),
            Response(200, {"lobby": {"name": "without a code"}}),
            Response(200, {"lobby": {"code": "ABCD", "players": ["Ann"]}}),
            Response(200),
            Response(301, raw=b"", location="https://game.example"),
            Response(404, raw=b"<html>nginx</html>"),
        ):
            self.assertEqual(self.failed(answer).code, "bad_answer", answer.body)

    def test_a_body_without_end_is_cut_off(self) -> None:
        endless = Response(200, raw=b" " * (MAX_ANSWER + 1), stays=True)
        self.assertEqual(self.failed(endless).code, "bad_answer")
        self.assertTrue(endless.closed)

    def test_a_problem_in_the_header_and_in_the_document_waits_for_the_longer(self) -> None:
        answer = Response(429, {"code": "rate_limited", "retry_after": 2.5}, retry_after="3")
        self.assertEqual(self.failed(answer).retry_after, 3.0)
        answer = Response(429, {"code": "rate_limited", "retry_after": 2.5}, retry_after="a date")
        self.assertEqual(self.failed(answer).retry_after, 2.5)

    def test_fields_of_a_later_server_are_kept(self) -> None:
        lobby = lobby_of({"code": "ABCD", "weather": "rain"})
        self.assertEqual(lobby.data["weather"], "rain")
        self.assertEqual(lobby, Lobby("ABCD"))

    def test_no_secret_is_in_a_repr(self) -> None:
        made, _, _ = seated()
        self.assertNotIn("tok", repr(made.joined))
        self.assertRaises(AttributeError, setattr, made.joined, "player_token", "other")

    def test_a_list_that_is_none(self) -> None:
        self.assertRaises(LobbydProblem, page_of, {"lobbies": {}})


class RequestTests(SynchronousTestCase):
    def test_a_bad_address_is_said_at_once(self) -> None:
        for url in ("", "game.example:8080", "ftp://game.example", "http://", "udp://x:1"):
            with self.assertRaises(LobbydProblem) as caught:
                client(url=url)
            self.assertEqual(caught.exception.code, "bad_url")

    def test_the_address_may_have_a_path_and_be_ipv6(self) -> None:
        for url in ("http://[::1]:8080", "https://game.example/lobbyd/", "http://127.0.0.1"):
            made, script, _ = client(Response(200, INFO), url=url)
            Outcome(made.get_info())
            self.assertEqual(script.sent[0].url, url.rstrip("/") + "/info")

    def test_every_call_has_the_clients_key(self) -> None:
        made, script, _ = client(Response(200, INFO), problem(404, "lobby_not_found"))
        Outcome(made.get_info())
        Outcome(made.join_lobby("ABCD"))
        first, second = (sent.header("lobbyd-client-key") for sent in script.sent)
        self.assertEqual(first, second)
        self.assertGreaterEqual(len(first or ""), 16)
        other, script, _ = client(Response(200, INFO), client_key="x" * 20)
        Outcome(other.get_info())
        self.assertEqual(script.sent[0].header("lobbyd-client-key"), "x" * 20)

    def test_filters_are_quoted(self) -> None:
        made, script, _ = client(Response(200, {"lobbies": [], "next_cursor": None}))
        filters: dict[str, Any] = {"password": False, "free_slots": 2, "text": "a b&c=ü"}
        outcome = Outcome(made.list_lobbies(**filters, metadata={"ranked": True, "n": 3.0}))
        self.assertEqual(outcome.result.lobbies, ())
        query = "password=false&free_slots=2&text=a+b%26c%3D%C3%BC&meta.ranked=true&meta.n=3"
        self.assertEqual(script.sent[0].url, f"{URL}/lobbies?{query}")

    def test_filters_mean_what_the_server_means(self) -> None:
        server = HttpServer()
        made, _, _ = client(*[forward(server)] * 9)
        metadata = {"mode": "a b&c", "n": 3, "x": 0.5, "ranked": True, "whole": 2.0}
        Outcome(made.create_lobby(name="Ünder", metadata=metadata))
        Outcome(made.create_lobby(name="Other", password="pw"))
        for filters, expected in (
            ({}, ["Other", "Ünder"]),
            ({"metadata": metadata}, ["Ünder"]),
            ({"metadata": {"n": 4}}, []),
            ({"text": "ünd"}, ["Ünder"]),
            ({"password": True}, ["Other"]),
            ({"state": "open", "sort": "oldest", "free_slots": 8}, ["Ünder", "Other"]),
        ):
            outcome = Outcome(made.list_lobbies(**filters))
            self.assertEqual([lobby.name for lobby in outcome.result.lobbies], expected)

    def test_a_host_sets_and_clears_conditions(self) -> None:
        server = HttpServer(allow_conditions="on")
        made, script, _ = client(*[forward(server)] * 9)
        code = Outcome(made.create_lobby()).result.lobby.code
        player_id = Outcome(made.join_lobby(code)).result.player.player_id
        outcome = Outcome(made.set_conditions("poor", player_id, up={"loss": 0.5}, seconds=30))
        (one,) = outcome.result
        self.assertEqual(
            (one["player_id"], one["preset"], one["up"]["loss"]), (player_id, "poor", 0.5)
        )
        self.assertEqual((one["down"]["loss"], one["ends_at"]), (0.1, server.now + 30))
        both = Outcome(made.set_conditions(down={"latency": 0.1})).result
        self.assertEqual([each["player_id"] for each in both], [player_id, None])
        self.assertIsNone(Outcome(made.clear_conditions(player_id)).result)
        self.assertEqual(len(server.lobbies.conditions.by_key), 1)
        self.assertIsNone(Outcome(made.clear_conditions()).result)
        self.assertEqual(script.sent[-1].method, "DELETE")
        self.assertEqual(server.lobbies.conditions.by_key, {})

    def test_the_host_puts_players_somewhere(self) -> None:
        server = HttpServer()
        made, _, _ = client(*[forward(server)] * 3)
        created = Outcome(made.create_lobby(player={"name": "Ann"})).result
        player_id, lobby = made.joined.player.player_id, server.lobbies.find(created.lobby.code)
        for rotation in (None, (0.0, 1.0, 0.0, 0.0)):
            outcome = Outcome(made.teleport(player_id, (1.5, 0.0, -2.0), rotation))
            self.assertIsNone(outcome.result)
            self.assertEqual(lobby.teleports, {player_id: ((1.5, 0.0, -2.0), rotation)})

    def test_pages_follow_each_other(self) -> None:
        server = HttpServer()
        made, script, _ = client(*[forward(server)] * 20)
        codes = []
        for _ in range(7):
            codes.append(Outcome(made.create_lobby()).result.lobby.code)
            server.now += 1
        found: list[str] = []

        async def collect() -> None:
            async for lobby in made.find_lobbies(limit=3):
                found.append(lobby.code)

        self.assertIs(Outcome(collect()).error, None)
        self.assertEqual(found, codes[::-1])
        self.assertEqual(len(script.sent), 7 + 3)

    def test_a_code_is_quoted(self) -> None:
        made, script, _ = client(problem(404, "lobby_not_found"))
        Outcome(made.get_lobby(" a/b?c "))
        self.assertEqual(script.sent[0].url, f"{URL}/lobbies/a%2Fb%3Fc")

    def test_the_maker_rules_an_empty_lobby_and_the_host_its_own(self) -> None:
        server = HttpServer()
        made, _script, _ = client(*[forward(server)] * 9)
        code = Outcome(made.create_lobby()).result.lobby.code
        changed = Outcome(made.change_lobby(code, name="New"))
        self.assertEqual(changed.result.name, "New")
        Outcome(made.join_lobby(code, "Ann"))
        self.assertEqual(Outcome(made.change_lobby(name="Newer")).result.name, "Newer")
        self.assertIs(Outcome(made.delete_lobby(code.lower())).error, None)
        self.assertEqual(server.lobbies.by_code, {})

    def test_a_member_without_a_seat_is_told_so(self) -> None:
        made, script, _ = client()
        for call in (made.say("x"), made.start(), made.rejoin(), made.connect_udp()):
            self.assertEqual(Outcome(call).error.code, "no_ticket")
        self.assertRaises(LobbydProblem, made.wait_for, ChatDown)
        self.assertEqual(script.sent, [])
        self.assertFalse(made.send_chat("x") or made.send_custom(b"") or made.send_ready())

    def test_leaving_a_seat_that_is_gone_is_no_problem(self) -> None:
        for code, status in (("token_invalid", 401), ("lobby_not_found", 404)):
            made, _, _ = seated(problem(status, code))
            self.assertIs(Outcome(made.leave()).error, None)
            self.assertIs(made.joined, None)
            self.assertIs(Outcome(made.leave()).error, None)
