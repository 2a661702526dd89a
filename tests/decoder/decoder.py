"""Reads a captured session: who connected, under which keys, and what was said."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from . import keys, parse
from .capture import Address, Datagram
from .connection import Connection
from .keys import Ticket
from .parse import Fields, name_of

_UNTAGGED = bytes(16)


@dataclass
class Decoded:
    """One datagram, read."""

    datagram: Datagram
    to_server: bool
    name: str = "?"
    fields: Fields = field(default_factory=dict)
    connection: Connection | None = None
    repeat: bool = False
    late: bool = False
    problems: list[str] = field(default_factory=list)

    def frames(self, name: str) -> list[Fields]:
        """The frames of one type."""
        wanted = self.fields.get("frames", ())
        return [frame for frame in wanted if name_of("FrameType", frame["type"]) == name]


@dataclass
class _Attempt:
    """From HELLO to WELCOME or DENIED."""

    client: Address
    protocol_id: int
    client_times: set[int] = field(default_factory=set)
    cookies: set[tuple[bytes, int]] = field(default_factory=set)
    ticket: Ticket | None = None


class Decoder:
    """Give it every datagram in order; `problems` is what it cannot account for."""

    def __init__(self, tickets: Iterable[Ticket], servers: Collection[Address]) -> None:
        self.tickets = list(tickets)
        self.servers = set(servers)
        self.connections: list[Connection] = []
        self.decoded: list[Decoded] = []
        self._attempts: dict[bytes, _Attempt] = {}
        self._counters: dict[bytes, int] = {}
        self._sent: set[tuple[int, int]] = set()

    @property
    def problems(self) -> list[str]:
        """One line for each thing that is wrong, with the number of its datagram."""
        found = [
            f"datagram {number}: {read.name}: {problem}"
            for number, read in enumerate(self.decoded)
            for problem in read.problems
        ]
        for connection in self.connections:
            for to_server in (True, False):
                waiting = connection.sent(to_server).undelivered
                if waiting:
                    found.append(f"messages before {min(waiting)} never came")
        return found

    def read(self, datagram: Datagram) -> Decoded:
        """One datagram, with all that is wrong with it."""
        to_server = datagram.destination in self.servers
        decoded = Decoded(datagram, to_server)
        self.decoded.append(decoded)
        if to_server == (datagram.source in self.servers):
            decoded.problems.append("neither to nor from a server")
            return decoded
        try:
            decoded.fields = parse.packet(datagram.payload, to_server)
        except parse.Malformed as error:
            decoded.problems.append(str(error))
            return decoded
        decoded.name = name_of("PacketType", decoded.fields["type"]) or "?"
        handle = getattr(self, "_" + decoded.name.lower())
        if to_server != (decoded.name in ("HELLO", "CONNECT")) and decoded.name != "DATA":
            decoded.problems.append("goes the wrong way")
        else:
            decoded.problems += handle(decoded)
        return decoded

    def _hello(self, decoded: Decoded) -> list[str]:
        fields, client = decoded.fields, decoded.datagram.source
        fresh = _Attempt(client, fields["protocol_id"])
        attempt = self._attempts.setdefault(fields["client_nonce"], fresh)
        attempt.client_times.add(fields["client_time"])
        if (attempt.client, attempt.protocol_id) != (client, fields["protocol_id"]):
            return ["the nonce of another attempt"]
        return []

    def _attempt(self, decoded: Decoded, client: Address) -> _Attempt | None:
        attempt = self._attempts.get(decoded.fields["client_nonce"])
        return attempt if attempt is not None and attempt.client == client else None

    def _challenge(self, decoded: Decoded) -> list[str]:
        fields = decoded.fields
        attempt = self._attempt(decoded, decoded.datagram.destination)
        if attempt is None or fields["client_time"] not in attempt.client_times:
            return ["answers no HELLO"]
        attempt.cookies.add((fields["cookie"], fields["cookie_epoch"]))
        return []

    def _connect(self, decoded: Decoded) -> list[str]:
        fields = decoded.fields
        attempt = self._attempt(decoded, decoded.datagram.source)
        if attempt is None or (fields["cookie"], fields["cookie_epoch"]) not in attempt.cookies:
            return ["answers no CHALLENGE"]
        ticket = self._holder(fields["token"])
        if ticket is None:
            return ["a token of no ticket"]
        if not keys.verify(ticket.hello_key(fields["protocol_id"]), decoded.datagram.payload):
            return ["wrong tag"]
        problems = []
        if not attempt.protocol_id == fields["protocol_id"] == ticket.protocol_id:
            problems.append("another protocol_id than the ticket's")
        last = self._counters.get(ticket.session_key, 0)
        if attempt.ticket is None and fields["connect_counter"] <= last:
            problems.append(f"connect_counter {fields['connect_counter']} after {last}")
        self._counters[ticket.session_key] = max(last, fields["connect_counter"])
        attempt.ticket = ticket
        return problems

    def _holder(self, token: bytes) -> Ticket | None:
        """Whose token it is: the ticket's own, or one that came by RESUME."""
        for ticket in self.tickets:
            if ticket.token == token:
                return ticket
        for connection in self.connections:
            if token in connection.tokens:
                return connection.ticket
        return None

    def _denied(self, decoded: Decoded) -> list[str]:
        fields = decoded.fields
        attempt = self._attempt(decoded, decoded.datagram.destination)
        if attempt is None:
            return ["answers nothing"]
        if name_of("DeniedCode", fields["code"]) is None:
            return [f"no code {fields['code']}"]
        if fields["tag"] == _UNTAGGED:
            return []
        if attempt.ticket is None:
            return ["a tag, although no token was sent"]
        if not keys.verify(attempt.ticket.hello_key(attempt.protocol_id), decoded.datagram.payload):
            return ["wrong tag"]
        return []

    def _welcome(self, decoded: Decoded) -> list[str]:
        fields, payload = decoded.fields, decoded.datagram.payload
        for connection in reversed(self.connections):
            if connection.welcome == fields:
                decoded.connection, decoded.repeat = connection, True
                return []
        for nonce, attempt in reversed(self._attempts.items()):
            ticket = attempt.ticket
            if ticket is None or ticket.conn_id != fields["conn_id"]:
                continue
            if attempt.client != decoded.datagram.destination:
                continue
            _, key = ticket.connection_keys(nonce, fields["server_nonce"])
            if keys.verify(key, payload):
                connection = Connection(ticket, nonce, attempt.client, fields)
                self.connections.append(connection)
                decoded.connection = connection
                _, problems = connection.take(payload, fields, to_server=False)
                if fields["seq"] != 1:
                    problems.append(f"seq {fields['seq']}")
                if name_of("RotationMode", fields["rot_mode"]) != "SMALLEST_THREE":
                    problems.append(f"rotations of mode {fields['rot_mode']}")
                return problems
        return ["no CONNECT whose keys fit"]

    def _data(self, decoded: Decoded) -> list[str]:
        fields, payload, to_server = decoded.fields, decoded.datagram.payload, decoded.to_server
        known = [c for c in self.connections if c.ticket.conn_id == fields["conn_id"]]
        if not known:
            return [f"no connection {fields['conn_id']}"]
        for connection in reversed(known):
            if keys.verify(connection.key(to_server), payload):
                decoded.connection = connection
                newest = connection.sent(to_server).newest
                decoded.repeat, problems = connection.take(payload, fields, to_server)
                decoded.late = not decoded.repeat and fields["seq"] < newest
                if to_server:
                    self._sent.add((fields["conn_id"], fields["seq"]))
                return problems
        return ["wrong tag"]

    def _reset(self, decoded: Decoded) -> list[str]:
        conn_id, seq = decoded.fields["conn_id"], decoded.fields["seq_echo"]
        if (conn_id, seq) not in self._sent:
            return ["answers no DATA"]
        for ticket in self.tickets:
            if ticket.conn_id == conn_id and keys.verify_reset(
                ticket.reset_key, conn_id, seq, decoded.fields["tag"]
            ):
                return []
        return ["wrong tag"]
