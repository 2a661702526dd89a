"""What is kept of a player's movement beside its record, where something is checked."""

from __future__ import annotations

import attrs

from ..session.connection import Connection
from ..wire.catalogue import CorrectionReason
from ..wire.packets import CORRECTION
from ..wire.quantise import Place
from .movement import Track

_CORR_IDS = 255
_GAME_BITS = 0x3F
_COUNTER_BITS = 0xC0
_ONE_TELEPORT = 0x40


def count_teleports(state: int, more: int) -> int:
    """A state whose teleport counter is ahead by some."""
    return (state & _GAME_BITS) | ((state + more * _ONE_TELEPORT) & _COUNTER_BITS)


@attrs.define(eq=False)
class Mover:
    """A player that is checked, or was put somewhere by the server.

    ``teleports`` tells how often the server moved it so far that others are not to interpolate,
    ``owed`` is the CORRECTION that its client has not applied yet.
    """

    track: Track | None = None
    teleports: int = 0
    owed: bytes = b""

    def correct(
        self, connection: Connection | None, place: Place, rotation: int, reason: CorrectionReason
    ) -> None:
        """Put the player there; its samples count again when its client knows."""
        self.owed = CORRECTION.pack(*place, rotation, reason)
        if connection is not None:
            connection.corr_id = connection.corr_id % _CORR_IDS + 1

    @property
    def corrects(self) -> bool:
        """Whether the client has not applied a CORRECTION yet."""
        return bool(self.owed)

    def correction(self, connection: Connection) -> bytes:
        """The CORRECTION that the client has not applied yet, else nothing."""
        if self.owed and not connection.corr_id:
            # each connection counts anew, and this one came after the correction
            connection.corr_id = 1
        return self.owed

    def applied(self) -> None:
        """The client says that it is where it was put."""
        self.owed = b""

    def state(self, bits: int) -> int:
        """A record's state from a sample's input, with the server's teleports counted in."""
        return count_teleports(bits, self.teleports)
