"""A capture played again, and every flipped bit: nothing of it counts, at server or client."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client import handshake
from lobbyd.wire.keys import Tagger
from lobbyd.wire.replay import ReplayWindow

from .fuzz import Found, replays, scaled


class ReplayTests(SynchronousTestCase):
    def test_a_whole_capture_a_hundred_times(self) -> None:
        """From the same and from other addresses; later too, and after a restart."""
        times = scaled(100)
        figures = replays.replay(times)
        self.assertGreater(figures["captured"], 500)
        self.assertGreaterEqual(figures["replayed"], times * figures["captured"])
        # the session had what could be replayed: a roamed client, a second connection
        self.assertEqual((figures["moves"], figures["welcomes"]), (1, 5))

    def test_without_a_window_it_would_count(self) -> None:
        self.patch(ReplayWindow, "fresh", lambda window, seq: True)
        with self.assertRaises(Found):
            replays.replay(1)


class FlippedBitTests(SynchronousTestCase):
    def test_at_the_server(self) -> None:
        figures = replays.flip_up()
        self.assertGreater(figures["flips"], 100_000)
        # CONNECT, and all types of frames but UPDATE's and DISCONNECT's odd ones
        self.assertGreaterEqual(figures["kinds"], 9)

    def test_at_the_client(self) -> None:
        """Padding is no place to hide a bit either."""
        figures = replays.flip_down()
        self.assertGreater(figures["datagrams"], 30)
        self.assertGreater(figures["flips"], 10_000)

    def test_a_flipped_challenge_ends_no_attempt(self) -> None:
        self.assertEqual(replays.challenges(), {"flips": 384, "connected": 384})

    def test_a_tag_that_is_not_checked_is_noticed(self) -> None:
        self.patch(Tagger, "signs", lambda tagger, datagram: True)
        for look in (replays.flip_up, replays.flip_down):
            with self.assertRaises(Found):
                look()

    def test_a_client_that_never_asks_for_another_cookie_is_noticed(self) -> None:
        self.patch(handshake, "CONNECTS", 10**9)
        figures = replays.challenges()
        self.assertLess(figures["connected"], figures["flips"] - 100)
