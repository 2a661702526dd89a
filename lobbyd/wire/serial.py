"""Serial number arithmetic (RFC 1982) for the wrap-around clocks and ids of the wire."""

from __future__ import annotations


def difference(a: int, b: int, bits: int) -> int:
    """How far ``a`` is ahead of ``b`` on a ring of ``2**bits``, in [-2**(bits-1), 2**(bits-1))."""
    half = 1 << (bits - 1)
    return ((a - b + half) & ((1 << bits) - 1)) - half


def newer(a: int, b: int, bits: int) -> bool:
    """Whether ``a`` comes after ``b``; false at exactly half the ring, where nobody can tell."""
    return 0 < (a - b) & ((1 << bits) - 1) < 1 << (bits - 1)


def unwrap(low: int, near: int, bits: int) -> int:
    """The number nearest to ``near`` whose low ``bits`` bits are ``low``."""
    return near + difference(low, near & ((1 << bits) - 1), bits)


def next_reliable_id(number: int) -> int:
    """The id after ``number``: 1 to 65535, then 1 again, because 0 means none."""
    return number % 0xFFFF + 1


def reliable_distance(a: int, b: int) -> int:
    """How far reliable id ``a`` is ahead of ``b`` on the ring 1..65535, in [-32767, 32767].

    ``b`` may be 0, which stands for the place before the first message.
    """
    return (a - b + 32767) % 0xFFFF - 32767
