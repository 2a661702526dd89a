"""One attempt to connect: what it sends while nobody answers its CONNECTs."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.handshake import CONNECTS, RETRY, Handshake, Pass
from lobbyd.wire.catalogue import PacketType
from lobbyd.wire.packets import CHALLENGE, CONNECT

NONCE = bytes(range(16))


class UnansweredConnectTests(SynchronousTestCase):
    def setUp(self) -> None:
        ticket = Pass(b"t" * 100, b"k" * 32, b"r" * 32, 7, 8)
        self.handshake = Handshake(ticket, NONCE, 1, 0.0)
        self.now = 0.0

    def challenge(self, cookie: bytes) -> None:
        self.handshake.challenge(CHALLENGE.pack(NONCE, cookie * 16, 3, 0, 0), self.now)

    def sent(self) -> list[PacketType]:
        """What is sent now; then goes on to when it is sent again."""
        self.last = self.handshake.poll(self.now)
        self.now += RETRY
        return [PacketType(datagram[1]) for datagram in self.last]

    def cookie(self) -> bytes:
        """Of the last CONNECT."""
        return bytes(CONNECT.unpack(self.last[0])[3])

    def test_a_hello_goes_beside_it_and_then_alone(self) -> None:
        """Bad luck is answered by the next CONNECT, a stale cookie by the next HELLO."""
        self.assertEqual(self.sent(), [PacketType.HELLO])
        self.challenge(b"a")
        for _ in range(CONNECTS):
            self.assertEqual(self.sent(), [PacketType.CONNECT])
        for _ in range(CONNECTS):
            self.assertEqual(self.sent(), [PacketType.CONNECT, PacketType.HELLO])
            self.assertEqual(self.cookie(), b"a" * 16)
        self.assertEqual(self.sent(), [PacketType.HELLO])

    def test_a_new_cookie_takes_the_place_of_a_doubtful_one_only(self) -> None:
        self.sent()
        self.challenge(b"a")
        self.sent()
        self.challenge(b"b")
        self.now += RETRY
        self.sent()
        self.assertEqual(self.cookie(), b"a" * 16)
        for _ in range(CONNECTS):
            self.sent()
        self.challenge(b"c")
        self.assertEqual(self.sent(), [PacketType.CONNECT])
        self.assertEqual(self.cookie(), b"c" * 16)
