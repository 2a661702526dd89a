"""The client's session against what a network, or a broken server, may send it."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

import lobbyd.client.line as line_module
from lobbyd.client.frames import read_frame
from lobbyd.client.session import ClientSession
from lobbyd.wire.catalogue import FrameType
from lobbyd.wire.keys import Tagger

from .fuzz import Found, answers, scaled, told


class AnswersTests(SynchronousTestCase):
    def test_changed_datagrams_are_no_events(self) -> None:
        count = scaled(70_000)
        figures = answers.untagged(count, told("client"))
        self.assertGreaterEqual(figures["datagrams"], count)
        self.assertGreater(figures["reasons"], 5)

    def test_nonsense_of_a_server_raises_nothing(self) -> None:
        count = scaled(30_000)
        figures = answers.tagged(count, told("client, tagged"))
        self.assertEqual(figures["datagrams"], count)
        for name in ("events", "dropped"):
            self.assertGreater(figures[name], count / 10, name)


class FuzzerTests(SynchronousTestCase):
    def test_a_tag_that_is_not_checked(self) -> None:
        self.patch(Tagger, "signs", lambda tagger, datagram: True)
        with self.assertRaises(Found) as caught:
            answers.untagged(10_000)
        self.assertIn("python -m tests.fuzz.corpus to_client", str(caught.exception))

    def test_an_exception(self) -> None:
        read = read_frame

        def fragile(kind: int, body: bytes, send_time: int) -> Any:
            if kind == FrameType.ERROR:
                raise IndexError("a mistake")
            return read(kind, body, send_time)

        self.patch(line_module, "read_frame", fragile)
        with self.assertRaises(Found):
            answers.tagged(1000)

    def test_reasons_that_carry_what_was_sent(self) -> None:
        """They are kept for good: each of their own would be memory for a stranger."""
        receive = ClientSession.receive

        def verbose(session: ClientSession, datagram: bytes, now: float) -> Any:
            session.drops[datagram.hex()] = session.drops.get(datagram.hex(), 0) + 1
            return receive(session, datagram, now)

        self.patch(ClientSession, "receive", verbose)
        with self.assertRaises(Found):
            answers.untagged(1000)
