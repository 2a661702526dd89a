"""Usual datagrams wait for their lobby's tick, because nothing of them is seen before it.

The members of a lobby are then worked on together, and right before what is sent to them: what is
known of a player leaves the processor's cache between two of its datagrams where there are
thousands of players. Each datagram counts as of the time when it came. Whatever is not of the usual
shape is done at once, after what came before it to the same lobby, and so is all for a lobby that
sleeps.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Mapping, Sequence

from ..lobby.rules.seats import AWAY_AFTER
from ..session.connection import Connection
from ..session.path import Address, Letter, Outgoing
from ..wire import schema
from ..wire.catalogue import HEADER_SIZE
from ..wire.derive import reading
from .fastpath.receive import FRAME, FRAMES

FULL = 256
"""Datagrams in an inbox that are read at once: a flood must not wait to be one long tick."""

General = Callable[[bytes, Address, float], Iterable[Outgoing]]
Usual = Callable[[bytes, Address, float], bool]
Mistake = Callable[[], None]

_conn_id = struct.Struct("<" + reading(schema.HEADER, "conn_id")).unpack_from


class Inboxes:
    """The inboxes of the lobbies; a connection has its lobby's.

    ``usual`` takes a datagram if it is usual, ``general`` any; ``sleeps`` tells whether a
    connection's lobby is visited by no tick.
    """

    def __init__(
        self,
        connections: Mapping[int, Connection],
        usual: Usual,
        general: General,
        sleeps: Callable[[Connection], bool],
    ) -> None:
        self._connections = connections
        self._usual = usual
        self._general = general
        self._sleeps = sleeps

    def take(
        self, batch: Sequence[tuple[bytes, Address]], now: float, mistake: Mistake, usual: bool
    ) -> list[Outgoing]:
        """Take datagrams that were read at one moment; returns what to answer at once.

        Nothing waits where nothing is ``usual`` now.
        """
        out: list[Outgoing] = []
        find, frame_of = self._connections.get, FRAMES.get
        for datagram, address in batch:
            try:
                size = len(datagram)
                connection = find(_conn_id(datagram)[0]) if size >= HEADER_SIZE else None
                if connection is None:
                    out += self._general(datagram, address, now)
                    continue
                inbox = connection.inbox
                if (
                    usual
                    and frame_of(size) == datagram[FRAME]
                    and connection.confirmed
                    and (connection.address is address or connection.address == address)
                    # its seat may lapse with the next tick
                    and now - connection.heard_at <= AWAY_AFTER
                ):
                    inbox.append((datagram, address, now))
                    count = len(inbox)
                    if count >= FULL or (count == 1 and self._sleeps(connection)):
                        out += self.read(inbox, mistake, usual)
                    continue
                if inbox:
                    out += self.read(inbox, mistake, usual)
                out += self._general(datagram, address, now)
            except Exception:
                mistake()
        return out

    def read(self, inbox: list[Letter], mistake: Mistake, usual: bool) -> list[Outgoing]:
        """Take what waits in an inbox, by the general path if nothing is ``usual`` now."""
        out: list[Outgoing] = []
        letters = inbox[:]
        inbox.clear()
        take, general = self._usual, self._general
        for datagram, address, came in letters:
            try:
                if not usual or not take(datagram, address, came):
                    out += general(datagram, address, came)
            except Exception:
                mistake()
        return out
