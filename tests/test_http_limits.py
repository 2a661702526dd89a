"""Limits of HTTP calls: by address, of guesses, behind proxies."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.http import limits
from lobbyd.http.limits import HttpLimits
from lobbyd.http.routes import Limit
from lobbyd.testing import START
from tests.http_case import HttpCase
from tests.http_memory import PEER, Answer, HttpServer

OTHER = "203.0.113.9"


class LimitCase(HttpCase):
    trusted = ""

    def make_server(self) -> HttpServer:
        return HttpServer(rate_limit="on", trusted_proxies=self.trusted)

    def ask(self, path: str = "/lobbies/TEST", host: str = PEER.host, **headers: str) -> Answer:
        return self.server.call("GET", path, host=host, **headers)

    def guess(self, host: str = PEER.host) -> Answer:
        return self.server.call("POST", "/lobbies/WXYZ/join", {}, host=host)

    def exhaust(self, host: str = PEER.host, **headers: str) -> None:
        for _ in range(64):
            self.assertEqual(self.ask(host=host, **headers).status, 200)


class CallTests(LimitCase):
    def test_the_65th_at_once_is_429(self) -> None:
        self.exhaust()
        answer = self.ask()
        self.assertProblem(answer, 429, "rate_limited", "10 a second and 64 at once")
        self.assertEqual(answer.headers["retry-after"], "1")
        self.assertEqual(answer.json["retry_after"], 1)

    def test_10_a_second_are_good_for_ever(self) -> None:
        self.exhaust()
        for _ in range(100):
            self.server.now += 0.1001
            self.assertEqual(self.ask().status, 200)

    def test_after_retry_after_there_is_room(self) -> None:
        self.exhaust()
        self.server.now += float(self.ask().headers["retry-after"])
        self.assertEqual(self.ask().status, 200)

    def test_each_answer_tells_what_is_left(self) -> None:
        first, second = self.ask(), self.ask()
        self.assertEqual(first.headers["ratelimit-policy"], '"calls";q=64;w=7')
        self.assertEqual(first.headers["ratelimit"], '"calls";r=63;t=1')
        self.assertEqual(second.headers["ratelimit"], '"calls";r=62;t=1')
        for _ in range(62):
            self.ask()
        self.assertEqual(self.ask().headers["ratelimit"], '"calls";r=0;t=7')

    def test_a_refusal_tells_it_too(self) -> None:
        self.assertEqual(self.ask("/lobbies/WXYZ").headers["ratelimit"], '"calls";r=63;t=1')

    def test_another_address_has_its_own(self) -> None:
        self.exhaust()
        self.assertEqual(self.ask(host=OTHER).status, 200)

    def test_an_ipv6_address_counts_by_its_64(self) -> None:
        self.exhaust("2001:db8:0:1::1")
        self.assertEqual(self.ask(host="2001:db8:0:1:ffff::2").status, 429)
        self.assertEqual(self.ask(host="2001:db8:0:2::1").status, 200)

    def test_an_ipv4_address_is_the_same_when_mapped(self) -> None:
        self.exhaust(PEER.host)
        self.assertEqual(self.ask(host=f"::ffff:{PEER.host}").status, 429)

    def test_info_and_healthz_are_free(self) -> None:
        self.exhaust()
        for path in ("/info", "/healthz"):
            answer = self.ask(path)
            self.assertEqual(answer.status, 200)
            self.assertNotIn("ratelimit", answer.headers)

    def test_off_lifts_everything(self) -> None:
        self.server = HttpServer(rate_limit="off")
        self.server.open_test_lobby()
        for _ in range(100):
            answer = self.guess()
            self.assertEqual(answer.status, 404)
            self.assertNotIn("ratelimit", answer.headers)


class JoinTests(LimitCase):
    def test_joins_refill_at_5_a_second(self) -> None:
        self.create(code="AAAA", settings={"max_spectators": 64})
        path, spectator = "/lobbies/AAAA/join", {"spectator": True}
        for _ in range(2):
            for _ in range(31):
                self.server.post(path, spectator)
            self.server.pass_time(3.2)
        statuses = [self.server.post(path, spectator).status for _ in range(60)]
        # 64 at once, 62 taken, 32 back; calls alone would let all 60 through
        self.assertEqual(statuses.count(429), 60 - 34)


class GuessTests(LimitCase):
    def test_after_10_guesses_the_address_is_locked_out_for_60_s(self) -> None:
        for _ in range(10):
            self.assertProblem(self.guess(), 404, "lobby_not_found")
        answer = self.guess()
        self.assertProblem(answer, 429, "rate_limited", "named no lobby")
        self.assertEqual(answer.headers["retry-after"], "60")
        self.server.now += 59
        self.assertEqual(self.guess().status, 429)
        self.server.now += 1
        self.assertEqual(self.guess().status, 404)

    def test_a_right_code_is_refused_too_while_it_is_locked_out(self) -> None:
        for _ in range(10):
            self.guess()
        for method, path in (("POST", "/lobbies/TEST/join"), ("GET", "/lobbies/TEST")):
            self.assertProblem(self.server.call(method, path), 429, "rate_limited")

    def test_others_are_not(self) -> None:
        for _ in range(10):
            self.guess()
        answer = self.server.call("POST", "/lobbies/TEST/join", host=OTHER)
        self.assertEqual(answer.status, 201)

    def test_a_member_with_its_token_is_not(self) -> None:
        _, token = self.enter("TEST")
        for _ in range(10):
            self.guess()
        self.assertEqual(self.server.get("/lobbies/TEST", token).status, 200)
        self.assertEqual(self.server.post("/lobbies/TEST/rejoin", token=token).status, 201)

    def test_nor_is_quick_join_or_a_lobby_with_a_drawn_code(self) -> None:
        for _ in range(10):
            self.guess()
        self.assertEqual(self.server.post("/quickjoin").status, 201)
        self.assertEqual(self.server.post("/lobbies").status, 201)

    def test_whatever_can_tell_of_a_code_is_a_guess(self) -> None:
        self.create(code="AAAA", password="secret")
        for method, path, content in (
            ("GET", "/lobbies/WXYZ", None),
            ("DELETE", "/lobbies/WXYZ", None),
            ("POST", "/lobbies/AAAA/join", {"password": "guess"}),
            ("POST", "/lobbies", {"code": "AAAA"}),
        ):
            for _ in range(10):
                self.server.call(method, path, content, host=f"198.51.100.{len(path)}")
            answer = self.server.call(method, path, content, host=f"198.51.100.{len(path)}")
            self.assertProblem(answer, 429, "rate_limited")
            self.server.now += 700

    def test_other_refusals_are_none(self) -> None:
        self.create(code="AAAA", max_players=1, player={})
        for _ in range(20):
            answer = self.server.post("/lobbies/AAAA/join")
            self.assertProblem(answer, 409, "lobby_full")


class GuessesInAllTests(SynchronousTestCase):
    """20 guesses a second of everybody; who never failed is let through for all that."""

    def setUp(self) -> None:
        self.limits = HttpLimits()

    def try_guess(self, number: int, now: float) -> bool:
        address = number.to_bytes(4, "big")
        try:
            self.limits.check_guesses(address, now)
        except Refused as refused:
            self.assertEqual(refused.code, "rate_limited")
            self.assertIsNotNone(refused.retry_after)
            return False
        self.limits.guess(address, now)
        return True

    def test_many_addresses_together_do_not_get_more(self) -> None:
        addresses, seconds = 1000, 300
        for number in range(addresses):
            self.try_guess(number, START)
        made = 0
        for second in range(1, seconds + 1):
            for number in range(addresses):
                # each at its own moment of the second
                made += self.try_guess(number, START + second + number / addresses)
        self.assertLessEqual(made, 20 * (seconds + 1) + addresses * seconds / limits.SUSPECT)
        self.assertGreater(made, 19 * (seconds - 1))

    def test_who_never_failed_may_try_during_an_attack(self) -> None:
        for number in range(1000):
            self.try_guess(number, START)
        self.assertFalse(self.try_guess(5, START))
        # a few share a place in the table with one that failed: 1000 of 65536 are taken
        strangers = range(10_000, 10_200)
        self.assertGreater(sum(self.try_guess(number, START) for number in strangers), 180)

    def test_memory_of_lock_outs_is_bounded(self) -> None:
        self.patch(limits, "_MOST_LOCKED", 100)
        for number in range(500):
            for _ in range(10):
                self.limits.guess(number.to_bytes(4, "big"), START)
        self.assertEqual(len(self.limits._locked_until), 100)

    def test_lock_outs_that_are_over_are_forgotten(self) -> None:
        for moment, number in ((0.0, 1), (61.0, 2)):
            for _ in range(10):
                self.limits.guess(bytes([number]), START + moment)
        self.assertEqual(list(self.limits._locked_until), [b"\x02"])

    def test_free_calls_are_not_counted(self) -> None:
        for _ in range(1000):
            self.assertEqual(self.limits.call(b"a", Limit.FREE, START), {})
        self.assertIn("RateLimit", self.limits.call(b"a", Limit.USUAL, START))


class ForwardedTests(LimitCase):
    """X-Forwarded-For counts where the peer is a trusted proxy, and only there."""

    trusted = f"{PEER.host},10.0.0.0/8"

    def test_it_is_the_clients_address_behind_a_trusted_proxy(self) -> None:
        self.exhaust(X_Forwarded_For="203.0.113.1")
        self.assertEqual(self.ask(X_Forwarded_For="203.0.113.1").status, 429)
        self.assertEqual(self.ask(X_Forwarded_For="203.0.113.2").status, 200)

    def test_from_anybody_else_it_is_a_forgery(self) -> None:
        self.exhaust(OTHER, X_Forwarded_For="203.0.113.1")
        self.assertEqual(self.ask(host=OTHER, X_Forwarded_For="203.0.113.2").status, 429)

    def test_what_the_client_itself_put_in_does_not_count(self) -> None:
        """A proxy appends: only what trusted ones appended is true."""
        self.exhaust(X_Forwarded_For="1.1.1.1, 203.0.113.1")
        answer = self.ask(X_Forwarded_For="2.2.2.2, 203.0.113.1")
        self.assertEqual(answer.status, 429)

    def test_a_chain_of_trusted_proxies_is_followed(self) -> None:
        self.exhaust(X_Forwarded_For="203.0.113.1, 10.0.0.5")
        self.assertEqual(self.ask(X_Forwarded_For="203.0.113.1, 10.0.0.6").status, 429)
        self.assertEqual(self.ask(X_Forwarded_For="203.0.113.2, 10.0.0.5").status, 200)

    def test_garbage_leaves_the_address_of_the_last_good_hop(self) -> None:
        self.exhaust(X_Forwarded_For="nonsense, 10.0.0.5")
        self.assertEqual(self.ask(X_Forwarded_For="\xff\xfe, 10.0.0.5").status, 429)

    def test_a_ban_is_for_the_client_and_not_for_the_proxy(self) -> None:
        host = self.create(code="AAAA", player={})["player_token"]
        forwarded: dict[str, Any] = {"X_Forwarded_For": "203.0.113.1"}
        joined = self.server.call("POST", "/lobbies/AAAA/join", {}, **forwarded)
        path = f"/lobbies/AAAA/players/{joined.json['player']['player_id']}/kick"
        self.server.post(path, {"ban": True}, host)
        again = self.server.call("POST", "/lobbies/AAAA/join", {}, **forwarded)
        self.assertProblem(again, 403, "banned")
        self.assertEqual(self.server.post("/lobbies/AAAA/join").status, 201)


class UntrustingTests(LimitCase):
    def test_without_the_setting_the_header_is_nothing(self) -> None:
        self.exhaust(X_Forwarded_For="203.0.113.1")
        self.assertEqual(self.ask(X_Forwarded_For="203.0.113.2").status, 429)
