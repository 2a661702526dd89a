"""Addresses as the kernel writes them (sockaddr) and as Python's sockets do, both ways."""

from __future__ import annotations

import socket
import struct
from typing import Any

Address = tuple[str, int]
Datagram = tuple[bytes, Address]
"""Its bytes, and where it came from or goes."""

KEPT = 16_384
"""Addresses of one generation; two are kept, so that strangers cannot fill the memory."""

_V4 = struct.Struct("=H2s4s8x")
_V6 = struct.Struct("=H2s4x16sI")
_PORT = struct.Struct("!H")
_SCOPED = "%"


def place_of(address: tuple[Any, ...]) -> Address:
    """Host and port of what a socket tells; a link-local host keeps its scope: fe80::1%2."""
    if len(address) == 4 and address[3] and _SCOPED not in address[0]:
        return f"{address[0]}{_SCOPED}{address[3]}", address[1]
    return address[0], address[1]


class Addresses:
    """Translates between sockaddr bytes of one family, all of ``size``, and (host, port).

    The same bytes give the same tuple as long as they are remembered. ``places`` and ``raws``
    are what is remembered; who does not find something there asks ``place`` or ``raw``.
    """

    def __init__(self, family: int, kept: int = KEPT) -> None:
        self._family = family
        self._layout = _V6 if family == socket.AF_INET6 else _V4
        self._kept = kept
        self.size = self._layout.size
        self.places: dict[bytes, Address] = {}
        self.raws: dict[Address, bytes] = {}
        self._older_places, self._older_raws = self.places, self.raws

    def place(self, raw: bytes) -> Address:
        """Host and port of a sockaddr."""
        found = self.places.get(raw)
        if found is None:
            found = self._older_places.get(raw) or self._read(raw)
            self._keep(raw, found)
        return found

    def raw(self, address: Address) -> bytes:
        """The sockaddr of host and port; raises OSError where there is none of this family."""
        found = self.raws.get(address)
        if found is None:
            found = self._older_raws.get(address) or self._write(address)
            self._keep(found, address)
        return found

    def _keep(self, raw: bytes, address: Address) -> None:
        if len(self.places) >= self._kept:
            self._older_places, self._older_raws = self.places, self.raws
            self.places, self.raws = {}, {}
        self.places[raw] = address
        self.raws[address] = raw

    def _read(self, raw: bytes) -> Address:
        if self._family == socket.AF_INET6:
            _, port, host, scope = _V6.unpack(raw)
            return place_of((socket.inet_ntop(self._family, host), *_PORT.unpack(port), 0, scope))
        _, port, host = _V4.unpack(raw)
        return socket.inet_ntop(self._family, host), *_PORT.unpack(port)

    def _write(self, address: Address) -> bytes:
        host, number = address
        try:
            port = _PORT.pack(number)
            if self._family != socket.AF_INET6:
                return _V4.pack(self._family, port, socket.inet_pton(self._family, host))
            host, _, scope = host.partition(_SCOPED)
            packed = socket.inet_pton(self._family, host)
            return _V6.pack(self._family, port, packed, int(scope or 0))
        except (struct.error, ValueError) as error:
            raise OSError(f"{address!r} is no address: {error}") from None
