"""Lobby codes in Crockford's base32: no letters that look or sound alike."""

from __future__ import annotations

import re
from collections.abc import Callable

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SHORTEST, LONGEST = 4, 12
PUBLIC_LENGTH = 6
PRIVATE_LENGTH = 8
"""A private code is the key itself: 40 bits."""
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


# what a drawn code must not spell, with letters read as others that they look like
_RUDE = (  # noqa: SIM905
    "anal anus arse ass ball bast bitch boob butt clit cock coon crap cum cunt damn dick dike dong "
    "fag fap fart fat fck fuc gay goy hell homo jew jizz kike kkk milf nazi neg nig nsfw penis pis "
    "poo porn prick puss rape retard satan sex shit shag skank slag slut spic suck tit tranny twat "
    "vag wank wtf xxx"
).split()
_LIKE = {"A": "A4", "B": "B8", "E": "E3", "G": "G69", "I": "1", "L": "1", "O": "0"}
_LIKE |= {"S": "S5", "T": "T7", "U": "V", "Z": "Z2"}
_SPELLS = re.compile(
    "|".join("".join(f"[{_LIKE.get(c, c)}]" for c in word.upper()) for word in _RUDE)
)


def is_fit(code: str) -> bool:
    """Whether a drawn code is no path and spells nothing rude."""
    return code not in RESERVED and _SPELLS.search(code) is None


def draw_code(entropy: Callable[[int], bytes], length: int = PUBLIC_LENGTH) -> str:
    """A random code; ``entropy(n)`` gives n random bytes."""
    return "".join(ALPHABET[byte & 31] for byte in entropy(length))
