"""The committed golden vectors, against the codecs of the hot path and the client's session."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from construct import Struct
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import (
    ClientSession,
    Connected,
    Denied,
    Disconnected,
    Pong,
    Snapshot,
    WasReset,
)
from lobbyd.relay.frames import read_frames
from lobbyd.wire import keys, messages, quantise, schema, serial
from lobbyd.wire.catalogue import FrameType, MessageKind, PacketType
from lobbyd.wire.derive import Layout, fields
from lobbyd.wire.frames import read_reliable
from lobbyd.wire.packets import HEADER, WELCOME
from lobbyd.wire.replay import ReplayWindow
from lobbyd.wire.tokens import TokenSealer

VECTORS = Path(__file__).resolve().parent / "vectors"


def load(name: str) -> Any:
    return json.loads((VECTORS / name).read_text())


def declaration_of(entry: dict[str, Any]) -> Struct:
    """What an entry of packets.json is made from."""
    name, group = entry["name"], entry["group"]
    if group == "packet":
        return schema.HEADER if name == "HEADER" else schema.PACKETS[PacketType[name]]
    if group == "frame":
        return schema.FRAMES[FrameType[name]]
    table = schema.MESSAGES_DOWN if group == "message_down" else schema.MESSAGES_UP
    return table[MessageKind[name]]


def value_of(kind: str, stored: Any) -> Any:
    """A field's value from its JSON form."""
    if kind.startswith("bytes") or kind == "rest":
        return bytes.fromhex(stored)
    return int(stored, 16) if kind == "u64" else stored


class PacketVectorTests(SynchronousTestCase):
    """One test for each entry; see the loop below."""

    def test_every_declaration_has_a_vector(self) -> None:
        shown = {(entry["group"], entry["name"]) for entry in load("packets.json")}
        declared = {("packet", packet.name) for packet in schema.PACKETS}
        declared |= {("frame", frame.name) for frame in schema.FRAMES}
        declared |= {("message_down", kind.name) for kind in schema.MESSAGES_DOWN}
        declared |= {("message_up", kind.name) for kind in schema.MESSAGES_UP}
        self.assertEqual(shown, declared | {("packet", "HEADER")})


def vector_test(entry: dict[str, Any]) -> Callable[[SynchronousTestCase], None]:
    declaration = declaration_of(entry)
    layout = Layout(declaration)
    types = {field.name: field.type for field in fields(declaration)}

    def test(self: SynchronousTestCase) -> None:
        data = bytes.fromhex(entry["hex"])
        stored = {name: value_of(types[name], value) for name, value in entry["fields"].items()}
        values = [stored[name] for name in layout.names]
        self.assertEqual(list(layout.unpack(data)), values)
        packed = layout.pack(*values)
        # a frame with arrays has only its head here; the arrays come below
        self.assertEqual(packed.hex(), data[: len(packed)].hex())
        if not layout.partial:
            self.assertEqual(len(packed), len(data))

    return test


for _number, _entry in enumerate(load("packets.json")):
    setattr(
        PacketVectorTests,
        f"test_{_entry['group']}_{_entry['name']}_{_number}",
        vector_test(_entry),
    )


def vector(name: str, which: int = 0) -> tuple[dict[str, Any], bytes]:
    """(fields, bytes) of a frame's vector."""
    entries = [e for e in load("packets.json") if e["group"] == "frame" and e["name"] == name]
    return entries[which]["fields"], bytes.fromhex(entries[which]["hex"])


class ArrayVectorTests(SynchronousTestCase):
    def test_the_samples_of_an_update(self) -> None:
        stored, data = vector("UPDATE")
        layout = Layout(schema.SAMPLE)
        samples = [list(layout.unpack(data[at : at + 15])) for at in range(14, len(data), 15)]
        self.assertEqual(samples, [list(sample.values()) for sample in stored["samples"]])

    def test_the_records_of_both_snapshots(self) -> None:
        for which, start in ((0, 16), (1, 32)):
            stored, data = vector("SNAPSHOT", which)
            layout = Layout(schema.RECORD)
            parts = [data[at : at + 16] for at in range(start, len(data), 16)]
            records = [list(layout.unpack(part)) for part in parts]
            self.assertEqual(records, [list(record.values()) for record in stored["records"]])

    def test_the_correction_of_a_snapshot(self) -> None:
        stored, data = vector("SNAPSHOT", 1)
        values = Layout(schema.CORRECTION).unpack(data[16:32])
        self.assertEqual(list(values), list(stored["correction"].values()))

    def test_the_messages_of_a_reliable_frame(self) -> None:
        stored, data = vector("RELIABLE")
        first_id, listed = read_reliable(data)
        self.assertEqual(first_id, stored["first_id"])
        expected = [(m["kind"], bytes.fromhex(m["body"])) for m in stored["messages"]]
        self.assertEqual(listed, expected)


