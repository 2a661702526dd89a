"""The service with an admin's token and with conditions allowed."""

from __future__ import annotations

from typing import Any

from twisted.logger import globalLogPublisher

from lobbyd.service import CannotStart
from tests.http_memory import PEER, Connection, answers
from tests.test_service import ServiceCase

TOKEN = "correct-horse-battery"


class AdminCase(ServiceCase):
    def setUp(self) -> None:
        super().setUp()
        self.file = self.place / "admin"
        self.file.write_text(TOKEN + "\n")
        self.file.chmod(0o600)
        self.lines: list[str] = []

        def observe(event: Any) -> None:
            if event.get("log_namespace") == "lobbyd.service":
                self.lines.append(event["log_format"].format(**event))

        observer: Any = observe
        globalLogPublisher.addObserver(observer)
        self.addCleanup(globalLogPublisher.removeObserver, observer)

    def told(self, text: str) -> list[str]:
        return [line for line in self.lines if text in line]


class AdminTests(AdminCase):
    def look(self, token: str) -> int:
        """The status of a look at TEST's conditions."""
        factory: Any = self.reactor.tcpServers[-1][1]
        connection = Connection(factory.buildProtocol(PEER))
        connection.send(
            b"GET /lobbies/TEST/conditions HTTP/1.1\r\nHost: game.example\r\n"
            b"Authorization: Bearer " + token.encode() + b"\r\nConnection: close\r\n\r\n"
        )
        (answer,) = answers(connection.written)
        return answer.status

    def test_the_token_of_the_file_is_the_admins(self) -> None:
        self.start(admin_token_file=str(self.file))
        for token, status in ((TOKEN, 200), (TOKEN + "!", 401)):
            self.assertEqual(self.look(token), status)
        self.assertEqual(self.told(str(self.file)), [])

    def test_a_file_that_others_can_read_is_said(self) -> None:
        self.file.chmod(0o640)
        self.start(admin_token_file=str(self.file))
        self.assertEqual(self.told("chmod 600"), [f"others can read {self.file}: chmod 600 it"])

    def test_a_bad_file_ends_with_one_line(self) -> None:
        self.file.write_text("short")
        service = self.make(admin_token_file=str(self.file))
        error = self.assertRaises(CannotStart, service.privilegedStartService)
        self.assertTrue(str(error).startswith(f"lobbyd: --admin-token-file: {self.file} "))
        self.assertEqual(len(str(error).splitlines()), 1)


class AllowTests(AdminCase):
    def test_it_is_said_when_hosts_may(self) -> None:
        self.start(allow_conditions="on")
        self.assertEqual(len(self.told("--allow-conditions on")), 1)

    def test_it_is_off_and_silent_by_default(self) -> None:
        self.start()
        self.assertEqual(self.told("conditions"), [])
