"""Fuzzers of the real receive path: protocol, relay, lobbies; and of the client's session.

Layers: L0 noise and L1 changed datagrams of strangers (``strangers``), L2 well-tagged nonsense of
a member (``members``), L3 any order of everything (``machine``), L4 the client (``answers``),
replays, flipped bits and stolen tokens (``replays``). Every run is a function of a seed and counts
that returns its figures; ``tests/test_fuzz*.py`` and ``bench.netcode`` call the same ones.

``LOBBYD_FUZZ=10`` in the environment multiplies all counts and tells how far a run is; shares
such as 0.1 make a short one.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from typing import Any

Figures = dict[str, Any]
"""What a run did and saw, by name."""

Progress = Callable[[int, int], None]
"""Called with what was done, and of how much."""

SEED = 20_261

LENGTH = float(os.environ.get("LOBBYD_FUZZ") or 1)
"""How many times the usual counts."""


class Found(AssertionError):
    """A fuzzer found something; the message says how to see it again."""


def scaled(count: int) -> int:
    """A count of the usual run, for this one."""
    return max(1, round(count * LENGTH))


def told(what: str) -> Progress:
    """Tells on stderr how far a longer run is, at most once in two seconds."""
    last = [time.monotonic()]

    def tell(done: int, of: int) -> None:
        if LENGTH > 1 and time.monotonic() - last[0] >= 2:
            last[0] = time.monotonic()
            print(f"{what}: {done:,} of {of:,}", file=sys.__stderr__, flush=True)

    return tell
