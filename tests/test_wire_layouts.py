"""The codecs of the hot path say what the construct declarations say, byte for byte."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from typing import Any

from construct import (
    ConstructError,
    GreedyBytes,
    GreedyRange,
    Int8ul,
    Int16ul,
    Prefixed,
    Struct,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client import session as client
from lobbyd.client.clock import ServerClock
from lobbyd.client.handshake import Welcomed
from lobbyd.client.line import Line
from lobbyd.errors import Malformed
from lobbyd.lobby.model import Lobby, Player, Seat
from lobbyd.relay.broadcast import Broadcast
from lobbyd.relay.frames import Update, read_frames
from lobbyd.session.connection import Connection, wire_time
from lobbyd.wire import messages, packets, schema
from lobbyd.wire.catalogue import (
    HEADER_SIZE,
    MAX_MESSAGE,
    MAX_SAMPLES,
    MAX_UNRELIABLE,
    TAG_SIZE,
    FrameType,
    MessageKind,
    PacketType,
)
from lobbyd.wire.derive import Layout, fields
from lobbyd.wire.frames import make_frame, make_reliable, read_reliable, split_frames
from lobbyd.wire.keys import Tagger

from .wirevalues import TEXT, damaged, nearly, valued, values_for

FIXED_FRAMES = {
    "PING": schema.PING,
    "PONG": schema.PONG,
    "PATH_CHALLENGE": schema.PATH_CHALLENGE,
    "PATH_RESPONSE": schema.PATH_RESPONSE,
    "DISCONNECT": schema.DISCONNECT,
    "ERROR": schema.ERROR,
    "UNRELIABLE": schema.UNRELIABLE,
}
PARTS = {
    "SAMPLE": schema.SAMPLE,
    "RECORD": schema.RECORD,
    "CORRECTION": schema.CORRECTION,
    "HEADER": schema.HEADER,
    "TOKEN": schema.TOKEN,
    "CLAIMS": schema.CLAIMS,
}
WHOLE: dict[str, Struct] = {
    **{packet.name: declaration for packet, declaration in schema.PACKETS.items()},
    **FIXED_FRAMES,
    **PARTS,
    **{f"down_{kind.name}": declared for kind, declared in schema.MESSAGES_DOWN.items()},
    **{f"up_{kind.name}": declared for kind, declared in schema.MESSAGES_UP.items()},
}
HEADS = {"UPDATE": schema.UPDATE, "SNAPSHOT": schema.SNAPSHOT, "RELIABLE": schema.RELIABLE}


def parsed(declaration: Struct, data: bytes) -> list[Any] | None:
    """construct's reading of exactly ``data``; None where it does not fit."""
    stream = io.BytesIO(data)
    try:
        container = declaration.parse_stream(stream)
    except (ConstructError, UnicodeDecodeError):
        return None
    if stream.read():
        return None
    return [container[field.name] for field in valued(declaration)]


def read(layout: Layout, data: bytes) -> list[Any] | None:
    """The layout's reading of ``data``; None where it is Malformed."""
    try:
        return list(layout.unpack(data))
    except Malformed:
        return None


def same_bytes(declaration: Struct) -> Callable[[SynchronousTestCase], None]:
    layout = Layout(declaration)

    @settings(max_examples=40)
    @given(values=values_for(declaration))
    def law(self: SynchronousTestCase, values: dict[str, Any]) -> None:
        built = declaration.build(values)
        self.assertEqual(layout.pack(*values.values()).hex(), built.hex())
        self.assertEqual(list(layout.unpack(built)), list(values.values()))
        self.assertEqual(parsed(declaration, built), list(values.values()))

    return law


def same_verdict(declaration: Struct) -> Callable[[SynchronousTestCase], None]:
    layout = Layout(declaration)

    @settings(max_examples=60)
    @given(data=nearly(declaration))
    def law(self: SynchronousTestCase, data: bytes) -> None:
        # repr, because NaN is not equal to itself
        self.assertEqual(repr(read(layout, data)), repr(parsed(declaration, data)))

    return law


