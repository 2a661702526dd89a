"""Lobby codes in Crockford's base32: no letters that look or sound alike."""

from __future__ import annotations

from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORTEST, LONGEST = 4, 12
PUBLIC_LENGTH = 6
RESERVED = frozenset({"EVENTS"})
"""Paths under /lobbies that are not lobbies."""

_READ = str.maketrans({"O": "0", "I": "1", "L": "1"})
_LETTERS = frozenset(ALPHABET)


def read_code(text: str) -> str | None:
    """The code as stored, from what a person typed; None if it can be no code.

    Case does not matter, and O reads as 0, I and L as 1.
    """
    if not text.isascii():
        return None
    code = text.upper().translate(_READ)
    if not SHORTEST <= len(code) <= LONGEST or not _LETTERS.issuperset(code):
        return None
    return None if code in RESERVED else code


def draw_code(entropy: Callable[[int], bytes], length: int = PUBLIC_LENGTH) -> str:
    """A random code; ``entropy(n)`` gives n random bytes."""
    return "".join(ALPHABET[byte & 31] for byte in entropy(length))
