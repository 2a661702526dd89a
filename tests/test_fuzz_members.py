"""Somebody with keys who sends whatever it likes, and somebody with a token but no keys."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

import lobbyd.relay.frames as frames_module
import lobbyd.relay.relay as relay_module
from lobbyd.errors import Malformed
from lobbyd.relay.frames import Frame
from lobbyd.relay.post import Post
from lobbyd.session.admission import Admission
from lobbyd.wire.catalogue import HEADER_SIZE, TAG_SIZE
from lobbyd.wire.frames import make_frame, split_frames
from lobbyd.wire.keys import CookieJar, Tagger
from lobbyd.wire.replay import ReplayWindow

from .fuzz import SEED, Found, handshakes, members, scaled, told
from .fuzz.played import play_all

MIB = 2**20


class TaggedTests(SynchronousTestCase):
    """L2: behind a good tag the parser stands alone."""

    def test_tagged_datagrams_harm_nobody_else(self) -> None:
        count = scaled(200_000)
        figures = members.run(count, told("L2"))
        self.assertEqual(figures["datagrams"], count)
        self.assertLess(figures["grown_bytes"], MIB)
        # every way was taken often, or this proves little
        self.assertGreater(figures["taken"], count / 4)
        self.assertGreater(figures["malformed"], count / 4)
        self.assertGreater(figures["passed_on"], count / 40)
        for name in ("goodbyes", "moves", "replayed"):
            self.assertGreater(figures[name], count / 2000, name)

    def test_own_connects_with_odd_fields(self) -> None:
        count = scaled(20_000)
        figures = handshakes.own(count, told("CONNECT"))
        self.assertEqual(figures["datagrams"], count)
        for name in ("welcomed", "denied", "dropped"):
            self.assertGreater(figures[name], count / 10, name)
        reasons = {"bad_cookie", "bad_tag", "malformed", "old_connect"}
        self.assertLessEqual(reasons, set(figures["reasons"]))

    def test_a_stolen_token_without_its_key_is_worth_nothing(self) -> None:
        count = scaled(100_000)
        self.assertEqual(
            handshakes.stolen(count, told("stolen tokens")), {"datagrams": count, "bad_tag": count}
        )


class FuzzerTests(SynchronousTestCase):
    """The fuzzers see what they are there to see."""

    def test_a_connect_whose_tag_is_not_checked(self) -> None:
        self.patch(Tagger, "signs", lambda tagger, datagram: True)
        with self.assertRaises(Found):
            handshakes.stolen(1000)

    def test_a_cookie_that_is_not_checked(self) -> None:
        self.patch(CookieJar, "accepts", lambda jar, *parts: True)
        with self.assertRaises(Found):
            handshakes.own(1000)

    def test_a_counter_that_is_not_checked(self) -> None:
        seat = Admission._seat

        def forgetful(admission: Admission, claims: Any, counter: int, *rest: Any) -> Any:
            return seat(admission, claims, 2**32 - 1, *rest)

        self.patch(Admission, "_seat", forgetful)
        with self.assertRaises(Found):
            handshakes.own(1000)

    def test_frames_that_count_although_others_are_malformed(self) -> None:
        """No model of L2 tells a good frame from a bad one: the corpus does."""

        def eager(datagram: bytes) -> list[Frame]:
            taken: list[Frame] = []
            try:
                for kind, body in split_frames(datagram):
                    taken += frames_module.read_frames(wrap(make_frame(kind, body)))
            except Malformed:
                pass
            return taken

        def wrap(frames: bytes) -> bytes:
            return bytes(HEADER_SIZE) + frames + bytes(TAG_SIZE)

        self.patch(relay_module, "read_frames", eager)
        with self.assertRaises(Found):
            play_all()

    def test_a_replay_window_that_forgets(self) -> None:
        self.patch(ReplayWindow, "fresh", lambda window, seq: seq > 0)
        with self.assertRaises(Found):
            members.run(5000)

    def test_an_exception(self) -> None:
        def fragile(post: Post, broadcast: Any, sender: Any, body: bytes, now: float) -> Any:
            raise KeyError(body[0])

        self.patch(Post, "unreliable", fragile)
        with self.assertRaises(Found) as caught:
            members.run(1000)
        self.assertIn("python -m tests.fuzz.corpus frames_up", str(caught.exception))
        self.assertGreater(len(self.flushLoggedErrors(KeyError)), 0)

    def test_the_same_seed_sends_the_same(self) -> None:
        first, second = (members.Rogue(SEED) for _ in range(2))
        for n in range(300):
            first.one(n)
            second.one(n)
            self.assertEqual(first.story, second.story)
