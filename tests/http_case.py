"""What the tests of HTTP share."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import PROBLEMS
from tests.http_memory import Answer, HttpServer


class HttpCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.server = self.make_server()
        self.server.open_test_lobby()

    def make_server(self) -> HttpServer:
        """The server of a case."""
        return HttpServer(rate_limit="off")

    def create(self, **fields: Any) -> Any:
        answer = self.server.post("/lobbies", fields)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def join(self, code: str, **fields: Any) -> Any:
        answer = self.server.post(f"/lobbies/{code}/join", fields)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def enter(self, code: str, name: str = "", **fields: Any) -> tuple[int, str]:
        """Join; gives player id and token."""
        joined = self.join(code, **({"name": name} if name else {}), **fields)
        return joined["player"]["player_id"], joined["player_token"]

    def lobby(self, code: str, token: str | None = None) -> Any:
        answer = self.server.get(f"/lobbies/{code}", token)
        self.assertEqual(answer.status, 200, answer.body)
        return answer.json["lobby"]

    def assertProblem(self, answer: Answer, status: int, code: str, detail: str = "") -> None:
        """A complete problem document (RFC 9457) of this code, whose detail contains a text."""
        self.assertEqual((answer.status, answer.json["code"]), (status, code), answer.body)
        self.assertEqual(answer.headers["content-type"], "application/problem+json")
        self.assertEqual(answer.headers["cache-control"], "no-store")
        document = answer.json
        self.assertEqual(document["type"], f"urn:lobbyd:problem:{code}")
        self.assertEqual(document["title"], PROBLEMS[code].title)
        self.assertEqual(document["status"], status)
        self.assertIn(detail, document["detail"])
        self.assertNotEqual(document["detail"], "")
        fields = {"type", "title", "status", "detail", "code"}
        self.assertEqual(document.keys() - {"retry_after"}, fields)

    def assertJSON(self, answer: Answer, status: int) -> None:
        self.assertEqual(answer.status, status, answer.body)
        self.assertEqual(answer.headers["content-type"], "application/json")
        self.assertEqual(answer.headers["cache-control"], "no-store")
