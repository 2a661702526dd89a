"""tshark with the dissector reads captured sessions as the independent decoder does."""

from __future__ import annotations

import functools
import random
import re
from dataclasses import replace
from enum import IntFlag
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire import catalogue, schema
from lobbyd.wire.derive import fields
from lobbyd.wire.publish import dissector

from . import tshark
from .decoder import capture, parse, tables
from .decoder.capture import Capture
from .recorded import corrected, decode, golden, played
from .shown import expected, plain


@functools.cache
def seen() -> list[Any]:
    """What tshark says of the played session."""
    return tshark.trees(capture.write(played().world.capture))


class SessionTests(SynchronousTestCase):
    """The played session, which has every packet type in it."""

    def test_every_datagram_is_recognised(self) -> None:
        self.assertEqual(len(seen()), len(played().world.capture.datagrams))
        self.assertEqual([n for n, tree in enumerate(seen()) if tree is None], [])

    def test_every_value_is_the_decoders(self) -> None:
        """All names, values, counts and levels; so nothing is said to be malformed either."""
        reads = decode(played().world.capture).decoded
        for number, (tree, read) in enumerate(zip(seen(), reads, strict=True)):
            wanted = expected(read)
            self.assertEqual(plain(tree, wanted), wanted, f"datagram {number}")

    def test_numbers_have_their_names(self) -> None:
        text = tshark.run(capture.write(played().world.capture), "-V", "-O", "lobbyd")
        for words in (
            "type: WELCOME (4)",
            "rot_mode: SMALLEST_THREE (0)",
            "code: TOKEN_EXPIRED (4)",
            "type: SNAPSHOT (2)",
            "kind: PLAYER_CHANGED (13)",
            "reason: KICKED (2)",
            "state: OPEN (0)",
            ".... 1... = ready: True",
            "text: grüß dich, 世界",
        ):
            self.assertIn(words, text)

    def test_the_summary_tells_what_is_inside(self) -> None:
        lines = tshark.run(capture.write(played().world.capture)).splitlines()
        self.assertTrue(all(" lobbyd " in line for line in lines))
        self.assertRegex("\n".join(lines), r"DATA seq=\d+ ack=\d+, SNAPSHOT, RELIABLE, LOBBY_STATE")

    def test_the_captures_checksums_are_right(self) -> None:
        """Said by somebody else than the writer."""
        checks = "-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"
        shown = "-T", "fields", "-e", "ip.checksum.status", "-e", "udp.checksum.status"
        output = tshark.run(capture.write(played().world.capture), *checks, *shown)
        self.assertEqual(set(output.splitlines()), {"1\t1"})


class CorrectionTests(SynchronousTestCase):
    def test_corrections_and_teleports_are_the_decoders(self) -> None:
        reads = decode(corrected()).decoded
        trees = tshark.trees(capture.write(corrected()))
        for number, (tree, read) in enumerate(zip(trees, reads, strict=True)):
            wanted = expected(read)
            self.assertEqual(plain(tree, wanted), wanted, f"datagram {number}")
        self.assertGreater(sum("lobbyd.correction.reason" in str(tree) for tree in trees), 1)


class DocumentTests(SynchronousTestCase):
    def test_the_documents_example_is_what_tshark_says(self) -> None:
        """docs/wireshark.md shows the golden session."""
        text = (tshark.SCRIPT.parent.parent / "wireshark.md").read_text()
        blocks = re.findall(r"```text\n(.*?)```", text, re.S)
        self.assertEqual(len(blocks), 2)
        made = capture.write(golden())
        for block, arguments in zip(blocks, ((), ("-V", "-O", "lobbyd")), strict=True):
            shown = [line.strip() for line in tshark.run(made, *arguments).splitlines()]
            for line in block.splitlines():
                self.assertIn(line.strip(), shown)


class VectorTests(SynchronousTestCase):
    """Frames and messages that no session has yet, from the golden vectors' declarations."""

    def test_every_frame_and_message_is_read(self) -> None:
        """Each in a datagram of its own, both ways."""
        made = Capture([("192.0.2.1", 9000)])
        for to_server, names in ((True, tables.FRAMES_UP), (False, tables.FRAMES_DOWN)):
            for name in sorted(names):
                [number] = [n for n, known in tables.ENUMS["FrameType"].items() if known == name]
                body = _filled(tables.FRAMES[name], random.Random(number))
                frame = bytes([number]) + len(body).to_bytes(2, "little") + body
                _data(made, frame, to_server)
        for to_server, messages in (
            (False, tables.MESSAGES_DOWN),
            (True, tables.MESSAGES_UP),
        ):
            for name, layout in messages.items():
                [kind] = [n for n, known in tables.ENUMS["MessageKind"].items() if known == name]
                body = _filled(layout, random.Random(kind))
                message = bytes([1, 0, 1, kind]) + len(body).to_bytes(2, "little") + body
                _data(made, b"\x03" + len(message).to_bytes(2, "little") + message, to_server)
        self.assertEqual(len(made.datagrams), 7 + 8 + 16 + 3)
        shown = tshark.trees(capture.write(made))
        for tree, read in zip(shown, decode(made).decoded, strict=True):
            self.assertEqual(read.problems, [f"no connection {_CONN_ID}"])
            self.assertEqual(plain(tree, expected(read)), expected(read))