class MessageVectorTests(SynchronousTestCase):
    def test_every_message_decodes_to_its_class_and_back(self) -> None:
        decoders = {"message_down": messages.decode_down, "message_up": messages.decode_up}
        entries = [e for e in load("packets.json") if e["group"] in decoders]
        for entry in entries:
            kind = MessageKind[entry["name"]]
            message = decoders[entry["group"]](kind, bytes.fromhex(entry["hex"]))
            encoded_kind, body = messages.encode(message)
            self.assertEqual((encoded_kind, body.hex()), (kind, entry["hex"]), entry["name"])


class KeyVectorTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.stored = load("keys.json")
        for name, value in self.stored.items():
            if isinstance(value, str) and name not in ("game", "version", "protocol_id"):
                self.stored[name] = bytes.fromhex(value)
        self.server = keys.ServerKeys(self.stored["server_secret"])
        self.protocol_id = int(self.stored["protocol_id"], 16)

    def test_protocol_id(self) -> None:
        made = keys.protocol_id(self.stored["game"], self.stored["version"])
        self.assertEqual(made, self.protocol_id)

    def test_connection_keys(self) -> None:
        stored = self.stored
        up, down = keys.connection_keys(
            stored["session_key"], self.protocol_id, stored["client_nonce"], stored["server_nonce"]
        )
        self.assertEqual(up, stored["client_to_server"])
        self.assertEqual(down, stored["server_to_client"])

    def test_hello_key(self) -> None:
        made = keys.hello_key(self.stored["session_key"], self.protocol_id)
        self.assertEqual(made, self.stored["hello_key"])

    def test_reset(self) -> None:
        reset_key = self.server.reset_key(self.stored["conn_id"])
        self.assertEqual(reset_key, self.stored["reset_key"])
        tag = keys.reset_tag(reset_key, self.stored["conn_id"], self.stored["reset_seq"])
        self.assertEqual(tag, self.stored["reset_tag"])

    def test_tags(self) -> None:
        tagger = keys.Tagger(self.stored["client_to_server"])
        for entry in self.stored["tags"]:
            self.assertEqual(tagger.tag(bytes.fromhex(entry["data"])).hex(), entry["tag"])

    def test_token(self) -> None:
        claims = TokenSealer(self.server).open(self.stored["token"])
        self.assertEqual(claims.session_key, self.stored["session_key"])
        self.assertEqual(claims.conn_id, self.stored["conn_id"])
        self.assertEqual(claims.protocol_id, self.protocol_id)

    def test_cookie(self) -> None:
        jar = keys.CookieJar(self.stored["server_secret"])
        cookie = jar.make("192.0.2.1", 4242, self.stored["client_nonce"], 5)
        self.assertEqual(cookie, self.stored["cookie"])


class ArithmeticVectorTests(SynchronousTestCase):
    def test_positions(self) -> None:
        for entry in load("quantise.json")["positions"]:
            self.assertEqual(quantise.quantise_position(entry["metres"]), entry["steps"], entry)

    def test_rotations(self) -> None:
        for entry in load("quantise.json")["rotations"]:
            x, y, z, w = entry["quaternion"]
            self.assertEqual(quantise.pack_rotation((x, y, z, w)), entry["packed"], entry)
            unpacked = quantise.unpack_rotation(entry["packed"])
            for made, stored in zip(unpacked, entry["unpacked"], strict=True):
                self.assertTrue(math.isclose(made, stored, abs_tol=1e-12), entry)

    def test_serial_numbers(self) -> None:
        for entry in load("serial.json"):
            a, b, bits = entry["a"], entry["b"], entry["bits"]
            self.assertEqual(serial.newer(a, b, bits), entry["newer"], entry)
            self.assertEqual(serial.difference(a, b, bits), entry["difference"], entry)

    def test_replay(self) -> None:
        window = ReplayWindow()
        for entry in load("replay.json"):
            fresh = window.fresh(entry["seq"])
            if fresh:
                window.commit(entry["seq"])
            state = {"fresh": fresh, "newest": window.newest, "ack_bits": window.ack_bits()}
            self.assertEqual(state | {"seq": entry["seq"]}, entry)