class LayoutTests(SynchronousTestCase):
    """One test of each law for each declaration; see the loop below."""

    def test_nothing_declared_is_left_out(self) -> None:
        """Every Struct of the schema is among those that are held to construct here."""
        declared = {
            id(value)
            for name, value in vars(schema).items()
            if isinstance(value, Struct) and name not in ("FRAME", "MESSAGE")
        }
        self.assertEqual(declared, {id(d) for d in [*WHOLE.values(), *HEADS.values()]})

    def test_unpack_reads_at_an_offset(self) -> None:
        self.assertEqual(packets.PING.unpack(b"skip" + b"\1\2\3\4", 4), (0x04030201,))

    def test_too_many_values_are_a_mistake(self) -> None:
        with self.assertRaises(TypeError):
            packets.PING.pack(1, 2)

    def test_text_that_is_not_utf8_is_malformed(self) -> None:
        layout = Layout(schema.CHAT_UP)
        with self.assertRaises(Malformed):
            layout.unpack(b"\2\0\xff\xfe")

    def test_a_wrong_magic_is_malformed(self) -> None:
        hello = packets.HELLO.pack(1, bytes(16), 2)
        with self.assertRaises(Malformed):
            packets.HELLO.unpack(b"\xb2" + hello[1:])

    def test_a_declaration_with_a_fixed_field_after_a_variable_one_is_refused(self) -> None:
        with self.assertRaises(TypeError):
            Layout(Struct("text" / schema.STR8, "number" / Int8ul))


for _name, _declaration in WHOLE.items():
    setattr(LayoutTests, f"test_{_name}_is_what_construct_builds", same_bytes(_declaration))
    setattr(LayoutTests, f"test_{_name}_of_any_bytes_is_as_construct", same_verdict(_declaration))


class HotFormatTests(SynchronousTestCase):
    """The formats that are computed are the ones that were meant."""

    def test_formats(self) -> None:
        formats = {
            name: getattr(packets, name).head.format
            for name in ("HEADER", "SAMPLE", "RECORD", "UPDATE", "SNAPSHOT", "RELIABLE")
        }
        expected = {
            "HEADER": "<1sBHIIHHII",
            "SAMPLE": "<HbHbHbIH",
            "RECORD": "<BBHbHbHbIB",
            "UPDATE": "<IIHHBB",
            "SNAPSHOT": "<IHIhBBBB",
            "RELIABLE": "<HB",
        }
        self.assertEqual(formats, expected)

    def test_sizes(self) -> None:
        """As docs/protocol.md and other clients have them."""
        sizes = {
            name: layout.size
            for name, layout in vars(packets).items()
            if isinstance(layout, Layout) and name.isupper()
        }
        expected = {
            "HELLO": 1200,
            "CHALLENGE": 48,
            "CONNECT": 1200,
            "WELCOME": 108,
            "DENIED": 44,
            "RESET": 28,
            "HEADER": 24,
            "UPDATE": 14,
            "SAMPLE": 15,
            "SNAPSHOT": 16,
            "CORRECTION": 16,
            "RECORD": 16,
            "RELIABLE": 3,
            "UNRELIABLE": 2,
            "PING": 4,
            "PONG": 12,
            "PATH_CHALLENGE": 8,
            "PATH_RESPONSE": 8,
            "DISCONNECT": 1,
            "ERROR": 4,
        }
        self.assertEqual(sizes, expected)

    def test_an_answer_is_smaller_than_what_it_answers(self) -> None:
        self.assertLess(packets.CHALLENGE.size, packets.HELLO.size)
        self.assertLess(packets.WELCOME.size, packets.CONNECT.size)
        self.assertLess(packets.DENIED.size, packets.CONNECT.size)
        self.assertLess(packets.RESET.size, HEADER_SIZE + TAG_SIZE)

    @given(low=st.integers(-(2**23), 2**23 - 1))
    def test_24_bits_in_two_pieces(self, low: int) -> None:
        """ "Hb" is a signed 24-bit little-endian integer."""
        packed = packets.SAMPLE.pack(low, 0, 0, 0, 0)
        self.assertEqual(packed[:3], low.to_bytes(3, "little", signed=True))


