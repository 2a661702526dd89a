"""Many datagrams in one system call: recvmmsg and sendmmsg of Linux, through cffi.

cffi calls the C library without a compiler (its ABI mode), so the layouts below are not checked
by one: ``open_batch`` sends datagrams through a pair of sockets, and only what comes back
unchanged is trusted. ``python -m bench.stages receive receive-batched send send-batched`` tells
what it is worth.
"""

from __future__ import annotations

import errno
import select
import socket
import struct
import sys
from array import array
from collections.abc import Callable, Sequence
from functools import cache
from itertools import accumulate
from types import SimpleNamespace
from typing import Any

from .addresses import Addresses, Datagram, place_of
from .plain import send_singly

FEW = 4
"""Datagrams that cost less one by one."""
PATIENCE = 1.0
"""Seconds that datagrams of the trial may take over the loopback."""

# POSIX has other types than Linux's kernel for two of the lengths; musl pads them, so that a
# little-endian machine reads the same.
_LAYOUT = """
struct iovec { void *iov_base; size_t iov_len; };
struct msghdr {
    void *msg_name; unsigned int msg_namelen;
    struct iovec *msg_iov; size_t msg_iovlen;
    void *msg_control; size_t msg_controllen;
    int msg_flags;
};
struct mmsghdr { struct msghdr msg_hdr; unsigned int msg_len; };
int recvmmsg(int fd, struct mmsghdr *vector, unsigned int count, int flags, void *timeout);
int sendmmsg(int fd, struct mmsghdr *vector, unsigned int count, int flags);
"""


Libc = tuple[Any, Any]
"""cffi's FFI, and what has the functions recvmmsg and sendmmsg."""


class NoBatch(Exception):
    """Why this machine cannot do it, in words."""


class _Vector:
    """The headers of ``count`` datagrams, each with room for a sockaddr, and one buffer."""

    def __init__(self, ffi: Any, count: int, name_size: int, buffer_size: int) -> None:
        self.buffer = ffi.new("char[]", buffer_size)
        self.names = ffi.new("char[]", count * name_size)
        self.pieces = ffi.new("struct iovec[]", count)
        self.headers = ffi.new("struct mmsghdr[]", count)
        for index in range(count):
            header = self.headers[index].msg_hdr
            header.msg_name = self.names + index * name_size
            header.msg_namelen = name_size
            header.msg_iov = self.pieces + index
            header.msg_iovlen = 1


class Batch:
    """Reads and writes the datagrams of one socket, at most ``count`` in a call.

    A datagram of more than ``size`` bytes is cut when it is read. ``on_error`` hears the name of
    each call that failed for a datagram.
    """

    def __init__(
        self,
        sock: socket.socket,
        count: int,
        size: int,
        on_error: Callable[[str], None],
        libc: Libc | None = None,
    ) -> None:
        ffi, self._libc = libc or find_libc()
        self._ffi, self._null = ffi, ffi.NULL
        self._socket = sock
        self._count = count
        self._on_error = on_error
        self._addresses = Addresses(sock.family)
        name_size = self._addresses.size

        self._in = _Vector(ffi, count, name_size, count * size)
        for index in range(count):
            piece = self._in.pieces[index]
            piece.iov_base, piece.iov_len = self._in.buffer + index * size, size
        self._in_data = ffi.buffer(self._in.buffer)
        self._in_names = ffi.buffer(self._in.names)
        self._in_starts = range(0, count * size, size)
        words = ffi.sizeof("struct mmsghdr") // 4
        first = ffi.offsetof("struct mmsghdr", "msg_len") // 4
        self._in_sizes = memoryview(ffi.buffer(self._in.headers)).cast("I")[first::words]
        # for each number of datagrams: what cuts their sockaddrs apart
        self._cut = [struct.Struct(f"{name_size}s" * n).unpack_from for n in range(count + 1)]

        self._room = count * size
        self._out = _Vector(ffi, count, name_size, self._room)
        self._out_base = int(ffi.cast("uintptr_t", self._out.buffer))
        self._out_data = memoryview(ffi.buffer(self._out.buffer)).cast("B")
        self._out_names = memoryview(ffi.buffer(self._out.names)).cast("B")
        pieces = memoryview(ffi.buffer(self._out.pieces)).cast("L")
        self._out_bases, self._out_sizes = pieces[0::2], pieces[1::2]

    def receive(self) -> list[Datagram]:
        """What waits to be read, in order."""
        # a closed socket's number is -1: its old one may be another's by now
        count = self._libc.recvmmsg(
            self._socket.fileno(), self._in.headers, self._count, socket.MSG_DONTWAIT, self._null
        )
        if count <= 0:
            if self._ffi.errno != errno.EAGAIN:
                # an ICMP error of an earlier datagram, reported here
                self._on_error("receive")
            return []
        raws = self._cut[count](self._in_names)
        known = self._addresses.places
        try:
            places = [known[raw] for raw in raws]
        except KeyError:
            places = [self._addresses.place(raw) for raw in raws]
        data = self._in_data
        sizes = self._in_sizes[:count].tolist()
        return [
            (data[start : start + size], place)
            for start, size, place in zip(self._in_starts, sizes, places, strict=False)
        ]

    def send(self, outgoing: Sequence[Datagram]) -> None:
        """Send each datagram now or not at all, in order."""
        for start in range(0, len(outgoing), self._count):
            part = outgoing[start : start + self._count]
            if len(part) <= FEW:
                send_singly(self._socket, part, self._on_error)
                continue
            known = self._addresses.raws
            try:
                names = [known[address] for _, address in part]
            except KeyError:
                part, names = self._resolved(part)
            datagrams = [datagram for datagram, _ in part]
            data = b"".join(datagrams)
            if len(data) > self._room:
                # longer than any of ours
                send_singly(self._socket, part, self._on_error)
            else:
                self._send(data, list(map(len, datagrams)), b"".join(names))

    def _send(self, data: bytes, sizes: list[int], names: bytes) -> None:
        count = len(sizes)
        self._out_data[: len(data)] = data
        self._out_names[: len(names)] = names
        self._out_sizes[:count] = array("L", sizes)
        self._out_bases[:count] = array("L", accumulate(sizes[:-1], initial=self._out_base))
        fileno = self._socket.fileno()
        done = 0
        while done < count:
            headers = self._out.headers + done if done else self._out.headers
            sent = self._libc.sendmmsg(fileno, headers, count - done, socket.MSG_DONTWAIT)
            if sent > 0:
                done += sent
                continue
            # only the first datagram of a call can be told to have failed
            full = self._ffi.errno == errno.EAGAIN
            for _ in range(count - done if full else 1):
                self._on_error("send")
                done += 1

    def _resolved(self, part: Sequence[Datagram]) -> tuple[list[Datagram], list[bytes]]:
        """Those whose addresses there are, with their sockaddrs."""
        good, names = [], []
        for datagram in part:
            try:
                names.append(self._addresses.raw(datagram[1]))
            except OSError:
                self._on_error("send")
            else:
                good.append(datagram)
        return good, names


