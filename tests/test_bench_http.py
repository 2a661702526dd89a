"""The bench of HTTP: rows have places, callers count right, lobbies are good records."""

from __future__ import annotations

import itertools
import random
import socket
import tempfile
import threading
from pathlib import Path
from unittest import mock

from twisted.trial.unittest import SynchronousTestCase

from bench import row
from bench.http import callers
from bench.http.__main__ import ROWS
from bench.http.list import _lobby, write_lobbies
from lobbyd.lobby import record
from lobbyd.lobbylog import LobbyLog

PERFORMANCE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


class DocumentTests(SynchronousTestCase):
    def test_every_row_has_a_place_in_the_document(self) -> None:
        document = PERFORMANCE.read_text()
        for name in ROWS:
            row.write_table(document, name, "")


class LobbyTests(SynchronousTestCase):
    def test_the_written_lobbies_are_read_back(self) -> None:
        with tempfile.TemporaryDirectory() as state:
            codes = write_lobbies(state, 30)
            log = LobbyLog(state)
            lobbies = [record.decode(content) for content in log.load().values()]
            log.close()
        self.assertEqual([lobby.code for lobby in lobbies], codes)
        self.assertEqual({len(lobby.players) for lobby in lobbies}, {2})

    def test_seats_are_all_different(self) -> None:
        """Two with the same connection would be one to the server."""
        rng = random.Random(1)
        lobbies = [_lobby(rng, number, 0.0) for number in range(50)]
        seats = {p.seat.conn_id for lobby in lobbies for p in lobby.players.values() if p.seat}
        self.assertEqual(len(seats), 100)


class CallersTests(SynchronousTestCase):
    def serve(self, answers: list[bytes]) -> int:
        """A server that gives each request the next answer, piece by piece, and hangs up."""
        listener = socket.create_server(("127.0.0.1", 0))

        def work() -> None:
            with listener:
                while answers:
                    link, _ = listener.accept()
                    with link:
                        for _ in range(2):
                            if not answers or not link.recv(4096):
                                break
                            whole = answers.pop(0)
                            for at in range(0, len(whole), 40):
                                link.sendall(whole[at : at + 40])

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        self.addCleanup(thread.join, 10)
        port: int = listener.getsockname()[1]
        return port

    def test_answers_are_counted_by_status_and_bodies_kept(self) -> None:
        good = b"HTTP/1.1 201 Created\r\nContent-Length: 3\r\n\r\nabc"
        bad = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        closing = b"\r\nConnection: close\r\n\r\n"
        last = good.replace(b"\r\n\r\n", closing)
        port = self.serve([good, bad.replace(b"\r\n\r\n", closing), good, last])
        stream = callers.Stream(iter([callers.get("/a")] * 4), 1, keep=True)
        callers.play(port, [stream], 5.0)
        self.assertEqual(dict(stream.statuses), {201: 3, 404: 1})
        self.assertEqual((stream.bad, stream.bodies), (1, [b"abc", b"", b"abc", b"abc"]))
        self.assertEqual(len(stream.seconds), 4)

    def test_the_time_of_answers_after_the_end_counts(self) -> None:
        """Or a server would be given calls a second for them that it has not."""
        port = self.serve([b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"])
        stream = callers.Stream(iter([callers.get("/a")] * 2), 1)
        looks = itertools.count(1.0)
        with mock.patch("bench.http.callers.time.perf_counter", lambda: next(looks)):
            callers.play(port, [stream], 1.5)
        # a look at the clock each: the beginning, that it is not the end, the call, ..., the answer
        self.assertEqual(stream.span, stream.seconds[0] + 2)
        self.assertEqual(stream.each_second, 1 / stream.span)
