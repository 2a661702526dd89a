"""Idempotency-Key: a request that is repeated is answered again and not done again."""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.http import idempotency
from lobbyd.http.calls import Answer as Good
from lobbyd.http.idempotency import Idempotency
from lobbyd.testing import START, run
from tests.http_case import HttpCase
from tests.http_memory import Answer, HttpServer, answers, request_bytes

KEY = "0123456789abcdef"
OTHER_KEY = "fedcba9876543210"


class SlowDirectory:
    """A directory whose claims wait until they are let go."""

    def __init__(self) -> None:
        self.waiting: list[Deferred[bool]] = []

    async def claim(self, code: str, lobby_id: int) -> bool:
        """Wait."""
        waiting: Deferred[bool] = Deferred()
        self.waiting.append(waiting)
        return await waiting

    async def release(self, code: str, lobby_id: int) -> None:
        """Nothing."""


class RepeatTests(HttpCase):
    def post(self, path: str, content: object = None, key: str = KEY, **more: str) -> Answer:
        return self.server.call("POST", path, content, Idempotency_Key=key, **more)

    def test_each_call_that_makes_a_seat_or_a_lobby_has_it(self) -> None:
        for path, content in (
            ("/lobbies", {"player": {}}),
            ("/lobbies/TEST/join", {"name": "Ann"}),
            ("/quickjoin", {"game": "chess"}),
        ):
            key = KEY + path
            first, second = self.post(path, content, key), self.post(path, content, key)
            self.assertJSON(first, 201)
            self.assertEqual((second.status, second.body), (first.status, first.body))
            self.assertEqual(second.headers.get("location"), first.headers.get("location"))

    def test_only_one_seat_is_taken(self) -> None:
        for _ in range(3):
            self.post("/lobbies/TEST/join")
        self.assertEqual(self.lobby("TEST")["member_count"], 1)

    def test_another_key_is_another_request(self) -> None:
        for key in (KEY, OTHER_KEY):
            self.post("/lobbies/TEST/join", key=key)
        self.assertEqual(self.lobby("TEST")["member_count"], 2)

    def test_another_body_is_422(self) -> None:
        self.post("/lobbies/TEST/join", {"name": "Ann"})
        answer = self.post("/lobbies/TEST/join", {"name": "Bob"})
        self.assertProblem(answer, 422, "idempotency_mismatch")

    def test_another_route_is_422(self) -> None:
        self.create(code="AAAA")
        self.post("/lobbies/TEST/join", {})
        for path in ("/lobbies/AAAA/join", "/quickjoin", "/lobbies"):
            self.assertProblem(self.post(path, {}), 422, "idempotency_mismatch")

    def test_it_is_kept_for_10_minutes(self) -> None:
        first = self.post("/lobbies")
        self.server.now += 599
        self.assertEqual(self.post("/lobbies").body, first.body)
        self.server.now += 1
        self.assertNotEqual(self.post("/lobbies").body, first.body)

    def test_a_refusal_is_not_kept(self) -> None:
        self.create(code="AAAA", max_players=1)
        _, token = self.enter("AAAA")
        self.assertProblem(self.post("/lobbies/AAAA/join"), 409, "lobby_full")
        self.server.post("/lobbies/AAAA/leave", token=token)
        self.assertEqual(self.post("/lobbies/AAAA/join").status, 201)

    def test_a_key_that_can_be_none_is_400(self) -> None:
        for key in ("x" * 15, "x" * 129, "x" * 20 + " y", "\xe9" * 20):
            answer = self.post("/lobbies", key=key)
            self.assertProblem(answer, 400, "invalid_request", "Idempotency-Key: 16 to 128")

    def test_other_calls_do_not_look_at_it(self) -> None:
        _, token = self.enter("TEST")
        for text in ("one", "two"):
            answer = self.post("/lobbies/TEST/chat", {"text": text}, token=token)
            self.assertEqual(answer.status, 204)


class InFlightTests(HttpCase):
    def make_server(self) -> HttpServer:
        self.directory = SlowDirectory()
        return HttpServer(directory=self.directory)

    def setUp(self) -> None:
        # TEST would wait for its claim
        self.server = self.make_server()

    def send(self, content: bytes = b"{}", key: str = KEY) -> Any:
        connection = self.server.connect()
        connection.send(request_bytes("POST", "/lobbies", content, {"Idempotency-Key": key}))
        return connection

    def test_the_second_waits_for_the_answer_of_the_first(self) -> None:
        first, second = self.send(), self.send()
        self.assertEqual(len(self.directory.waiting), 1)
        self.assertEqual((first.written, second.written), (b"", b""))
        self.directory.waiting[0].callback(True)
        (one,), (two,) = answers(first.written), answers(second.written)
        self.assertEqual((one.status, one.body), (two.status, two.body))
        self.assertEqual(len(self.server.lobbies.by_id), 1)

    def test_another_body_does_not_wait(self) -> None:
        self.send()
        (answer,) = answers(self.send(b'{"name": "Arena"}').written)
        self.assertProblem(answer, 422, "idempotency_mismatch")

    def test_when_the_first_fails_the_second_is_done(self) -> None:
        first, second = self.send(b'{"code": "AAAA"}'), self.send(b'{"code": "AAAA"}')
        self.directory.waiting[0].callback(False)
        self.assertEqual(answers(first.written)[0].status, 409)
        self.assertEqual(second.written, b"")
        self.directory.waiting[1].callback(True)
        self.assertEqual(answers(second.written)[0].status, 201)

    def test_when_the_first_hangs_up_the_second_is_answered(self) -> None:
        first, second = self.send(), self.send()
        first.lose()
        for waiting in self.directory.waiting:
            if not waiting.called:
                waiting.callback(True)
        self.assertEqual(answers(second.written)[0].status, 201)
        self.assertEqual(len(self.server.lobbies.by_id), 1)


class BoundTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.kept = Idempotency()
        self.done = 0

    async def work(self) -> Good:
        self.done += 1
        return Good(201, {"number": self.done, "filling": "x" * 100})

    def once(self, number: int, now: float = START) -> None:
        run(self.kept.once(f"{number:016}", b"", now, self.work))

    def test_beyond_the_most_the_oldest_goes(self) -> None:
        self.patch(idempotency, "MOST", 3)
        for number in range(4):
            self.once(number)
        self.assertEqual(len(self.kept._kept), 3)
        self.once(3)
        self.assertEqual(self.done, 4)
        self.once(0)
        self.assertEqual(self.done, 5)

    def test_answers_have_a_bound_in_bytes(self) -> None:
        self.patch(idempotency, "MOST_BYTES", 1000)
        for number in range(100):
            self.once(number)
        self.assertLess(self.kept._bytes, 1300)
        self.assertLess(len(self.kept._kept), 12)

    def test_what_is_forgotten_counts_no_more(self) -> None:
        for number in range(10):
            self.once(number)
        self.once(10, START + 600)
        self.assertEqual(len(self.kept._kept), 1)
        only = next(iter(self.kept._kept.values()))
        assert only.answer is not None
        self.assertEqual(self.kept._bytes, len(only.answer.content))

    def test_a_mistake_is_not_kept(self) -> None:
        async def broken() -> Good:
            raise Refused("lobby_full")

        for _ in range(2):
            work = ensureDeferred(self.kept.once("x" * 16, b"", START, broken))
            self.failureResultOf(work, Refused)
        self.assertEqual(len(self.kept._kept), 0)