def open_batch(
    sock: socket.socket, count: int, size: int, on_error: Callable[[str], None]
) -> Batch:
    """A Batch of a bound socket that was tried out; raises NoBatch."""
    _try_out(sock.family, count, size)
    return Batch(sock, count, size, on_error)


@cache
def find_libc() -> Libc:
    """The C library's two functions; raises NoBatch."""
    if sys.platform != "linux":
        raise NoBatch("this is not Linux")
    try:
        import cffi
    except ImportError as error:
        raise NoBatch(f"cffi is missing: {error}") from None
    ffi = cffi.FFI()
    ffi.cdef(_LAYOUT)
    try:
        library = ffi.dlopen(None)
        found = library.recvmmsg, library.sendmmsg
    except (OSError, AttributeError) as error:
        raise NoBatch(f"the C library lacks it: {error}") from None
    return ffi, SimpleNamespace(recvmmsg=found[0], sendmmsg=found[1])


def _try_out(family: int, count: int, size: int) -> None:
    """Send datagrams from one socket to another and compare with what plain calls say."""
    failed: list[str] = []
    with _bound(family) as here, _bound(family) as there:
        to, sender = place_of(there.getsockname()), place_of(here.getsockname())
        sent = [(b"", to), (b"x", to), (bytes(range(256)) * 4, to)]
        Batch(here, count, size, failed.append).send(sent * 2)
        came = []
        for _ in sent:
            _wait_for(there)
            datagram, address = there.recvfrom(size)
            came.append((datagram, place_of(address)))
        batch = Batch(there, count, size, failed.append)
        for _ in sent:
            # one call may find them all
            if len(came) < 2 * len(sent):
                _wait_for(there)
                came += batch.receive()
    expected = [(datagram, sender) for datagram, _ in sent * 2]
    if failed or came != expected:
        raise NoBatch("datagrams that were sent with it came back changed, or not at all")


def _bound(family: int) -> socket.socket:
    """A socket on the loopback; raises NoBatch."""
    hosts = ("::1", "::ffff:127.0.0.1") if family == socket.AF_INET6 else ("127.0.0.1",)
    made = socket.socket(family, socket.SOCK_DGRAM)
    for host in hosts:
        try:
            made.bind((host, 0))
        except OSError:
            continue
        made.setblocking(False)
        return made
    made.close()
    raise NoBatch(f"there is no loopback address to try it out: {' or '.join(hosts)}")


def _wait_for(sock: socket.socket) -> None:
    if not select.select([sock], [], [], PATIENCE)[0]:
        raise NoBatch("datagrams that were sent with it did not arrive")
