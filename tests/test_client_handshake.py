"""Attempts to connect, and what they believe."""

from __future__ import annotations

from itertools import pairwise

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.attempts import ATTEMPT, Attempts
from lobbyd.client.handshake import CONNECTS, RETRY, Handshake, Pass
from lobbyd.errors import Malformed
from lobbyd.wire import keys
from lobbyd.wire.catalogue import DeniedCode, PacketType
from lobbyd.wire.packets import CHALLENGE, CONNECT, DENIED

TICKET = Pass(b"token", bytes(range(32)), bytes(32), 7, 99)


def challenge(nonce: bytes, cookie: bytes = b"c" * 16, epoch: int = 5) -> bytes:
    return CHALLENGE.pack(nonce, cookie, epoch, 0, 0)


def denied(nonce: bytes, code: int, retry_ms: int = 0, *, proven: bool = False) -> bytes:
    packet = DENIED.pack(code, nonce, retry_ms, 1, 1, bytes(16))
    if not proven:
        return packet
    tagger = keys.Tagger(keys.hello_key(TICKET.session_key, TICKET.protocol_id))
    return packet[:-16] + tagger.tag(packet[:-16])


def kinds(datagrams: list[bytes]) -> list[int]:
    return [datagram[1] for datagram in datagrams]


class HandshakeTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.attempt = Handshake(TICKET, b"n" * 16, 1000, 0.0)

    def test_a_challenge_is_answered_at_once(self) -> None:
        self.assertEqual(kinds(self.attempt.poll(0.0)), [PacketType.HELLO])
        self.assertEqual(self.attempt.poll(0.1), [])
        self.attempt.challenge(challenge(b"n" * 16), 0.11)
        [connect] = self.attempt.poll(0.11)
        fields = dict(zip(CONNECT.names, CONNECT.unpack(connect), strict=True))
        self.assertEqual((fields["cookie"], fields["cookie_epoch"]), (b"c" * 16, 5))
        self.assertEqual((fields["connect_counter"], fields["token_len"]), (1000, 5))

    def test_a_second_challenge_brings_no_second_connect(self) -> None:
        """On a long way many are under way."""
        self.attempt.challenge(challenge(b"n" * 16), 0.0)
        self.attempt.poll(0.0)
        self.attempt.challenge(challenge(b"n" * 16), 0.05)
        self.assertEqual(self.attempt.poll(0.05), [])

    def test_a_cookie_without_an_answer_is_asked_for_again(self) -> None:
        """It is bound to an address and a time, and both may be other ones by now."""
        self.attempt.challenge(challenge(b"n" * 16), 0.0)
        sent = [kinds(self.attempt.poll(n * RETRY)) for n in range(4 * CONNECTS)]
        self.assertEqual(sent[:CONNECTS], [[PacketType.CONNECT]] * CONNECTS)
        self.assertIn(PacketType.HELLO, sent[CONNECTS])
        # in the end without the old cookie beside it
        self.assertEqual(sent[2 * CONNECTS + 1 :], [[PacketType.HELLO]] * (2 * CONNECTS - 1))
        self.attempt.challenge(challenge(b"n" * 16, b"d" * 16), 5.0)
        [connect] = [d for d in self.attempt.poll(5.0) if d[1] == PacketType.CONNECT]
        self.assertEqual(connect[28:44], b"d" * 16)

    def test_a_doubtful_cookie_is_tried_on_until_a_new_one_comes(self) -> None:
        """Bad luck is mended by the next CONNECT, a stale cookie by the HELLO beside it."""
        self.attempt.challenge(challenge(b"n" * 16), 0.0)
        for n in range(CONNECTS):
            self.attempt.poll(n * RETRY)
            # not doubtful yet: the cookie stays
            self.attempt.challenge(challenge(b"n" * 16, b"d" * 16), n * RETRY)
        connect, hello = self.attempt.poll(CONNECTS * RETRY)
        self.assertEqual(kinds([connect, hello]), [PacketType.CONNECT, PacketType.HELLO])
        self.assertEqual(connect[28:44], b"c" * 16)
        self.attempt.challenge(challenge(b"n" * 16, b"e" * 16), 5.0)
        [connect] = self.attempt.poll(5.0)
        self.assertEqual(connect[28:44], b"e" * 16)

    def test_another_attempts_challenge_is_not_believed(self) -> None:
        self.assertRaises(Malformed, self.attempt.challenge, challenge(b"m" * 16), 0.0)

    def test_a_hint_is_not_a_proof(self) -> None:
        refusal = self.attempt.refusal(denied(b"n" * 16, DeniedCode.TOKEN_INVALID))
        self.assertFalse(refusal.proven)
        # what only somebody can say who opened the token has a tag
        for code in (DeniedCode.KICKED, DeniedCode.LOBBY_GONE):
            self.assertRaises(Malformed, self.attempt.refusal, denied(b"n" * 16, code))
        self.assertTrue(self.attempt.refusal(denied(b"n" * 16, 7, proven=True)).proven)

    def test_a_broken_tag_is_no_hint(self) -> None:
        good = denied(b"n" * 16, DeniedCode.VERSION, proven=True)
        broken = good[:-1] + bytes((good[-1] ^ 1,))
        self.assertRaises(Malformed, self.attempt.refusal, broken)


class AttemptsTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.drawn = 0
        self.attempts = Attempts(TICKET, self.draw, 1000, 0.0)

    def draw(self, size: int) -> bytes:
        self.drawn += 1
        return bytes((self.drawn % 256,)) * size

    def hellos(self, until: float, lost_for: bool = False, begin: float = 0.0) -> list[float]:
        """When HELLOs leave, looked at every 10 ms."""
        times = [begin + n / 100 for n in range(round((until - begin) * 100))]
        return [t for t in times if self.attempts.poll(t, t if lost_for else None)]

    def test_an_old_attempt_is_given_a_new_nonce_and_counter(self) -> None:
        [first] = self.attempts.poll(0.0, None)
        [again] = self.attempts.poll(1.0, None)
        self.assertEqual(first[12:28], again[12:28])
        [other] = self.attempts.poll(ATTEMPT + 0.1, None)
        self.assertNotEqual(first[12:28], other[12:28])
        # unix seconds, which have grown meanwhile
        self.assertEqual(self.attempts.counter, 1005)

    def test_the_counter_grows_however_fast_attempts_follow(self) -> None:
        seen = set()
        for n in range(5):
            self.attempts.go_on(n * ATTEMPT)
            seen.add(self.attempts.counter)
        self.assertEqual(len(seen), 5)

    def test_hellos_are_fewer_the_longer_nobody_answers(self) -> None:
        times = self.hellos(300.0, lost_for=True)
        per_minute = [sum(m * 60 <= t < m * 60 + 60 for t in times) for m in range(5)]
        self.assertEqual(per_minute, sorted(per_minute, reverse=True))
        gaps = [b - a for a, b in pairwise(times)]
        self.assertGreaterEqual(min(gaps), 0.24)
        self.assertLessEqual(max(gaps), 4.1)
        # a blackhole of 20 s is over within a second and a half
        early = [b - a for a, b in pairwise(times) if b < 21]
        self.assertLessEqual(max(early), 1.1)

    def test_who_rests_sends_nothing_and_goes_on_at_once(self) -> None:
        self.attempts.poll(0.0, None)
        self.attempts.rest()
        self.assertFalse(self.attempts.active)
        self.assertEqual(self.hellos(2.0), [])
        self.attempts.go_on(2.0)
        self.assertEqual(len(self.attempts.poll(2.0, None)), 1)

    def test_rate_limits_are_kept(self) -> None:
        [hello] = self.attempts.poll(0.0, None)
        nonce = hello[12:28]
        self.attempts.refusal(denied(nonce, DeniedCode.RATE_LIMITED, 3000), 0.1)
        self.assertEqual(self.hellos(3.0, begin=0.1), [])
        self.assertEqual(len(self.hellos(3.25, begin=3.0)), 1)
        # anybody on the path can say this, so it is not believed for long
        self.attempts.refusal(denied(nonce, DeniedCode.RATE_LIMITED, 3_600_000), 3.3)
        self.assertEqual(self.hellos(7.25, begin=3.3), [])
        self.assertEqual(len(self.hellos(7.45, begin=7.25)), 1)
        self.assertEqual(self.attempts.hint, DeniedCode.RATE_LIMITED)

    def test_an_earlier_attempts_refusal_is_not_believed(self) -> None:
        [hello] = self.attempts.poll(0.0, None)
        self.attempts.go_on(ATTEMPT)
        refusal = denied(hello[12:28], DeniedCode.KICKED, proven=True)
        self.assertRaises(Malformed, self.attempts.refusal, refusal, ATTEMPT)
