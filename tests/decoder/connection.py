"""Both ends' state of one connection: sequence numbers, acks, reliable messages, samples."""

from __future__ import annotations

from typing import Any

from .capture import Address
from .keys import Ticket
from .parse import Fields, name_of
from .quantities import Quaternion, Vector, after, position, rotation
from .roster import Roster

WINDOW = 256
_U32 = 0xFFFFFFFF


class Stream:
    """What one end sent."""

    def __init__(self) -> None:
        self.seen: dict[int, bytes] = {}
        self.newest = 0
        self.send_time = 0
        self.delivered: list[Fields] = []
        self._next_id = 1
        self._held: dict[int, Fields] = {}
        self._known: dict[int, Fields] = {}
        self._last_id = 0

    @property
    def missing(self) -> list[int]:
        """Sequence numbers that were skipped: lost before they could be captured."""
        return [seq for seq in range(1, self.newest) if seq not in self.seen]

    @property
    def undelivered(self) -> list[int]:
        """Reliable ids that wait for an earlier one."""
        return list(self._held)

    def covers(self, low: int) -> int | None:
        """The newest sequence number that was sent with these low 16 bits."""
        seq = self.newest - ((self.newest - low) & 0xFFFF)
        return seq if seq in self.seen else None

    def acknowledged(self, rel_ack: int) -> bool:
        """Whether the message of this id, and all before it, were sent."""
        return rel_ack == 0 or (self._last_id - rel_ack) % 65535 < len(self.delivered)

    def message(self, number: int, message: Fields) -> str | None:
        """Take a reliable message; it goes to `delivered` when its turn has come."""
        if number in self._known:
            return None if self._known[number] == message else f"message {number} changed"
        ahead = (number - self._next_id) & 0xFFFF
        if ahead >= 0x8000:
            return f"message {number} is older than any that may come again"
        if ahead > WINDOW:
            return f"message {number} comes {ahead} ids too early"
        self._known[number] = self._held[number] = message
        while self._next_id in self._held:
            self._last_id = self._next_id
            self.delivered.append(self._held.pop(self._next_id))
            # A repeat may come for as long as the sender's window allows.
            self._known.pop((self._next_id - 2 * WINDOW) & 0xFFFF, None)
            self._next_id = next_id(self._next_id)
        return None


def next_id(number: int) -> int:
    """Reliable ids run from 1 to 65535, then from 1 again."""
    return number % 65535 + 1