def head_law(declaration: Struct, empty: dict[str, Any]) -> Callable[[SynchronousTestCase], None]:
    layout = Layout(declaration)

    @settings(max_examples=40)
    @given(values=values_for(declaration))
    def law(self: SynchronousTestCase, values: dict[str, Any]) -> None:
        values = {**values, **{name: 0 for name in ("count", "flags") if name in values}}
        built = declaration.build({**values, **empty})
        self.assertEqual(layout.pack(*values.values()).hex(), built.hex())
        self.assertEqual(layout.unpack(built), tuple(values.values()))

    return law


_EMPTY: dict[str, dict[str, Any]] = {
    "UPDATE": {"samples": []},
    "SNAPSHOT": {"correction": None, "records": []},
    "RELIABLE": {"messages": []},
}
for _name, _declaration in HEADS.items():
    setattr(HotFormatTests, f"test_head_of_{_name}", head_law(_declaration, _EMPTY[_name]))


# -- composed frames ---------------------------------------------------------

SAMPLE_VALUES = values_for(schema.SAMPLE)
POSE = st.binary(min_size=13, max_size=13)


def as_datagram(frames: bytes) -> bytes:
    return bytes(HEADER_SIZE) + frames + bytes(TAG_SIZE)


def frames_of(datagram: bytes) -> list[Any]:
    """construct's reading of a datagram's frames."""
    parsed_frames = schema.FRAME_LIST.parse(datagram[HEADER_SIZE:-TAG_SIZE])
    return [(frame.type, frame.body) for frame in parsed_frames]


def a_connection(now: float = 1000.0) -> Connection:
    seat = Seat(session_id=1, conn_id=2, session_key=bytes(32), since=now)
    player = Player(player_id=1, slot=0, name="one", seat=seat)
    lobby = Lobby(5, "ABCD", "ABCD", "", "", 0, 8, now)
    lobby.players[1] = player
    address = ("192.0.2.9", 4000)
    return Connection(2, lobby, player, address, bytes(16), (bytes(32), b"d" * 32), now)


