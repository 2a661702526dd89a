"""Captured sessions as pcapng files: raw IP packets with UDP in them, by the standard library.

pcapng: draft-ietf-opsawg-pcapng; IPv4: RFC 791; IPv6: RFC 8200; UDP: RFC 768. The
tickets stand in the section's comment, so that a file is all that a decoder needs.
"""

from __future__ import annotations

import ipaddress
import json
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Address = tuple[str, int]

_SECTION, _INTERFACE, _PACKET = 0x0A0D0D0A, 1, 6
_BYTE_ORDER = 0x1A2B3C4D
_COMMENT, _RESOLUTION = 1, 9
_RAW_IP = 101
_UDP = 17


@dataclass(frozen=True)
class Datagram:
    """One UDP datagram: seconds, who sent it, to whom, what."""

    time: float
    source: Address
    destination: Address
    payload: bytes


@dataclass
class Capture:
    """What passed one point of the network, in order, and the tickets of those who sent it."""

    servers: list[Address] = field(default_factory=list)
    tickets: list[dict[str, Any]] = field(default_factory=list)
    datagrams: list[Datagram] = field(default_factory=list)

    def add(self, time: float, source: Address, destination: Address, payload: bytes) -> None:
        """Times are kept to the microsecond, as the file keeps them."""
        self.datagrams.append(Datagram(round(time * 1e6) / 1e6, source, destination, payload))


def checksum(data: bytes) -> int:
    """The ones' complement sum of RFC 1071."""
    if len(data) % 2:
        data += b"\0"
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ip_packet(datagram: Datagram) -> bytes:
    """The datagram in an IPv4 or IPv6 packet with all its checksums."""
    source = ipaddress.ip_address(datagram.source[0])
    destination = ipaddress.ip_address(datagram.destination[0])
    length = 8 + len(datagram.payload)
    ports = struct.pack(">HHH", datagram.source[1], datagram.destination[1], length)
    ends = source.packed + destination.packed
    if source.version == 4:
        pseudo = ends + struct.pack(">BBH", 0, _UDP, length)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + length, 0, 0x4000, 64, _UDP, 0)
        head = head[:10] + struct.pack(">H", checksum(head + ends)) + ends
    else:
        pseudo = ends + struct.pack(">II", length, _UDP)
        head = struct.pack(">IHBB", 6 << 28, length, _UDP, 64) + ends
    # A sum of zero is sent as all ones: zero says that there is none.
    total = checksum(pseudo + ports + b"\0\0" + datagram.payload) or 0xFFFF
    return head + ports + struct.pack(">H", total) + datagram.payload


def open_ip_packet(packet: bytes) -> tuple[Address, Address, bytes]:
    """Ends and payload of an IP packet; raises ValueError where it is not whole."""
    if packet[0] >> 4 == 4:
        size = (packet[0] & 15) * 4
        protocol, addresses, total = packet[9], packet[12:20], int.from_bytes(packet[2:4])
        if checksum(packet[:size]):
            raise ValueError("wrong checksum of the IPv4 header")
        pseudo = addresses + struct.pack(">BBH", 0, protocol, total - size)
    else:
        size, protocol, addresses = 40, packet[6], packet[8:40]
        total = size + int.from_bytes(packet[4:6])
        pseudo = addresses + struct.pack(">II", total - size, protocol)
    udp = packet[size:total]
    if protocol != _UDP or total > len(packet) or int.from_bytes(udp[4:6]) != len(udp):
        raise ValueError("no whole UDP datagram")
    if checksum(pseudo + udp):
        raise ValueError("wrong checksum of the UDP datagram")
    half = len(addresses) // 2
    source, destination = (
        str(ipaddress.ip_address(raw)) for raw in (addresses[:half], addresses[half:])
    )
    ports = struct.unpack(">HH", udp[:4])
    return (source, ports[0]), (destination, ports[1]), udp[8:]


def _block(kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def write(capture: Capture) -> bytes:
    """A pcapng file, little-endian, one interface, times in microseconds."""
    end = _option(0, b"")
    comment = json.dumps({"servers": capture.servers, "tickets": capture.tickets}).encode()
    section = struct.pack("<IHHq", _BYTE_ORDER, 1, 0, -1) + _option(_COMMENT, comment) + end
    interface = struct.pack("<HHI", _RAW_IP, 0, 0) + _option(_RESOLUTION, b"\x06") + end
    blocks = [_block(_SECTION, section), _block(_INTERFACE, interface)]
    for datagram in capture.datagrams:
        packet = ip_packet(datagram)
        stamp = round(datagram.time * 1e6)
        head = struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(packet), len(packet))
        blocks.append(_block(_PACKET, head + packet))
    return b"".join(blocks)


def _blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, size = struct.unpack_from("<II", data, at)
        if size < 12 or data[at + size - 4 : at + size] != struct.pack("<I", size):
            raise ValueError(f"a broken block at {at}")
        yield kind, data[at + 8 : at + size - 4]
        at += size


def _options(body: bytes) -> Iterable[tuple[int, bytes]]:
    at = 0
    while at < len(body):
        code, size = struct.unpack_from("<HH", body, at)
        yield code, body[at + 4 : at + 4 + size]
        at += 4 + size + -size % 4


def read(data: bytes) -> Capture:
    """What `write` wrote; raises ValueError for a file that is broken or of another kind."""
    capture = Capture()
    for kind, body in _blocks(data):
        if kind == _SECTION:
            if struct.unpack_from("<I", body)[0] != _BYTE_ORDER:
                raise ValueError("not a little-endian pcapng file")
            told = json.loads(dict(_options(body[16:]))[_COMMENT])
            capture.tickets = told["tickets"]
            capture.servers = [(host, port) for host, port in told["servers"]]
        elif kind == _INTERFACE:
            if struct.unpack_from("<H", body)[0] != _RAW_IP:
                raise ValueError("not a capture of raw IP")
        elif kind == _PACKET:
            _, high, low, size, _ = struct.unpack_from("<IIIII", body)
            capture.add((high << 32 | low) / 1e6, *open_ip_packet(body[20 : 20 + size]))
    return capture
