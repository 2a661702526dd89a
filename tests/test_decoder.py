"""A captured session is read completely by a decoder that was written from the document."""

from __future__ import annotations

import functools
import itertools
import json
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire.catalogue import AGE_STALE as STALE
from lobbyd.wire.catalogue import TO_ALL
from lobbyd.wire.quantise import UPRIGHT

from .decoder import build, capture, keys, quantities
from .decoder.capture import Capture, Datagram
from .decoder.connection import Connection, Stream, next_id
from .decoder.decoder import Decoded, Decoder
from .decoder.parse import Fields, name_of
from .decoder.roster import Roster
from .decoder.tables import ENUMS, TAG_SIZE
from .recorded import CHAT, THERE, Pose, corrected, decode, decoder_of, played

VECTORS = Path(__file__).parent / "vectors"
HALF_STEP = 0.5 / 512 + 1e-9
DEGREES = 0.276
NO_TURN = (0.0, 0.0, 0.0, 1.0)
"""The worst error of a packed rotation."""


def angle(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """Degrees between two rotations; q and -q are the same one."""
    cosine = abs(sum(p * q for p, q in zip(a, b, strict=True)))
    return 2 * math.degrees(math.acos(min(1.0, cosine)))


@functools.cache
def all_read() -> Decoder:
    """A decoder that has read the whole session; for looking at only."""
    return decode(played().world.capture)


def of_kind(messages: list[Fields], kind: str) -> list[Fields]:
    """The messages of one kind."""
    return [message for message in messages if name_of("MessageKind", message["kind"]) == kind]


class SessionTests(SynchronousTestCase):
    """Everything that the session's datagrams say is what its clients did."""

    def setUp(self) -> None:
        self.played = played()
        self.capture = self.played.world.capture
        self.decoder = all_read()

    def connections(self, name: str) -> list[Connection]:
        """Those of a client, the first one first."""
        wanted = self.played.clients[name].joined.player.player_id
        return [c for c in self.decoder.connections if c.welcome["player_id"] == wanted]

    def test_nothing_is_unaccounted_for(self) -> None:
        self.assertEqual(self.decoder.problems, [])
        self.assertEqual(len(self.decoder.decoded), len(self.capture.datagrams))

    def test_every_byte_is_accounted_for(self) -> None:
        """The values that were read make the same bytes again."""
        for read in self.decoder.decoded:
            self.assertEqual(build.packet(read.fields, read.to_server), read.datagram.payload)

    def test_the_session_has_everything_in_it(self) -> None:
        packets = Counter(read.name for read in self.decoder.decoded)
        self.assertEqual(set(packets), set(ENUMS["PacketType"].values()))
        frames = {
            name_of("FrameType", frame["type"])
            for read in self.decoder.decoded
            for frame in read.fields.get("frames", ())
        }
        self.assertLessEqual(
            {"UPDATE", "SNAPSHOT", "RELIABLE", "UNRELIABLE", "PATH_CHALLENGE", "DISCONNECT"}, frames
        )
        heard = {
            name_of("MessageKind", message["kind"])
            for connection in self.decoder.connections
            for message in connection.up.delivered + connection.down.delivered
        }
        wanted = "PLAYER_JOINED PLAYER_LEFT CUSTOM LOBBY_STATE HOST_CHANGED KICKED READY AWAY BACK"
        self.assertLessEqual({*wanted.split(), "PLAYER_CHANGED", "CHAT", "CLOSED"}, heard)
        self.assertGreater(sum(read.repeat for read in self.decoder.decoded), 0)

    def test_every_sequence_number_is_there(self) -> None:
        """Captured where they leave, before any can be lost."""
        self.assertEqual(len(self.decoder.connections), 5 + 4)
        for connection in self.decoder.connections:
            self.assertEqual(connection.up.missing, [])
            self.assertEqual(connection.down.missing, [])

    def test_clients_send_where_they_are(self) -> None:
        for name, poses in self.played.poses.items():
            sent = [
                (connection, frame["samples"][0])
                for connection in self.connections(name)
                for read in self.decoder.decoded
                if read.connection is connection
                for frame in read.frames("UPDATE")
            ]
            told = [pose for pose in poses if self.is_told(pose, sent)]
            # what waited to be sent when the connection was lost was never sent
            self.assertGreater(len(told), 0.95 * len(poses))
            for connection, sample in sent:
                self.assertTrue(any(self.same(connection, pose, sample) for pose in poses), sample)

    def is_told(self, pose: Pose, sent: list[tuple[Connection, Fields]]) -> bool:
        """Whether some sample is this pose, within what the wire can tell."""
        return any(self.same(connection, pose, sample) for connection, sample in sent)

    def same(self, connection: Connection, pose: Pose, fields: Fields) -> bool:
        metres = connection.position(fields)
        if any(abs(a - b) > HALF_STEP for a, b in zip(metres, pose.position, strict=True)):
            return False
        turned = angle(connection.rotation(fields), pose.rotation)
        return turned <= DEGREES and fields.get("state", fields.get("input")) == pose.input

    def test_everybody_sees_them_where_they_were(self) -> None:
        """Each record is a pose that its player had, and a player's poses come in order."""
        slots = {0: "Ann", 1: "Bob"}
        seen = Counter[str]()
        for connection in self.decoder.connections:
            last = dict.fromkeys(slots, 0)
            reads = [r for r in self.decoder.decoded if r.connection is connection and not r.repeat]
            for read in reads:
                for frame in read.frames("SNAPSHOT"):
                    for record in frame["records"]:
                        name, poses = self.poses_of(record["slot"])
                        if (record["age"], record["rotation"]) == (STALE, UPRIGHT):
                            # after a restart: where it was is sealed, how it was turned is not
                            places = (replace(pose, rotation=NO_TURN, input=0) for pose in poses)
                            assert any(self.same(connection, pose, record) for pose in places)
                            continue
                        start = last[record["slot"]]
                        later = itertools.islice(enumerate(poses), start, None)
                        same = (n for n, pose in later if self.same(connection, pose, record))
                        found = next(same, None)
                        assert found is not None, f"{name} never was at {record}"
                        last[record["slot"]] = found
                        seen[name] += 1
        for name in slots.values():
            self.assertGreater(seen[name], 1000)

    def poses_of(self, slot: int) -> tuple[str, list[Pose]]:
        name = ("Ann", "Bob")[slot]
        return name, self.played.poses[name]

    def test_everything_said_arrives_in_order(self) -> None:
        slots = {"Ann": 0, "Bob": 1, "Cyd": 2, "Zoë": 3, "Sam": 255}
        host = {"Ann": "Ann", "Zoë": "Bob"}
        heard: dict[str, list[tuple[int, int, bytes]]] = {name: [] for name in slots}
        for name in slots:
            up = [m for c in self.connections(name) for m in of_kind(c.up.delivered, "CUSTOM")]
            sent = [(m["to_slot"], m["channel"], m["payload"]) for m in up]
            self.assertEqual(sent, self.played.said[name])
            for connection in self.connections(name):
                for m in of_kind(connection.down.delivered, "CUSTOM"):
                    heard[name].append((m["from_slot"], m["channel"], m["payload"]))
        for receiver, speaker in itertools.product(slots, slots):
            wanted = [
                (slots[speaker], channel, payload)
                for to, channel, payload in self.played.said[speaker]
                if speaker != receiver
                and (
                    to in (TO_ALL, slots[receiver]) or (to == 254 and host.get(speaker) == receiver)
                )
            ]
            got = [entry for entry in heard[receiver] if entry[0] == slots[speaker]]
            self.assertEqual(got, wanted, f"{receiver} from {speaker}")

    def test_chat_and_unreliable_arrive(self) -> None:
        first = self.connections("Ann")[0]
        [line] = of_kind(first.down.delivered, "CHAT")
        self.assertEqual((line["player_id"], line["text"]), (2, CHAT))
        [shot] = [
            frame
            for read in self.decoder.decoded
            if read.connection is first and not read.to_server
            for frame in read.frames("UNRELIABLE")
        ]
        self.assertEqual((shot["peer_slot"], shot["channel"], shot["payload"]), (1, 5, b"perhaps"))

    def test_the_roster_is_the_lobbys(self) -> None:
        for name, wanted in self.played.rosters.items():
            roster = self.connections(name)[-1].roster
            self.assertEqual({i: p["name"] for i, p in roster.players.items()}, wanted)
            self.assertEqual(roster.state["host_player_id"], 2)

    def test_refusals_and_goodbyes(self) -> None:
        [denied] = [read.fields["code"] for read in self.decoder.decoded if read.name == "DENIED"]
        self.assertEqual(name_of("DeniedCode", denied), "TOKEN_EXPIRED")
        last = {
            name: self.goodbyes(self.connections(name)[-1])
            for name in ("Ann", "Bob", "Sam", "Cyd", "Zoë")
        }
        closed = {(False, "CLOSED")}
        wanted = {"Ann": closed, "Bob": closed, "Sam": closed, "Cyd": {(False, "KICKED")}}
        self.assertEqual(last, wanted | {"Zoë": {(True, "LEFT")}})

    def goodbyes(self, connection: Connection) -> set[tuple[bool, str | None]]:
        """Who ended a connection, and why."""
        return {
            (read.to_server, name_of("DisconnectReason", frame["reason"]))
            for read in self.decoder.decoded
            if read.connection is connection
            for frame in read.frames("DISCONNECT")
        }


class CorrectionTests(SynchronousTestCase):
    """A session in which the server puts players elsewhere."""

    def setUp(self) -> None:
        self.decoder = decode(corrected())
        self.ann, self.bob = self.decoder.connections

    def corrections(self, connection: Connection) -> dict[int, Fields]:
        """By corr_id; they are repeated until the client has taken them."""
        return {
            frame["corr_id"]: frame["correction"]
            for read in self.decoder.decoded
            if read.connection is connection
            for frame in read.frames("SNAPSHOT")
            if "correction" in frame
        }

    def taken(self, connection: Connection) -> set[int]:
        """What the client says to have taken."""
        reads = (read for read in self.decoder.decoded if read.connection is connection)
        return {frame["corr_id"] for read in reads for frame in read.frames("UPDATE")} - {0}

    def test_nothing_is_unaccounted_for(self) -> None:
        self.assertEqual(self.decoder.problems, [])
        self.assertEqual(self.ann.welcome["vmax_cm_s"], 600)

    def test_a_jump_is_corrected(self) -> None:
        found = self.corrections(self.ann)
        self.assertEqual(self.taken(self.ann), set(found))
        first = found[1]
        self.assertEqual(name_of("CorrectionReason", first["reason"]), "TELEPORT")
        # put back where the walk of 29 steps had led
        self.assertLess(abs(self.ann.position(first)[0] - 2.9), 0.2)

    def test_the_host_puts_a_player_elsewhere(self) -> None:
        [told] = of_kind(self.ann.down.delivered, "TELEPORT")
        self.assertEqual((told["slot"], self.ann.position(told)), (1, THERE))
        found = self.corrections(self.bob)
        self.assertEqual(self.bob.position(found[told["corr_id"]]), THERE)
        self.assertIn(told["corr_id"], self.taken(self.bob))


class WrongTests(SynchronousTestCase):
    """What is not as it was sent is noticed, and changes nothing."""

    def setUp(self) -> None:
        self.capture = played().world.capture
        self.good = all_read()

    def one_of_each(self) -> dict[int, str]:
        """The first datagram of each packet type and with each frame."""
        found: dict[str | None, int] = {}
        for number, read in enumerate(self.good.decoded):
            found.setdefault(read.name, number)
            for frame in read.fields.get("frames", ()):
                found.setdefault(name_of("FrameType", frame["type"]), number)
        # Whoever is on the path may make these up; the cookie and the token's tag decide.
        del found["HELLO"], found["CHALLENGE"]
        return {number: str(name) for name, number in found.items()}

    def spoil(self, variants: Callable[[bytes], Iterable[bytes]]) -> None:
        """Each variant of a datagram is refused, and the datagram itself is read after them."""
        wanted = self.one_of_each()
        self.assertGreater(len(wanted), 8)
        decoder = decoder_of(self.capture)
        for number, datagram in enumerate(self.capture.datagrams[: max(wanted) + 1]):
            for payload in variants(datagram.payload) if number in wanted else ():
                read = decoder.read(replace(datagram, payload=payload))
                self.assertNotEqual(read.problems, [], (wanted[number], payload))
            self.assertEqual(decoder.read(datagram).problems, [])

    def test_a_flipped_bit(self) -> None:
        def flipped(payload: bytes) -> Iterator[bytes]:
            for bit in range(len(payload) * 8):
                changed = bytearray(payload)
                changed[bit // 8] ^= 1 << bit % 8
                yield bytes(changed)

        self.spoil(flipped)

    def test_a_truncated_datagram(self) -> None:
        self.spoil(lambda payload: (payload[:size] for size in range(len(payload))))

    def test_a_datagram_with_more_behind_it(self) -> None:
        self.spoil(lambda payload: [payload + b"\0", payload + payload])

    def moved(self, number: int, to: int) -> Decoder:
        """A decoder that read the capture with one datagram at another place."""
        datagrams = list(self.capture.datagrams)
        datagrams.insert(to, datagrams.pop(number))
        return decode(replace(self.capture, datagrams=datagrams[: max(number, to) + 1]))

    def find(self, holds: Callable[[Decoded], Any], start: int = 0) -> int:
        """The number of the first datagram of which something holds."""
        reads = enumerate(self.good.decoded)
        return next(n for n, read in reads if n >= start and holds(read))

    def test_a_datagram_at_another_place(self) -> None:
        """Before what it answers it is wrong; between its own stream's it is late."""
        welcome = self.find(lambda read: read.name == "WELCOME")
        connect = self.find(lambda read: read.name == "CONNECT")
        self.assertIn("no CONNECT", self.moved(welcome, connect).problems[0])
        data = self.find(lambda read: read.name == "DATA")
        self.assertIn("no connection", self.moved(data, welcome).problems[0])
        reset = self.find(lambda read: read.name == "RESET")
        self.assertIn("answers no DATA", self.moved(reset, data).problems[0])
        stream = self.good.decoded[data].connection
        later = self.find(lambda read: read.connection is stream and read.fields["seq"] == 9)
        next_one = self.find(lambda r: r.connection is stream and r.fields["seq"] == 10, later)
        self.assertEqual([read.late for read in self.good.decoded].count(True), 0)
        self.assertEqual([read.late for read in self.moved(later, next_one).decoded].count(True), 1)

    def retagged(self, number: int, fields: Fields) -> Decoder:
        """A decoder that met other values, under a tag that is right."""
        good = self.good.decoded[number]
        assert good.connection is not None
        bare = build.packet(fields, good.to_server)[:-TAG_SIZE]
        payload = bare + keys.tag(good.connection.key(good.to_server), bare)
        datagrams = list(self.capture.datagrams[: number + 1])
        datagrams[number] = replace(datagrams[number], payload=payload)
        return decode(replace(self.capture, datagrams=datagrams))

    def test_a_frame_in_another_datagram(self) -> None:
        """Without the key its tag is wrong; with the key it is a frame that does not fit there."""
        number = self.find(lambda read: read.frames("RELIABLE") and not read.to_server)
        into = self.find(lambda read: read.name == "DATA" and read.to_server)
        [moved, *_] = self.good.decoded[number].frames("RELIABLE")
        whole = build.frame(moved, to_server=False)
        frame = {"type": moved["type"], "length": len(whole) - 3, "unknown": whole[3:]}
        fields = self.good.decoded[into].fields
        mixed = fields | {"frames": [frame, *fields["frames"]]}
        datagram = self.capture.datagrams[into]
        untagged = replace(datagram, payload=build.packet(mixed, to_server=True))
        datagrams = [*self.capture.datagrams[:into], untagged]
        self.assertIn("wrong tag", decode(replace(self.capture, datagrams=datagrams)).problems[0])
        decoder = self.retagged(into, mixed)
        self.assertIn("no message kind 4 in this direction", "\n".join(decoder.problems))

    def test_values_that_cannot_be(self) -> None:
        """What both ends' state rules out, under a tag that is right."""
        number = self.find(
            lambda r: r.frames("RELIABLE") and r.frames("SNAPSHOT") and not r.to_server, 300
        )
        fields = self.good.decoded[number].fields
        names = [name_of("FrameType", frame["type"]) for frame in fields["frames"]]
        reliable, snapshot = names.index("RELIABLE"), names.index("SNAPSHOT")

        def frame(index: int, **other: Any) -> Fields:
            frames = list(fields["frames"])
            frames[index] = frames[index] | other
            return {"frames": frames}

        messages = fields["frames"][reliable]["messages"]
        first = fields["frames"][reliable]["first_id"]
        head = fields["frames"][snapshot]
        cases: list[tuple[str, Fields]] = [
            ("of what was not sent", {"ack": fields["ack"] + 1000}),
            ("tell of what was not sent", {"ack": 1, "ack_bits": 1}),
            ("rel_ack 60000 of what was not sent", {"rel_ack": 60000}),
            ("send_time goes back", {"send_time": fields["send_time"] - 10_000_000}),
            ("ids too early", frame(reliable, first_id=first + 300)),
            ("never came", frame(reliable, first_id=first + 1)),
            ("changed", frame(reliable, first_id=1)),
            ("flags 0x4", frame(snapshot, flags=4)),
            ("was not sent", frame(snapshot, last_sample_seq=99999)),
            ("no frame type 200", {"frames": [*fields["frames"], raw(200, b"?")]}),
            ("no message kind 99", frame(reliable, messages=[new_kind(messages[0])])),
            ("left over at", {"frames": [*fields["frames"], raw(5, bytes(5))]}),
            ("left over at", {"frames": [*fields["frames"], raw(3, LONG_CLOSED)]}),
            ("wanted at", {"frames": [*fields["frames"], raw(5, bytes(3))]}),
            ("flags 0x6", frame(snapshot, flags=6)),
            ("a PONG without its PING", {"frames": [*fields["frames"], raw(6, bytes(12))]}),
            ("not in order of time", frame(snapshot, server_tick=head["server_tick"] - 9)),
            ("has two times", frame(snapshot, server_tick=head["server_tick"] - 1)),
            ("records of slots", frame(snapshot, count=2, records=head["records"][:1] * 2)),
            ("came with other bytes", {"seq": fields["seq"] - 1}),
            ("below the window", {"seq": 0}),
            ("an UNRELIABLE of 513", {"frames": [*fields["frames"], raw(4, bytes(515))]}),
        ]
        for words, other in cases:
            problems = self.retagged(number, fields | other).problems
            self.assertTrue(any(words in problem for problem in problems), (words, problems))


LONG_CLOSED = bytes([1, 0, 1, 15, 2, 0, 3, 0])
"""A RELIABLE's body with a CLOSED of two bytes."""


def raw(number: int, body: bytes) -> Fields:
    """A frame of any bytes."""
    return {"type": number, "length": len(body), "unknown": body}


def new_kind(message: Fields) -> Fields:
    """A message that the protocol does not have, in place of one that it has."""
    return {"kind": 99, "length": message["length"], "unknown": bytes(message["length"])}


class RosterTests(SynchronousTestCase):
    """Revisions without gaps, and rosters that take the place of others."""

    def setUp(self) -> None:
        self.roster = Roster()
        self.tell("LOBBY_STATE", 7, host_player_id=1)
        self.join(7, 1)
        self.join(7, 2)

    def tell(self, name: str, rev: int, **fields: Any) -> str | None:
        return self.roster.apply(name, {"rev": rev, **fields})

    def join(self, rev: int, player_id: int) -> str | None:
        return self.tell("PLAYER_JOINED", rev, player_id=player_id, slot=player_id, flags=0)

    def test_changes_are_counted(self) -> None:
        self.assertIsNone(self.tell("AWAY", 8, player_id=2))
        self.assertEqual(self.roster.players[2]["flags"], 16)
        self.assertIsNone(self.tell("BACK", 9, player_id=2))
        self.assertIsNone(self.tell("HOST_CHANGED", 10, player_id=2))
        self.assertEqual(self.roster.players[2]["flags"], 2)
        self.assertIsNone(self.tell("CHAT", 11, player_id=2))
        self.assertIn("rev 11 of CHAT after 11", self.tell("CHAT", 11, player_id=2) or "")
        self.assertIn("rev 13 of CHAT after 11", self.tell("CHAT", 13, player_id=2) or "")

    def test_a_new_roster_forgets_who_is_not_in_it(self) -> None:
        """Even one that comes with the very next revision."""
        for rev in (8, 8, 20):
            self.assertIsNone(self.tell("LOBBY_STATE", rev, host_player_id=1))
            self.assertIsNone(self.join(rev, 1))
            self.assertEqual(list(self.roster.players), [1])
            self.roster.players[9] = {}
        self.assertIsNone(self.join(21, 3))
        self.assertEqual(list(self.roster.players), [1, 9, 3])

    def test_a_change_of_state_forgets_nobody(self) -> None:
        self.assertIsNone(self.tell("LOBBY_STATE", 8, host_player_id=1))
        self.assertIsNone(self.join(9, 3))
        self.assertEqual(list(self.roster.players), [1, 2, 3])

    def test_what_cannot_be(self) -> None:
        self.assertIn("goes back", self.tell("LOBBY_STATE", 6, host_player_id=1) or "")
        self.assertIn("not in the roster", self.tell("BACK", 7, player_id=5) or "")
        self.assertIn("another slot", self.tell("PLAYER_LEFT", 8, player_id=2, slot=1) or "")
        fresh = Roster().apply("CHAT", {"rev": 1, "player_id": 1})
        self.assertIn("before LOBBY_STATE", fresh or "")


class StreamTests(SynchronousTestCase):
    """Reliable ids around their wrap."""

    def test_ids_wrap_past_zero(self) -> None:
        stream = Stream()
        number = 1
        for count in range(70000):
            self.assertIsNone(stream.message(number, {"n": count}))
            self.assertTrue(stream.acknowledged(number))
            number = next_id(number)
        self.assertEqual([m["n"] for m in stream.delivered], list(range(70000)))
        self.assertEqual(number, 70001 - 65535)
        self.assertIn("older", stream.message(1, {"n": 1}) or "")

    def test_what_comes_early_waits(self) -> None:
        stream = Stream()
        stream.message(2, {"n": 2})
        self.assertEqual((stream.delivered, stream.undelivered), ([], [2]))
        self.assertFalse(stream.acknowledged(2))
        stream.message(1, {"n": 1})
        self.assertEqual([m["n"] for m in stream.delivered], [1, 2])
        self.assertIsNone(stream.message(2, {"n": 2}))
        self.assertIn("changed", stream.message(2, {"n": 3}) or "")


class CaptureTests(SynchronousTestCase):
    """The captures are real pcapng files."""

    def test_a_file_is_read_as_it_was_written(self) -> None:
        original = played().world.capture
        self.assertEqual(capture.read(capture.write(original)), original)

    def test_both_versions_of_ip(self) -> None:
        original = Capture([("2001:db8::1", 9000)])
        original.add(1.5, ("2001:db8::2", 4000), original.servers[0], b"odd")
        original.add(2.25, ("192.0.2.7", 4001), ("192.0.2.1", 9000), b"")
        self.assertEqual(capture.read(capture.write(original)), original)

    def test_a_changed_byte_is_noticed(self) -> None:
        original = Capture([("192.0.2.1", 9000)])
        original.add(1.5, ("192.0.2.7", 4001), ("192.0.2.1", 9000), b"payload")
        packet = bytearray(capture.ip_packet(original.datagrams[0]))
        for at in range(len(packet)):
            changed = bytearray(packet)
            changed[at] ^= 4
            with self.assertRaises(ValueError, msg=str(at)):
                capture.open_ip_packet(bytes(changed))

    def test_a_sum_of_zero_is_sent_as_all_ones(self) -> None:
        """RFC 768: zero says that there is none."""
        ends = ("192.0.2.7", 4001), ("192.0.2.1", 9000)
        total = capture.ip_packet(Datagram(0.0, *ends, bytes(2)))[26:28]
        self.assertEqual(capture.ip_packet(Datagram(0.0, *ends, total))[26:28], b"\xff\xff")

    def test_a_known_checksum(self) -> None:
        """The example of RFC 1071, section 3."""
        self.assertEqual(capture.checksum(bytes.fromhex("0001f203f4f5f6f7")), 0xFFFF - 0xDDF2)


class VectorTests(SynchronousTestCase):
    """The golden vectors, which the document names."""

    def vectors(self, name: str) -> Any:
        return json.loads((VECTORS / f"{name}.json").read_text())

    def test_keys(self) -> None:
        told = self.vectors("keys")
        names = ["session_key", "reset_key", "token", "hello_key", "reset_tag"]
        names += ["client_nonce", "server_nonce", "client_to_server", "server_to_client"]
        raw = {name: bytes.fromhex(told[name]) for name in names}
        session_key, reset_key = raw["session_key"], raw["reset_key"]
        protocol_id = int(told["protocol_id"], 16)
        ticket = keys.Ticket(raw["token"], session_key, reset_key, told["conn_id"], protocol_id)
        self.assertEqual(keys.protocol_id(told["game"], told["version"]), protocol_id)
        self.assertEqual(ticket.hello_key(protocol_id), raw["hello_key"])
        both = raw["client_to_server"], raw["server_to_client"]
        self.assertEqual(ticket.connection_keys(raw["client_nonce"], raw["server_nonce"]), both)
        self.assertTrue(
            keys.verify_reset(reset_key, told["conn_id"], told["reset_seq"], raw["reset_tag"])
        )

    def test_quantities(self) -> None:
        told = self.vectors("quantise")
        most = 2**23 - 1
        self.assertIn(most, [entry["steps"] for entry in told["positions"]])
        for entry in told["positions"]:
            if abs(entry["steps"]) == most:
                self.assertGreater(abs(entry["metres"]), most / 512)
                continue
            found = quantities.position((entry["steps"], 0, 0), (0.0, 0.0, 0.0), 1 / 512)
            self.assertLessEqual(abs(found[0] - entry["metres"]), HALF_STEP, entry)
        for entry in told["rotations"]:
            found_rotation = quantities.rotation(entry["packed"])
            for a, b in zip(found_rotation, entry["unpacked"], strict=True):
                self.assertAlmostEqual(a, b, places=6, msg=str(entry))

    def test_every_number_is_a_rotation(self) -> None:
        for packed in (0, 0xFFFFFFFF, 0x3FFFFFFF, 0x80000000, 0xDFF7FDFF):
            self.assertAlmostEqual(math.hypot(*quantities.rotation(packed)), 1.0, places=12)

    def test_serial_comparison(self) -> None:
        self.assertTrue(quantities.after(1, 0xFFFF, 16))
        self.assertFalse(quantities.after(0xFFFF, 1, 16))
        self.assertFalse(quantities.after(5, 5, 16))
