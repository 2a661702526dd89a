"""Datagrams made by hand, for tests that play a client, or somebody who is none."""

from __future__ import annotations

from typing import Any

from lobbyd.lobby.operations import Caller, Joined
from lobbyd.lobby.requests import JoinLobby
from lobbyd.testing import SERVER, World, run
from lobbyd.wire import keys, schema
from lobbyd.wire.catalogue import HEADER_SIZE, MAGIC_VERSION, TAG_SIZE, PacketType
from lobbyd.wire.packets import CHALLENGE, DENIED, HELLO, WELCOME

HOME = ("198.51.100.20", 5000)
ELSEWHERE = ("203.0.113.99", 6000)


def take_seat(world: World, code: str, name: str = "") -> Joined:
    """A join over "HTTP" whose UDP side is left to the test."""
    return run(world.operations.join(code, JoinLobby(name), Caller(udp=SERVER), world.now))


def welcome_of(datagram: bytes) -> dict[str, Any]:
    """A WELCOME's fields."""
    return dict(zip(WELCOME.names, WELCOME.unpack(datagram), strict=True))


def denied_code(datagram: bytes) -> int:
    """The code of a DENIED."""
    code: int = DENIED.unpack(datagram)[0]
    return code


class Knock:
    """One client's handshake; ``connect`` takes other values for single fields."""

    def __init__(self, world: World, joined: Joined, address: tuple[str, int] = HOME) -> None:
        self.world, self.ticket, self.address = world, joined.ticket, address
        self.joined = joined
        self.nonce = world.rng.randbytes(16)
        self.counter = 1

    def hello(self) -> bytes:
        return HELLO.pack(self.ticket.protocol_id, self.nonce, 12345)

    def challenge(self) -> tuple[bytes, int]:
        """(cookie, epoch), as the server gives them."""
        [(challenge, _)] = self.world.inject(self.hello(), self.address)
        _, cookie, epoch, _, _ = CHALLENGE.unpack(challenge)
        return cookie, epoch

    def connect(self, *, session_key: bytes | None = None, **other: Any) -> bytes:
        """A CONNECT with a cookie of now, tagged under the key of what it says."""
        cookie, epoch = self.challenge()
        token = other.pop("token", self.ticket.token)
        values = {
            "token_len": len(token),
            "protocol_id": self.ticket.protocol_id,
            "client_nonce": self.nonce,
            "cookie": cookie,
            "cookie_epoch": epoch,
            "connect_counter": self.counter,
            "client_time": 12345,
            **other,
        }
        filled = token.ljust(1200 - 56 - TAG_SIZE, b"\0")
        built: bytes = schema.CONNECT.build({**values, "token": filled, "tag": bytes(16)})
        packet = built[:-TAG_SIZE]
        key = keys.hello_key(session_key or self.ticket.session_key, values["protocol_id"])
        return packet + keys.Tagger(key).tag(packet)

    def send(self, datagram: bytes, address: tuple[str, int] | None = None) -> list[bytes]:
        """The server's immediate answers, which must go where the datagram came from."""
        where = address or self.address
        answers = self.world.inject(datagram, where)
        assert all(to == where for _, to in answers)
        return [answer for answer, _ in answers]

    def enter(self) -> Line:
        """Connect, and confirm with a first datagram."""
        [welcome] = self.send(self.connect())
        line = Line(self.world, self, welcome)
        line.send(b"")
        return line


class Line:
    """The client's end of a connection, with full control over what it sends."""

    def __init__(self, world: World, knock: Knock, welcome: bytes) -> None:
        self.world, self.address = world, knock.address
        self.ticket = knock.ticket
        self.conn_id = knock.ticket.conn_id
        self.welcome = welcome_of(welcome)
        up, down = keys.connection_keys(
            knock.ticket.session_key,
            knock.ticket.protocol_id,
            knock.nonce,
            self.welcome["server_nonce"],
        )
        self.up, self.down = keys.Tagger(up), keys.Tagger(down)
        self.seq = 0

    def datagram(self, frames: bytes, **header: int) -> bytes:
        """A tagged DATA datagram; ``header`` takes other values for single fields."""
        self.seq += 1
        values = {
            "type": PacketType.DATA,
            "rel_ack": 0,
            "conn_id": self.conn_id,
            "seq": self.seq,
            "ack": 0,
            "ack_delay": 0xFFFF,
            "ack_bits": 0,
            "send_time": 0,
            **header,
        }
        body: bytes = schema.HEADER.build(values) + frames
        return body + self.up.tag(body)

    def send(self, frames: bytes, **header: int) -> list[tuple[bytes, Any]]:
        """Give the server a datagram now; its immediate answers."""
        return self.world.inject(self.datagram(frames, **header), self.address)

    def frames_of(self, datagram: bytes) -> list[Any]:
        """construct's reading of a datagram from the server; it must be well tagged."""
        assert self.down.signs(datagram)
        assert datagram[0] == MAGIC_VERSION
        return list(schema.FRAME_LIST.parse(datagram[HEADER_SIZE:-TAG_SIZE]))