class ComposedTests(SynchronousTestCase):
    """Frames that are put together by hand parse with construct to the same values."""

    @settings(max_examples=60)
    @given(
        poses=st.dictionaries(st.integers(0, 63), st.tuples(POSE, st.integers(0, 255)), max_size=8),
        age=st.floats(0, 0.6),
        tick=st.integers(0, 2**33),
        sample_seq=st.integers(0, 2**32 - 1),
    )
    def test_snapshot(
        self, poses: dict[int, tuple[bytes, int]], age: float, tick: int, sample_seq: int
    ) -> None:
        now = 1000.0
        connection = a_connection(now - age)
        connection.confirmed = True
        connection.sample_seq = sample_seq
        broadcast = Broadcast(connection.lobby)
        broadcast.connections[connection.conn_id] = connection
        for slot, (pose, state) in poses.items():
            broadcast.block.write(slot, pose, state, now - age)
        shown = broadcast.show(tick, now)
        [(datagram, address)] = broadcast.for_one(connection, shown, tick, now)
        self.assertEqual(address, connection.address)
        [(kind, snapshot)] = frames_of(datagram)
        self.assertEqual(kind, FrameType.SNAPSHOT)
        self.assertEqual(snapshot.server_tick, tick % 2**32)
        self.assertEqual(snapshot.last_sample_seq, sample_seq)
        self.assertEqual((snapshot.flags, snapshot.part, snapshot.corr_id), (0, 0, 0))
        self.assertEqual(snapshot.count, len(poses))
        for record in snapshot.records:
            pose, state = poses[record.slot]
            where = {"x": record.x, "y": record.y, "z": record.z, "rotation": record.rotation}
            self.assertEqual(schema.SAMPLE.build({**where, "input": 0})[:13], pose)
            self.assertEqual(record.state, state)
            # 2 ms units, rounded down, 255 for all that is older
            self.assertLessEqual(abs(record.age - min(255, age * 500)), 1)
        self.assertEqual({record.slot for record in snapshot.records}, set(poses))

    @settings(max_examples=60)
    @given(
        records=st.lists(values_for(schema.RECORD), max_size=5),
        head=values_for(schema.SNAPSHOT),
        correction=st.none() | values_for(schema.CORRECTION),
        send_time=st.integers(0, 2**32 - 1),
    )
    def test_the_client_reads_a_snapshot(
        self,
        records: list[dict[str, Any]],
        head: dict[str, Any],
        correction: dict[str, Any] | None,
        send_time: int,
    ) -> None:
        values = {
            **head,
            "flags": 0 if correction is None else 1,
            "count": len(records),
            "correction": correction,
            "records": records,
        }
        snapshot = client.read_snapshot(schema.SNAPSHOT.build(values), send_time)
        self.assertEqual(snapshot.server_tick, head["server_tick"])
        self.assertEqual(snapshot.last_sample_seq, head["last_sample_seq"])
        self.assertEqual(snapshot.tick_time, (send_time - 16 * head["tick_age"]) % 2**32)
        got = [(r.slot, r.x, r.y, r.z, r.rotation, r.state) for r in snapshot.records]
        names = ("slot", "x", "y", "z", "rotation", "state")
        self.assertEqual(got, [tuple(record[name] for name in names) for record in records])
        ages = [None if r["age"] == 255 else r["age"] * 2 / 1000 for r in records]
        self.assertEqual([record.age for record in snapshot.records], ages)

    @settings(max_examples=60)
    @given(sample=SAMPLE_VALUES, interp_delay=st.integers(0, 2**16 - 1))
    def test_the_clients_update(self, sample: dict[str, Any], interp_delay: int) -> None:
        welcome = {"conn_id": 2, "seq": 1, "slot": 0}
        tagger = Tagger(bytes(32))
        clock = ServerClock()
        clock.step(2_000_000, 2.0)
        line = Line(Welcomed(welcome, tagger, tagger, None), clock, 2.0, redundancy=3)
        line.update(schema.SAMPLE.build(sample), 2.0, interp_delay)
        [datagram] = line.poll(2.0)
        [(kind, update)] = frames_of(datagram)
        self.assertEqual(kind, FrameType.UPDATE)
        self.assertEqual((update.sample_seq, update.sample_time), (1, 2_000_000))
        self.assertEqual((update.interp_delay, update.count), (interp_delay, 1))
        self.assertEqual({name: update.samples[0][name] for name in sample}, sample)

    @settings(max_examples=60)
    @given(head=values_for(schema.UPDATE), samples=st.lists(SAMPLE_VALUES, min_size=1, max_size=8))
    def test_the_server_reads_an_update(
        self, head: dict[str, Any], samples: list[dict[str, Any]]
    ) -> None:
        values = {**head, "count": len(samples), "samples": samples}
        body = schema.UPDATE.build(values)
        [(kind, update)] = read_frames(as_datagram(make_frame(FrameType.UPDATE, body)))
        self.assertEqual(kind, FrameType.UPDATE)
        expected = Update(
            head["sample_seq"],
            head["sample_time"],
            head["sample_dt"],
            head["interp_delay"],
            head["corr_id"],
            len(samples),
            body,
        )
        self.assertEqual(update, expected)
        for back, sample in enumerate(samples):
            place = (sample["x"], sample["y"], sample["z"])
            self.assertEqual(update.sample(back), (place, sample["rotation"], sample["input"]))

    @settings(max_examples=60)
    @given(
        pairs=st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=40)), max_size=5),
        first_id=st.integers(1, 65535),
    )
    def test_reliable_both_ways(self, pairs: list[tuple[int, bytes]], first_id: int) -> None:
        body = make_reliable(first_id, pairs)
        listed = [{"kind": kind, "body": content} for kind, content in pairs]
        values = {"first_id": first_id, "count": len(pairs), "messages": listed}
        self.assertEqual(body.hex(), schema.RELIABLE.build(values).hex())
        self.assertEqual(read_reliable(body), (first_id, pairs))

    @given(kind=st.sampled_from([t for t in FrameType if t in schema.FRAMES]), data=st.data())
    def test_a_frame_has_the_header_that_is_declared(
        self, kind: FrameType, data: st.DataObject
    ) -> None:
        body = data.draw(st.binary(max_size=600))
        raw = Struct("type" / Int8ul, "body" / Prefixed(Int16ul, GreedyBytes))
        self.assertEqual(make_frame(kind, body), raw.build({"type": kind, "body": body}))

    def test_wire_time_wraps(self) -> None:
        self.assertEqual(wire_time(2**32 / 1e6), 0)
        self.assertEqual(wire_time(2**32 / 1e6 + 1.5), 1_500_000)