_CONN_ID = 0x01010101


def _filled(layout: tables.Layout, rng: random.Random) -> bytes:
    """A body with something in every field."""
    body = b""
    for kind, name in layout:
        sized = re.fullmatch(r"(\w+)\[(\d+)\]", kind)
        if sized:
            body += rng.randbytes(int(sized[2])) if sized[1] == "bytes" else bytes(int(sized[2]))
        elif kind in ("str8", "str16", "bytes16", "rest"):
            content = "Zoë 🎮".encode()
            prefix = {"str8": 1, "rest": 0}.get(kind, 2)
            body += len(content).to_bytes(prefix, "little") if prefix else b""
            body += content
        elif kind == "parts":
            continue
        elif name == "count" and kind == "u8":
            body += b"\x02" if layout is tables.FRAMES["UPDATE"] else b"\x00"
        elif name == "flags" and layout is tables.FRAMES["SNAPSHOT"]:
            body += b"\x03"
        else:
            body += rng.randbytes({"u8": 1, "u16": 2, "u32": 4, "i16": 2, "i24": 3}[kind])
    if layout is tables.FRAMES["UPDATE"]:
        body += rng.randbytes(2 * 15)
    if layout is tables.FRAMES["SNAPSHOT"]:
        body += rng.randbytes(14) + bytes(2)
    return body


def _data(made: Capture, frames: bytes, to_server: bool) -> None:
    client, server = ("192.0.2.9", 4000), made.servers[0]
    payload = b"\xb1\x10" + b"\x01" * 22 + frames + bytes(16)
    made.add(1.0, *((client, server) if to_server else (server, client)), payload)


class SpoiltTests(SynchronousTestCase):
    """Whatever comes, the dissector says that it is malformed and has no error of its own."""

    def test_every_truncation_is_malformed(self) -> None:
        reads = decode(played().world.capture).decoded
        whole = next(r for r in reads if r.frames("RELIABLE") and r.frames("SNAPSHOT"))
        made = Capture(played().world.capture.servers)
        payload = whole.datagram.payload
        for size in range(2, len(payload) - 1):
            datagram = replace(whole.datagram, payload=payload[:size])
            made.datagrams.append(datagram)
        judged = [
            read.problems != [f"no connection {whole.fields['conn_id']}"]
            for read in decode(made).decoded
        ]
        shown = tshark.trees(capture.write(made))
        self.assertEqual(["_ws.expert" in str(tree) for tree in shown], judged)
        self.assertGreater(judged.count(True), 200)

    def test_left_over_bytes_are_malformed(self) -> None:
        made = Capture([("192.0.2.1", 9000)])
        _data(made, b"\x05\x05\x00" + bytes(5), to_server=True)
        _data(made, b"\x03\x08\x00\x01\x00\x01\x0f\x02\x00ab", to_server=False)
        _data(made, b"\x03\x08\x00\x01\x00\x01\x0f\x01\x00ab", to_server=False)
        made.add(1.0, made.servers[0], ("192.0.2.9", 4000), b"\xb1\x0f" + bytes(27))
        for tree, place in zip(
            tshark.trees(capture.write(made)), ("PING", "CLOSED", "RELIABLE", "RESET"), strict=True
        ):
            self.assertIn(f"Malformed: 1 bytes left over in {place}", str(tree))

    def test_a_message_beyond_its_frame_is_malformed(self) -> None:
        """Although the datagram has as many bytes."""
        made = Capture([("192.0.2.1", 9000)])
        _data(made, b"\x03\x07\x00\x01\x00\x01\x0f\x04\x00a", to_server=False)
        [tree] = tshark.trees(capture.write(made))
        self.assertIn("Malformed: 7 bytes wanted for a message, 4 are left", str(tree))

    def test_noise_behind_the_first_bytes(self) -> None:
        rng = random.Random(5)
        made = Capture([("192.0.2.1", 9000)])
        for number in range(3000):
            kind = rng.choice([1, 2, 3, 4, 5, 15, 16, 16, 16, rng.randrange(256)])
            size = rng.choice([rng.randrange(100), 28, 44, 48, 108, 1200])
            noise = rng.randbytes(24) + bytes(rng.choices(range(20), k=size))
            payload = bytes([0xB1, kind]) + noise[: max(0, size - 2)]
            ends = ("192.0.2.9", 4000), ("192.0.2.1", 9000)
            made.add(1.0 + number, *(ends if rng.random() < 0.5 else ends[::-1]), payload)
        shown = tshark.trees(capture.write(made))
        self.assertNotIn(None, shown)
        spoilt = ["lobbyd.malformed" in str(tree) for tree in shown]
        for datagram, wrong in zip(made.datagrams, spoilt, strict=True):
            if wrong:
                for to_server in (False, True):
                    with self.assertRaises(parse.Malformed, msg=datagram.payload.hex()):
                        parse.packet(datagram.payload, to_server)
        self.assertGreater(spoilt.count(True), 1000)
        self.assertGreater(spoilt.count(False), 100)

    def test_what_a_later_version_adds_is_skipped(self) -> None:
        made = Capture([("192.0.2.1", 9000)])
        later = b"\xc8\x03\x00new" + b"\x05\x04\x00\x01\x02\x03\x04"
        _data(made, later, to_server=True)
        _data(made, b"\x03\x08\x00\x01\x00\x01\x63\x02\x00ab", to_server=True)
        frames, messages = tshark.trees(capture.write(made))
        first, second = frames["lobbyd.frame"]
        self.assertIn("lobbyd.unknown", str(first))
        self.assertEqual(second["lobbyd.ping.t0"], [str(0x04030201)])
        self.assertIn("lobbyd.unknown", str(messages["lobbyd.frame"][0]["lobbyd.message"][0]))
        self.assertNotIn("malformed", str([frames, messages]))


