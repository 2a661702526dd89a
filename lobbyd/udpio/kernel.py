"""The kernel's side of a socket: room for bursts, and what it dropped for want of room."""

from __future__ import annotations

import socket
import struct
import sys

_MEMINFO = 55
"""SO_MEMINFO, which Python does not name: uint32s of linux/sock_diag.h."""
_WORDS = struct.Struct("=9I")
_RCVBUF, _DROPS = 1, 8


def ask_for_room(sock: socket.socket, size: int) -> None:
    """Have ``size`` bytes for what comes and what goes, or as many as are allowed."""
    for option in (socket.SO_RCVBUF, socket.SO_SNDBUF):
        # the kernel takes what it allows and says nothing
        sock.setsockopt(socket.SOL_SOCKET, option, size)


class KernelDrops:
    """Counts datagrams that came and found no room in a socket's buffer. Linux; 0 elsewhere."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        told = self._told()
        room = sock.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        # another meaning of the number, as some platforms have, is seen by this
        self.known = told is not None and told[_RCVBUF] == room
        self._seen = told[_DROPS] if told is not None else 0

    def new(self) -> int:
        """Datagrams since the last call."""
        told = self._told() if self.known else None
        if told is None:
            return 0
        before, self._seen = self._seen, told[_DROPS]
        # the kernel's counter wraps
        return (self._seen - before) % 2**32

    def _told(self) -> tuple[int, ...] | None:
        if sys.platform != "linux":
            return None
        try:
            data = self._socket.getsockopt(socket.SOL_SOCKET, _MEMINFO, _WORDS.size)
        except OSError:
            # an older kernel, or the socket is closed
            return None
        return _WORDS.unpack(data) if len(data) == _WORDS.size else None
