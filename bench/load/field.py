"""Everything that can be measured here."""

from __future__ import annotations

from .baselines import BASELINES
from .contenders import Contender, lobbyd, relay


def field() -> list[Contender]:
    """lobbyd and the relays beside it, in the order in which they are measured."""
    return [*lobbyds(), *map(relay, BASELINES)]


def lobbyds() -> list[Contender]:
    """lobbyd in each of its ways to read and write; first the one that it takes by itself."""
    return [
        lobbyd("batched", "lobbyd, batched system calls", "--udp-io", "batched"),
        lobbyd("plain", "lobbyd, sendto and recvfrom", "--udp-io", "plain"),
    ]
