"""The way past Klein decides and answers as Klein does, and leaves the rest to it."""

from __future__ import annotations

import random
from typing import Any

from twisted.internet.defer import Deferred
from twisted.trial.unittest import SynchronousTestCase
from werkzeug.exceptions import HTTPException

from lobbyd.http.routes import Route
from lobbyd.lobby.directory import MemoryDirectory

from .http_memory import HttpServer, request_bytes

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW")
PIECES = (
    *("lobbies", "TEST", "test", "nope", "events", "join", "leave", "start", "chat", "host"),
    *("players", "1", "kick", "quickjoin", "healthz", "info", "openapi.json", "", "%54EST", "é"),
    *("conditions", "TE%2FST", "A-B", "..", "a.b", "٣"),
)
"""What paths are put together from."""

USUAL = (
    *("/lobbies", "/lobbies/TEST", "/lobbies/TEST/join", "/quickjoin", "/info"),
    *("/lobbies?limit=x", "/lobbies?limit=1&sort=oldest"),
)


def paths(rng: random.Random, count: int) -> list[str]:
    """Paths of every kind, more of those that are some."""
    found = []
    for _ in range(count):
        pieces = [rng.choice(PIECES) for _ in range(rng.randrange(4))]
        head = rng.choice(("/lobbies/TEST/", "/lobbies/", "/", "/lobbies/TEST/players/1/"))
        found.append(head + "/".join(pieces))
    return found


class Waiting(MemoryDirectory):
    """A directory whose answers wait; a broken one makes a mistake when it is asked no more."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Deferred[None]] = []
        self.ended = 0
        self.broken = False

    async def claim(self, code: str, lobby_id: int) -> bool:
        """Wait."""
        waiting: Deferred[None] = Deferred()
        self.asked.append(waiting)
        try:
            await waiting
        finally:
            self.ended += 1
            if self.broken:
                raise ZeroDivisionError
        return await super().claim(code, lobby_id)


class DecisionTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.server = HttpServer()
        self.resource = self.server.api.resource

    def klein(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        mapper = self.server.api.app.url_map.bind("localhost", path_info=path)
        try:
            endpoint, args = mapper.match(method=method)
        except HTTPException:
            return None
        return str(endpoint), dict(args)

    def test_what_is_found_is_what_klein_finds(self) -> None:
        found = 0
        for path in paths(random.Random(1), 1000):
            for method in METHODS:
                ours = self.resource.find(method.encode(), path.encode())
                if ours is not None:
                    route, args = ours
                    endpoint = f"{route.method} {route.path}"
                    self.assertEqual(self.klein(method, path), (endpoint, args), (method, path))
                    found += 1
        self.assertGreater(found, 100)

    def test_every_call_of_a_lobby_and_of_the_server_is_found(self) -> None:
        """Those of one player are left to Klein."""
        missed = set()
        for route in self.server.api.table:
            path = route.path.replace("{code}", "TEST").replace("{player_id}", "1")
            found = self.resource.find(route.method.encode(), path.encode())
            if found is None:
                missed.add(route.path)
            else:
                self.assertIs(found[0], route)
        self.assertTrue(all("{player_id}" in path for path in missed), missed)


class AnswerTests(SynchronousTestCase):
    def both(self, **parts: Any) -> tuple[HttpServer, HttpServer]:
        """Two servers that are alike, the second one with Klein alone."""
        usual, klein = HttpServer(**parts), HttpServer(**parts)
        klein.site.resource = klein.api.app.resource()
        for server in (usual, klein):
            server.open_test_lobby()
        return usual, klein

    def test_the_bytes_are_those_of_klein(self) -> None:
        """Of calls that are good, that are refused, and that nobody knows."""
        rng = random.Random(2)
        bodies = (b"", b"{}", b"[]", b"{", b'{"name": "Ann"}', b'{"name": 1}')
        statuses = set()
        for settings in ({"rate_limit": "off"}, {"cors_origins": "https://a.example"}):
            usual, klein = self.both(**settings)
            for path in [*paths(rng, 200), *USUAL * 8]:
                headers: dict[str, str | bytes] = {"Origin": "https://a.example"}
                if rng.random() < 0.2:
                    headers["Authorization"] = "Bearer x"
                body = rng.choice(bodies)
                for method in rng.sample(METHODS, 3):
                    request = request_bytes(method, path.encode(), body, headers)
                    ours, theirs = ask(usual, request), ask(klein, request)
                    self.assertEqual(undated(ours), undated(theirs), request)
                    statuses.add(ours[9:12])
                for server in (usual, klein):
                    server.now += 1.0
        self.assertGreaterEqual(statuses, {b"200", b"201", b"400", b"401", b"404", b"405"})

    def test_a_mistake_is_logged_and_answered(self) -> None:
        usual, klein = self.both()

        async def mistaken(call: Any) -> Any:
            raise ZeroDivisionError

        for server in (usual, klein):
            for route in server.api.table:
                if route.path == "/healthz":
                    _replace_handler(route, mistaken)
        request = request_bytes("GET", "/healthz")
        ours, theirs = usual.raw(request), klein.raw(request)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 2)
        self.assertEqual(undated(ours), undated(theirs))
        self.assertTrue(ours.startswith(b"HTTP/1.1 500 "))

    def test_an_answer_that_has_to_wait(self) -> None:
        directory = Waiting()
        server = HttpServer(directory=directory)
        connection = server.connect()
        connection.send(request_bytes("POST", "/lobbies", b"{}"))
        self.assertEqual(connection.written, b"")
        directory.asked[0].callback(None)
        self.assertTrue(connection.written.startswith(b"HTTP/1.1 201 "))

    def test_a_call_is_given_up_when_its_client_goes(self) -> None:
        """Nothing of it is left, and nothing is logged."""
        directory = Waiting()
        server = HttpServer(directory=directory)
        connection = server.connect()
        connection.send(request_bytes("POST", "/lobbies", b"{}"))
        self.assertEqual(directory.ended, 0)
        connection.lose()
        self.assertEqual((directory.ended, len(server.lobbies.by_id)), (1, 0))
        self.assertEqual(self.flushLoggedErrors(), [])

    def test_a_mistake_of_a_call_whose_client_is_gone_is_logged(self) -> None:
        directory = Waiting()
        server = HttpServer(directory=directory)
        connection = server.connect()
        connection.send(request_bytes("POST", "/lobbies", b"{}"))
        directory.broken = True
        connection.lose()
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)


def ask(server: HttpServer, request: bytes) -> bytes:
    """What is written on a connection that is gone then."""
    connection = server.connect()
    connection.send(request)
    connection.lose()
    return connection.written


def undated(answer: bytes) -> list[bytes]:
    """An answer without its date."""
    return [line for line in answer.split(b"\r\n") if not line.startswith(b"Date:")]


def _replace_handler(route: Route, handler: Any) -> None:
    # a route is frozen, and both ways have taken it by now
    object.__setattr__(route, "handler", handler)