class SessionVectorTests(SynchronousTestCase):
    """session.json: the client's side is played by ClientSession, the server's by the file."""

    def setUp(self) -> None:
        self.stored = load("session.json")
        self.steps = [(s["from"], s["name"], bytes.fromhex(s["hex"])) for s in self.stored["steps"]]
        self.session = ClientSession(
            token=bytes.fromhex(self.stored["token"]),
            session_key=bytes.fromhex(self.stored["session_key"]),
            reset_key=bytes.fromhex(self.stored["reset_key"]),
            conn_id=self.stored["conn_id"],
            protocol_id=int(self.stored["protocol_id"], 16),
            entropy=lambda size: bytes.fromhex(self.stored["client_nonce"])[:size],
            connect_counter=self.stored["connect_counter"],
            now=0.001,
        )

    def of(self, sender: str, name: str) -> list[bytes]:
        """The datagrams of one kind, in order."""
        return [data for who, what, data in self.steps if (who, what) == (sender, name)]

    def connect(self) -> None:
        [challenge], [welcome] = self.of("server", "CHALLENGE"), self.of("server", "WELCOME")
        self.session.receive(challenge, 0.002)
        self.session.receive(welcome, 0.003)

    def test_the_clients_handshake_is_byte_for_byte(self) -> None:
        self.assertEqual(self.session.poll(0.001), self.of("client", "HELLO"))
        [challenge] = self.of("server", "CHALLENGE")
        self.assertEqual(self.session.receive(challenge, 0.002), [])
        self.assertEqual(self.session.poll(0.002), self.of("client", "CONNECT"))

    def test_the_welcome_connects(self) -> None:
        [challenge], [welcome] = self.of("server", "CHALLENGE"), self.of("server", "WELCOME")
        self.session.receive(challenge, 0.002)
        [event] = self.session.receive(welcome, 0.003)
        self.assertIsInstance(event, Connected)
        self.assertTrue(self.session.connected)
        expected = dict(zip(WELCOME.names, WELCOME.unpack(welcome), strict=True))
        self.assertEqual(event.welcome, expected)
        # the server's clock is taken over
        self.assertEqual(self.session.server_time(0.003), 60_000)

    def test_the_servers_data_is_understood(self) -> None:
        self.connect()
        first, second, _ = self.of("server", "DATA")
        snapshot, state, joined = self.session.receive(first, 0.01)
        self.assertIsInstance(snapshot, Snapshot)
        self.assertEqual((snapshot.server_tick, len(snapshot.records)), (123456, 2))
        self.assertIsInstance(state, messages.LobbyState)
        self.assertEqual(joined.name, "Zoë 🎮")
        [pong] = self.session.receive(second, 0.01)
        self.assertIsInstance(pong, Pong)
        self.assertEqual(self.session.drops, {})

    def test_each_of_the_servers_datagrams_counts_once(self) -> None:
        self.connect()
        for datagram in self.of("server", "DATA")[:2]:
            self.assertNotEqual(self.session.receive(datagram, 0.01), [])
            self.assertEqual(self.session.receive(datagram, 0.02), [])
        self.assertEqual(self.session.drops, {"replayed": 2})

    def test_the_client_acknowledges_what_it_got(self) -> None:
        self.connect()
        for datagram in self.of("server", "DATA")[:2]:
            self.session.receive(datagram, 0.01)
        [ack] = self.session.poll(0.01)
        header = dict(zip(HEADER.names, HEADER.unpack(ack[:24]), strict=True))
        self.assertEqual((header["rel_ack"], header["ack"], header["ack_bits"]), (2, 3, 0b11))

    def test_the_servers_disconnect_ends_it(self) -> None:
        self.connect()
        self.assertEqual(self.session.receive(self.of("server", "DATA")[2], 1.0), [Disconnected(3)])
        self.assertTrue(self.session.over)
        self.assertEqual(self.session.poll(5.0), [])

    def test_a_denied_with_a_proof_ends_it(self) -> None:
        [denied] = self.of("server", "DENIED")
        self.assertEqual(self.session.receive(denied, 1.0), [Denied(6)])
        self.assertTrue(self.session.over)

    def test_a_reset_is_believed_only_for_a_datagram_that_was_sent(self) -> None:
        self.connect()
        [reset] = self.of("server", "RESET")
        self.assertEqual(self.session.receive(reset, 1.0), [])
        for now in (2.0, 4.0):
            self.session.poll(now)
        self.assertEqual(self.session.receive(reset, 5.0), [WasReset()])

    def test_every_flipped_bit_of_the_servers_datagrams_is_refused(self) -> None:
        """All of them are tagged but the CHALLENGE."""
        self.connect()
        before = (self.session.connected, self.session.over)
        for name in ("WELCOME", "DATA", "DENIED", "RESET"):
            for datagram in self.of("server", name):
                for bit in range(8 * len(datagram)):
                    flipped = bytearray(datagram)
                    flipped[bit // 8] ^= 1 << bit % 8
                    self.assertEqual(self.session.receive(bytes(flipped), 0.01), [], (name, bit))
        self.assertEqual((self.session.connected, self.session.over), before)

    def test_the_clients_data_is_what_the_server_reads(self) -> None:
        up, _ = keys.connection_keys(
            bytes.fromhex(self.stored["session_key"]),
            int(self.stored["protocol_id"], 16),
            bytes.fromhex(self.stored["client_nonce"]),
            bytes.fromhex(self.stored["server_nonce"]),
        )
        first, second = self.of("client", "DATA")
        self.assertTrue(keys.Tagger(up).signs(first) and keys.Tagger(up).signs(second))
        (update_kind, update), (ping_kind, ping) = read_frames(first)
        self.assertEqual((update_kind, ping_kind), (FrameType.UPDATE, FrameType.PING))
        self.assertEqual((update.sample_seq, update.sample_time), (99, 0xFFFFFF00))
        self.assertEqual(ping, (9).to_bytes(4, "little"))
        self.assertEqual(read_frames(second), [])
