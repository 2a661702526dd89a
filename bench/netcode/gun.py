"""Sends prepared datagrams as fast as it is told, with sendmmsg(2) over sockets it was given.

    python -m bench.netcode.gun CORE HURRY FD FD ...

Command on stdin: ["fire", path, rate, seconds]; the file holds for each socket a list of
datagrams as JSON of hex strings. The answer is {"sent", "seconds"}.
"""

from __future__ import annotations

import ctypes
import errno
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from ..processes import answer, hurry, pin

BATCH = 64
"""Datagrams of one system call."""
BEHIND = 0.05
"""Seconds of datagrams that are made up for at most."""


class _Iovec(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("len", ctypes.c_size_t)]


class _Msghdr(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_void_p),
        ("namelen", ctypes.c_uint32),
        ("iov", ctypes.POINTER(_Iovec)),
        ("iovlen", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("controllen", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    ]


class _Mmsghdr(ctypes.Structure):
    _fields_ = [("hdr", _Msghdr), ("len", ctypes.c_uint)]


class Batch:
    """Datagrams for one connected socket, BATCH of them a call."""

    def __init__(self, datagrams: Sequence[bytes]) -> None:
        count = len(datagrams)
        self._kept = [ctypes.create_string_buffer(d, max(1, len(d))) for d in datagrams]
        self._iovecs = (_Iovec * BATCH)()
        self.messages = (_Mmsghdr * BATCH)()
        for n in range(BATCH):
            buffer, size = self._kept[n % count], len(datagrams[n % count])
            self._iovecs[n] = _Iovec(ctypes.addressof(buffer), size)
            self.messages[n].hdr.iov = ctypes.pointer(self._iovecs[n])
            self.messages[n].hdr.iovlen = 1


def fire(
    descriptors: Sequence[int], batches: Sequence[Batch], rate: float, seconds: float
) -> tuple[int, float]:
    """(datagrams sent, seconds): as many a second as ``rate``, or as many as go."""
    sendmmsg = ctypes.CDLL(None, use_errno=True).sendmmsg
    pairs = list(zip(descriptors, [batch.messages for batch in batches], strict=True))
    sent, place = 0, 0
    began = time.perf_counter()
    due_from, due_sent = began, 0
    while (now := time.perf_counter()) - began < seconds:
        owed = (now - due_from) * rate - due_sent
        if owed > BEHIND * rate:
            due_from, due_sent = now, -BATCH
            owed = float(BATCH)
        if owed < BATCH:
            # whole batches only: the call costs more than what it carries
            time.sleep((BATCH - owed) / rate)
            continue
        descriptor, messages = pairs[place]
        place = (place + 1) % len(pairs)
        done = sendmmsg(descriptor, messages, BATCH, 0)
        if done < 0:
            code = ctypes.get_errno()
            if code not in (errno.EAGAIN, errno.ENOBUFS, errno.EINTR, errno.ECONNREFUSED):
                raise OSError(code, "sendmmsg")
            continue
        sent += done
        due_sent += done
    return sent, time.perf_counter() - began


def main(arguments: list[str]) -> None:
    """Take commands until stdin ends."""
    pin(int(arguments[0]))
    hurry(int(arguments[1]))
    descriptors = [int(word) for word in arguments[2:]]
    for line in sys.stdin:
        _, path, rate, seconds = json.loads(line)
        lists = json.loads(Path(path).read_text())
        batches = [Batch([bytes.fromhex(text) for text in texts]) for texts in lists]
        answer(True)
        sent, took = fire(descriptors, batches, rate, seconds)
        answer({"sent": sent, "seconds": took})


if __name__ == "__main__":
    main(sys.argv[1:])
