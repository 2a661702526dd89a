"""Everything that can be measured here."""

from __future__ import annotations

from lobbyd.config import SETTINGS

from .contenders import Contender, lobbyd


def field() -> list[Contender]:
    """lobbyd and the relays beside it, in the order in which they are measured."""
    return [*_lobbyds()]


def _lobbyds() -> list[Contender]:
    if any(setting.name == "udp_io" for setting in SETTINGS):
        return [
            lobbyd("batched", "lobbyd, batched system calls", "--udp-io", "batched"),
            lobbyd("plain", "lobbyd, sendto and recvfrom", "--udp-io", "plain"),
        ]
    return [lobbyd("plain", "lobbyd, sendto and recvfrom")]