class PortTests(SynchronousTestCase):
    """Servers on other ports than 9000."""

    def moved(self, port: int) -> Capture:
        """The beginning of the session, with the server on another port."""
        old = played().world.capture
        new = (old.servers[0][0], port)
        ends = {old.servers[0]: new}
        return Capture(
            [new],
            old.tickets,
            [
                replace(
                    d,
                    source=ends.get(d.source, d.source),
                    destination=ends.get(d.destination, d.destination),
                )
                for d in old.datagrams[:400]
            ],
        )

    def test_another_port_is_found_by_its_content(self) -> None:
        shown = tshark.trees(capture.write(self.moved(40123)))
        self.assertEqual(shown, seen()[:400])

    def test_by_preference_and_by_decode_as(self) -> None:
        """Without the heuristic, and from the middle of a session."""
        made = self.moved(7000)
        made.datagrams = made.datagrams[300:]
        off = "--disable-heuristic", "lobbyd_udp"
        missed = tshark.trees(capture.write(made), *off)
        self.assertEqual(set(map(str, missed)), {"None"})
        self.assertEqual(
            tshark.trees(capture.write(made), *off, "-o", "lobbyd.port:7000"), seen()[300:400]
        )
        decoded_as = tshark.trees(capture.write(made), *off, "-d", "udp.port==7000,lobbyd")
        self.assertNotIn(None, decoded_as)

    def test_other_protocols_are_left_alone(self) -> None:
        rng = random.Random(6)
        made = Capture([("192.0.2.1", 7000)])
        for size in (0, 1, 12, 48, 100, 1200):
            made.add(1.0, ("192.0.2.9", 4000), made.servers[0], b"\xb2" + rng.randbytes(size))
            made.add(1.0, ("192.0.2.9", 4000), made.servers[0], b"\xb1\x02" + rng.randbytes(size))
        self.assertEqual(set(map(str, tshark.trees(capture.write(made)))), {"None"})


class GeneratedTests(SynchronousTestCase):
    """The script is made from the declarations."""

    def test_every_field_of_every_declaration_can_be_filtered_by(self) -> None:
        names = dissector.names()
        groups = schema.PACKETS, schema.FRAMES, schema.MESSAGES_DOWN, schema.MESSAGES_UP
        for group in groups:
            for declaration in group.values():
                for field in fields(declaration):
                    if field.type != "parts" and field.name:
                        ends = [name for name in names if name.endswith(f".{field.name}")]
                        self.assertTrue(ends, field.name)
        self.assertEqual(tshark.fields() & names, names)

    def test_every_enumeration_is_shown_by_its_names(self) -> None:
        declared = {
            value
            for value in vars(catalogue).values()
            if isinstance(value, type) and value.__module__ == catalogue.__name__
        }
        self.assertEqual(set(dissector.ENUMS.values()), declared)
        names = dissector.names()
        for name, enum in dissector.ENUMS.items():
            self.assertIn(f"lobbyd.{name}", names)
            if issubclass(enum, IntFlag):
                self.assertLessEqual(
                    {f"lobbyd.{name}.{flag.name.lower()}" for flag in enum if flag.name}, names
                )

    def test_fields_that_are_called_codes_have_names_for_them(self) -> None:
        """Whoever adds one tells the dissector what its numbers mean."""
        without = {"lobbyd.lobby_state.flags"}
        for name in dissector.names() - without:
            if name.rpartition(".")[2] in ("type", "kind", "code", "reason", "state", "flags"):
                if name == "lobbyd.record.state":
                    continue
                self.assertIn(name.removeprefix("lobbyd."), dissector.ENUMS)