# -- any bytes ---------------------------------------------------------------

RAW_FRAMES = GreedyRange(Struct("type" / Int8ul, "body" / Prefixed(Int16ul, GreedyBytes)))
FRAME_BYTES = st.tuples(st.integers(0, 16), st.binary(max_size=24)).map(
    lambda frame: make_frame(*frame)
)
MANY_FRAMES = st.lists(FRAME_BYTES, max_size=4).map(b"".join)
ANY_FRAMES = st.one_of(MANY_FRAMES, MANY_FRAMES.flatmap(damaged), st.binary(max_size=60))


def frame_of(kind: FrameType) -> st.SearchStrategy[bytes]:
    """A frame of a kind with its fields drawn; arrays are damaged soon enough."""
    declaration = schema.FRAMES[kind]
    empty = _EMPTY.get(kind.name, {})

    def build(values: dict[str, Any]) -> bytes:
        fixed: dict[str, Any] = {n: 0 for n in ("count", "flags") if n in values and empty}
        complete: dict[str, Any] = {**values, **fixed, **empty}
        return make_frame(kind, declaration.build(complete))

    return values_for(declaration).map(build)


KNOWN_FRAMES = st.sampled_from(list(schema.FRAMES)).flatmap(frame_of)


class AnyBytesTests(SynchronousTestCase):
    """Whatever a verified datagram contains: a result or Malformed, and nothing else."""

    @settings(max_examples=150)
    @given(frames=ANY_FRAMES)
    def test_frames_are_cut_where_construct_cuts_them(self, frames: bytes) -> None:
        listed = RAW_FRAMES.parse(frames)
        whole = sum(3 + len(frame.body) for frame in listed) == len(frames)
        if whole:
            expected = [(frame.type, frame.body) for frame in listed]
            self.assertEqual(split_frames(as_datagram(frames)), expected)
        else:
            with self.assertRaises(Malformed):
                split_frames(as_datagram(frames))

    @settings(max_examples=200)
    @given(frames=st.one_of(ANY_FRAMES, KNOWN_FRAMES, KNOWN_FRAMES.flatmap(damaged)))
    def test_read_frames_is_a_result_or_malformed(self, frames: bytes) -> None:
        try:
            read = read_frames(as_datagram(frames))
        except Malformed:
            return
        known = set(FrameType) - {FrameType.SNAPSHOT_DELTA, FrameType.INTEREST}
        self.assertLessEqual({kind for kind, _ in read}, known)

    @settings(max_examples=100)
    @given(data=st.binary(max_size=80))
    def test_read_frames_of_short_datagrams(self, data: bytes) -> None:
        """Not even a header and a tag; the relay never asks, but nothing breaks."""
        with contextlib.suppress(Malformed):
            self.assertIsInstance(read_frames(data), list)

    @settings(max_examples=200)
    @given(
        body=st.one_of(
            st.binary(max_size=40),
            st.lists(st.tuples(st.integers(0, 255), st.binary(max_size=9)), max_size=4)
            .map(lambda pairs: make_reliable(7, pairs))
            .flatmap(damaged),
        )
    )
    def test_read_reliable_agrees_with_construct(self, body: bytes) -> None:
        stream = io.BytesIO(body)
        try:
            container = schema.RELIABLE.parse_stream(stream)
        except ConstructError:
            container = None
        if container is None or stream.read() or container.first_id == 0:
            with self.assertRaises(Malformed):
                read_reliable(body)
        else:
            pairs = [(message.kind, message.body) for message in container.messages]
            self.assertEqual(read_reliable(body), (container.first_id, pairs))

    @settings(max_examples=200)
    @given(data=st.data(), kind=st.integers(0, 20))
    def test_messages_of_any_bytes_decode_or_are_malformed(
        self, data: st.DataObject, kind: int
    ) -> None:
        for decode, declared in (
            (messages.decode_up, schema.MESSAGES_UP),
            (messages.decode_down, schema.MESSAGES_DOWN),
        ):
            declaration = declared.get(kind)  # type: ignore[call-overload]
            body = data.draw(nearly(declaration) if declaration else st.binary(max_size=20))
            expected = parsed(declaration, body) if declaration else None
            if declaration is not None and expected is None:
                with self.assertRaises(Malformed):
                    decode(kind, body)
                continue
            message = decode(kind, body)
            if declaration is None:
                self.assertIs(message, None)
            else:
                self.assertEqual([getattr(message, f.name) for f in valued(declaration)], expected)

    @settings(max_examples=150)
    @given(data=nearly(schema.SNAPSHOT.__class__(*schema.SNAPSHOT.subcons[:8])))
    def test_the_clients_snapshot_is_a_result_or_malformed(self, data: bytes) -> None:
        try:
            snapshot = client.read_snapshot(data, 0)
        except Malformed:
            return
        self.assertEqual(len(snapshot.records), data[15])

    def test_unknown_frames_are_skipped(self) -> None:
        ping = make_frame(FrameType.PING, bytes(4))
        unknown = make_frame(0x77, b"of a later version")
        read = read_frames(as_datagram(unknown + ping + make_frame(0x0B, b"")))
        self.assertEqual(read, [(FrameType.PING, bytes(4))])

    def test_a_frame_beyond_the_end_spoils_the_whole_datagram(self) -> None:
        ping = make_frame(FrameType.PING, bytes(4))
        torn = make_frame(0x77, b"more")[:-1]
        with self.assertRaises(Malformed):
            read_frames(as_datagram(ping + torn))

    def test_every_fixed_frame_of_a_wrong_size_is_malformed(self) -> None:
        for kind in FrameType:
            declaration = schema.FRAMES.get(kind)
            if declaration is None or any(f.size is None for f in fields(declaration)):
                continue
            size = declaration.sizeof()
            self.assertEqual(len(read_frames(as_datagram(make_frame(kind, bytes(size))))), 1)
            for wrong in (size - 1, size + 1):
                with self.assertRaises(Malformed):
                    read_frames(as_datagram(make_frame(kind, bytes(wrong))))

    def test_a_snapshot_from_a_client_is_malformed(self) -> None:
        body = schema.SNAPSHOT.build(
            {
                **{f.name: 0 for f in valued(schema.SNAPSHOT)},
                "correction": None,
                "records": [],
            }
        )
        with self.assertRaises(Malformed):
            read_frames(as_datagram(make_frame(FrameType.SNAPSHOT, body)))

    def test_samples_are_one_to_eight(self) -> None:
        for count in range(MAX_SAMPLES + 2):
            body = packets.UPDATE.pack(1, 2, 3, 4, 5, count) + bytes(15 * count)
            datagram = as_datagram(make_frame(FrameType.UPDATE, body))
            if 1 <= count <= MAX_SAMPLES:
                self.assertEqual(len(read_frames(datagram)), 1)
            else:
                with self.assertRaises(Malformed):
                    read_frames(datagram)

    def test_an_update_whose_count_lies_is_malformed(self) -> None:
        for count, samples in ((1, 2), (2, 1), (8, 7)):
            body = packets.UPDATE.pack(1, 2, 3, 4, 5, count) + bytes(15 * samples)
            with self.assertRaises(Malformed):
                read_frames(as_datagram(make_frame(FrameType.UPDATE, body)))

    def test_unreliable_has_a_largest_size(self) -> None:
        fits = make_frame(FrameType.UNRELIABLE, bytes(2 + MAX_UNRELIABLE))
        self.assertEqual(len(read_frames(as_datagram(fits))), 1)
        with self.assertRaises(Malformed):
            read_frames(as_datagram(make_frame(FrameType.UNRELIABLE, bytes(3 + MAX_UNRELIABLE))))

    def test_a_message_has_a_largest_size(self) -> None:
        self.assertEqual(
            read_reliable(make_reliable(1, [(3, bytes(MAX_MESSAGE))])), (1, [(3, bytes(960))])
        )
        with self.assertRaises(Malformed):
            read_reliable(make_reliable(1, [(3, bytes(MAX_MESSAGE + 1))]))

    def test_a_malformed_message_spoils_the_whole_datagram(self) -> None:
        ping = make_frame(FrameType.PING, bytes(4))
        bad = make_reliable(1, [(MessageKind.READY, b"")])
        with self.assertRaises(Malformed):
            read_frames(as_datagram(ping + make_frame(FrameType.RELIABLE, bad)))

    def test_a_message_of_a_later_version_is_let_through(self) -> None:
        body = make_reliable(1, [(200, b"??")])
        [(kind, reliable)] = read_frames(as_datagram(make_frame(FrameType.RELIABLE, body)))
        self.assertEqual((kind, reliable.messages), (FrameType.RELIABLE, [(200, b"??")]))


