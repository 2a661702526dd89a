"""Token buckets in tables of fixed size, so that a flood of addresses costs no memory."""

from __future__ import annotations

from array import array

from .wire.keys import packed_host


class Bucket:
    """One token bucket: ``rate`` tokens a second, at most ``burst``."""

    __slots__ = ("_burst", "_rate", "_time", "_tokens")

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._time = burst, 0.0

    def take(self, now: float, amount: float = 1.0) -> bool:
        """Take tokens if there are as many."""
        self._tokens = min(self._burst, self._tokens + (now - self._time) * self._rate)
        self._time = now
        if self._tokens < amount:
            return False
        self._tokens -= amount
        return True

    def change(self, rate: float, burst: float) -> None:
        """Other limits from now on."""
        self._rate, self._burst = rate, burst

    def left(self, now: float) -> float:
        """Tokens in the bucket."""
        return min(self._burst, self._tokens + (now - self._time) * self._rate)


class Pace:
    """At most ``rate`` a second, and as many at once: what a Bucket of as many tokens lets through.

    It is kept as the one time ``used_up`` up to which everything is used: the generic cell rate
    algorithm (ITU-T I.371).
    """

    __slots__ = ("spacing", "used_up")

    def __init__(self, rate: float) -> None:
        self.spacing = 1.0 / rate
        self.used_up = float("-inf")

    def take(self, now: float) -> bool:
        """Take one if there is one left."""
        used_up = max(self.used_up, now - 1.0) + self.spacing
        if used_up > now:
            return False
        self.used_up = used_up
        return True


class Allowance:
    """Bytes that many queues may hold together; each gives back what it took."""

    __slots__ = ("left",)

    def __init__(self, size: int) -> None:
        self.left = size

    def take(self, size: int) -> bool:
        """Take bytes if there are as many."""
        if self.left < size:
            return False
        self.left -= size
        return True

    def overdraw(self, size: int) -> None:
        """Take bytes whether they are there or not."""
        self.left -= size

    def give(self, size: int) -> None:
        """Give bytes back."""
        self.left += size


class BucketTable:
    """A bucket for each key, in ``size`` places; keys that hash alike share one.

    The hash is Python's own of bytes: SipHash, keyed for each process.
    """

    def __init__(self, rate: float, burst: float, size: int = 65536) -> None:
        self._rate, self._burst, self._size = rate, burst, size
        self._tokens = array("d", [burst]) * size
        self._times = array("d", [0.0]) * size

    def take(self, key: bytes, now: float) -> bool:
        """Take a token from the key's bucket if there is one."""
        place = hash(key) % self._size
        tokens = self._tokens[place] + (now - self._times[place]) * self._rate
        tokens = min(self._burst, tokens)
        self._times[place] = now
        allowed = tokens >= 1.0
        self._tokens[place] = tokens - 1.0 if allowed else tokens
        return allowed

    def left(self, key: bytes, now: float) -> float:
        """Tokens in the key's bucket."""
        place = hash(key) % self._size
        grown = self._tokens[place] + (now - self._times[place]) * self._rate
        return min(self._burst, grown)


def address_key(host: str, port: int) -> bytes:
    """The bucket key of an address and port."""
    return packed_host(host) + port.to_bytes(2, "little")