class Connection:
    """From one WELCOME on."""

    def __init__(self, ticket: Ticket, nonce: bytes, client: Address, welcome: Fields) -> None:
        self.ticket, self.client_nonce, self.client, self.welcome = ticket, nonce, client, welcome
        self.up_key, self.down_key = ticket.connection_keys(nonce, welcome["server_nonce"])
        self.up, self.down = Stream(), Stream()
        self.roster = Roster()
        self.tokens: list[bytes] = []
        self.sample_seq = 0
        self._samples: dict[int, Fields] = {}
        self._pings: set[tuple[bool, int]] = set()
        self._challenges: set[tuple[bool, bytes]] = set()
        self._ticks: dict[int, int] = {}

    def key(self, to_server: bool) -> bytes:
        return self.up_key if to_server else self.down_key

    def sent(self, to_server: bool) -> Stream:
        return self.up if to_server else self.down

    def position(self, fields: Fields) -> Vector:
        """Metres, of anything that has x, y and z."""
        welcome = self.welcome
        origin = welcome["origin_x"], welcome["origin_y"], welcome["origin_z"]
        return position((fields["x"], fields["y"], fields["z"]), origin, welcome["pos_step"])

    def rotation(self, fields: Fields) -> Quaternion:
        """A quaternion (x, y, z, w); there is but one way of packing it so far."""
        return rotation(fields["rotation"])

    def take(self, data: bytes, packet: Fields, to_server: bool) -> tuple[bool, list[str]]:
        """A datagram whose tag is right: whether it is a repeat, and what is wrong with it."""
        stream, seq = self.sent(to_server), packet["seq"]
        if seq in stream.seen:
            return True, [] if stream.seen[seq] == data else [f"seq {seq} came with other bytes"]
        problems = self._acks(packet, self.sent(not to_server))
        if seq == 0 or seq <= stream.newest - WINDOW:
            problems.append(f"seq {seq} is below the window of {stream.newest}")
        elif seq > stream.newest:
            if stream.newest and after(stream.send_time, packet["send_time"], 32):
                problems.append(f"send_time goes back at seq {seq}")
            stream.newest, stream.send_time = seq, packet["send_time"]
        stream.seen[seq] = data
        for frame in packet.get("frames", ()):
            problems += self._frame(packet, frame, to_server)
        return False, problems

    def _acks(self, packet: Fields, peer: Stream) -> list[str]:
        problems = []
        ack, bits = packet["ack"], packet["ack_bits"]
        newest = peer.covers(ack) if ack or peer.newest >= 1 << 16 else 0
        if newest is None:
            problems.append(f"ack {ack} of what was not sent, newest is {peer.newest}")
        elif any(bits >> n & 1 and newest - n - 1 not in peer.seen for n in range(32)):
            problems.append(f"ack_bits {bits:#010x} of {ack} tell of what was not sent")
        if not peer.acknowledged(packet["rel_ack"]):
            problems.append(f"rel_ack {packet['rel_ack']} of what was not sent")
        return problems

    def _frame(self, packet: Fields, frame: Fields, to_server: bool) -> list[str]:
        name = name_of("FrameType", frame["type"])
        if "unknown" in frame:
            return [f"no frame type {frame['type']} in this direction"]
        if name == "RELIABLE":
            return self._reliable(frame, to_server)
        wrong = None
        if name == "UPDATE":
            wrong = self._update(frame)
        elif name == "SNAPSHOT":
            wrong = self._snapshot(packet, frame)
        elif name == "UNRELIABLE":
            wrong = _peer(frame["peer_slot"], to_server)
            if len(frame["payload"]) > 512:
                wrong = f"an UNRELIABLE of {len(frame['payload'])} bytes"
        elif name == "PING":
            self._pings.add((to_server, frame["t0"]))
        elif name == "PONG":
            if (not to_server, frame["t0"]) not in self._pings:
                wrong = "a PONG without its PING"
        elif name == "PATH_CHALLENGE":
            self._challenges.add((to_server, frame["nonce"]))
        elif name == "PATH_RESPONSE":
            if (not to_server, frame["nonce"]) not in self._challenges:
                wrong = "a PATH_RESPONSE without its PATH_CHALLENGE"
        elif name == "DISCONNECT" and name_of("DisconnectReason", frame["reason"]) is None:
            wrong = f"no reason {frame['reason']} of DISCONNECT"
        return [wrong] if wrong else []

    def _update(self, frame: Fields) -> str | None:
        if not after(frame["sample_seq"], self.sample_seq, 32) and self.sample_seq:
            return f"sample_seq {frame['sample_seq']} after {self.sample_seq}"
        self.sample_seq = frame["sample_seq"]
        told = self._samples
        older = frame["samples"] if frame["sample_dt"] else frame["samples"][:1]
        self._samples = {(self.sample_seq - back) & _U32: s for back, s in enumerate(older)}
        if any(told.get(seq, sample) != sample for seq, sample in self._samples.items()):
            return f"a sample before {self.sample_seq} is not what it was"
        return None

    def _snapshot(self, packet: Fields, frame: Fields) -> str | None:
        if after(frame["last_sample_seq"], self.sample_seq, 32):
            return f"last_sample_seq {frame['last_sample_seq']} was not sent"
        if frame["flags"] & ~3:
            return f"flags {frame['flags']:#x} of a SNAPSHOT"
        if "correction" in frame and not name_of("CorrectionReason", frame["correction"]["reason"]):
            return f"no reason {frame['correction']['reason']} of CORRECTION"
        slots = [record["slot"] for record in frame["records"]]
        if len(set(slots)) < len(slots) or any(slot > 63 for slot in slots):
            return f"records of slots {slots}"
        time = (packet["send_time"] - 16 * frame["tick_age"]) & _U32
        for tick, other in list(self._ticks.items()):
            if tick == frame["server_tick"]:
                # Each age is rounded to 16 us.
                if (time - other + 16) % (1 << 32) > 32:
                    return f"tick {tick} has two times"
            elif after(frame["server_tick"], tick, 32) != after(time, other, 32):
                return f"ticks {tick} and {frame['server_tick']} are not in order of time"
        self._ticks = {frame["server_tick"]: time}
        return None

    def _reliable(self, frame: Fields, to_server: bool) -> list[str]:
        stream, number = self.sent(to_server), frame["first_id"]
        problems: list[str | None] = ["first_id 0"] if number == 0 else []
        before = len(stream.delivered)
        for message in frame["messages"]:
            problems.append(stream.message(number, message))
            number = next_id(number)
        for message in stream.delivered[before:]:
            problems.append(self._delivered(message, to_server))
        return [problem for problem in problems if problem]

    def _delivered(self, message: Fields, to_server: bool) -> str | None:
        name = name_of("MessageKind", message["kind"])
        if name is None or "unknown" in message:
            return f"no message kind {message['kind']} in this direction"
        if "rev" in message:
            return self.roster.apply(name, dict(message))
        if name == "RESUME":
            self.tokens.append(message["token"])
        if name == "CUSTOM":
            return _peer(message["to_slot" if to_server else "from_slot"], to_server)
        return None


def _peer(slot: int, to_server: bool) -> str | None:
    if slot <= 63 or slot == 255 or (to_server and slot == 254):
        return None
    return f"nobody has slot {slot}"


def describe(message: Any) -> str:
    """The kind of a message, for reading."""
    return name_of("MessageKind", message["kind"]) or str(message["kind"])