class MessageClassTests(SynchronousTestCase):
    """The frozen classes are their declarations."""

    def test_every_declared_message_has_a_class(self) -> None:
        for table, declared in (
            (messages._DOWN, schema.MESSAGES_DOWN),
            (messages._UP, schema.MESSAGES_UP),
        ):
            self.assertEqual(set(table), set(declared))

    @given(name=TEXT, rev=st.integers(0, 2**32 - 1))
    def test_encode_and_decode_are_inverse(self, name: str, rev: int) -> None:
        joined = messages.PlayerJoined(rev, 2, 3, 4, 5, name)
        kind, body = messages.encode(joined)
        self.assertEqual(kind, MessageKind.PLAYER_JOINED)
        self.assertEqual(messages.decode_down(kind, body), joined)

    def test_a_message_that_is_too_long_cannot_be_made(self) -> None:
        with self.assertRaises(ValueError):
            messages.encode(messages.CustomUp(255, 0, bytes(MAX_MESSAGE - 1)))
        messages.encode(messages.CustomUp(255, 0, bytes(MAX_MESSAGE - 2)))

    def test_kinds_of_one_direction_are_unknown_in_the_other(self) -> None:
        self.assertIs(messages.decode_down(MessageKind.READY, b"\1"), None)
        self.assertIs(messages.decode_up(MessageKind.CLOSED, b"\1"), None)

    def test_packet_types_are_in_their_packets(self) -> None:
        for packet, declaration in schema.PACKETS.items():
            if packet is PacketType.WELCOME:
                continue
            values = {
                f.name: bytes(f.size or 0) if f.type.startswith("bytes") else 0
                for f in valued(declaration)
            }
            self.assertEqual(declaration.build(values)[:2], bytes((0xB1, packet)))
