"""Roaming: a client's address may change at any time (RFC 9000 sections 8.2 and 9).

A verified datagram that is the newest of its connection makes its address the candidate.
Only who answers a challenge from there moves the connection; until then everything goes to
the last address that was proven, and the candidate gets copies of the ticks' datagrams: another
host never more than three times the bytes that came from there (section 8.1), another port of the
same host all of them. Nothing here ever ends a connection.
"""

from __future__ import annotations

from ..lobby.lobbies import Entropy
from ..session.connection import Connection
from ..session.path import TRIES, Address, Candidate, Outgoing
from ..stats import Stats
from ..wire.catalogue import MAX_DATAGRAM, MIN_DATA, FrameType
from ..wire.frames import make_frame
from ..wire.packets import PATH_CHALLENGE

ASK_EVERY = 0.1
"""Seconds between challenges to one candidate."""
AMPLIFICATION = 3
"""Bytes to another host for each that it brought with a good tag."""
SAME_HOST = 2 * MAX_DATAGRAM
"""Bytes that each datagram is worth to a candidate on the host that was proven."""

_NONCE_SIZE = PATH_CHALLENGE.size


class Paths:
    """Finds out where clients are. Its state is each connection's ``candidate``."""

    def __init__(self, stats: Stats, entropy: Entropy) -> None:
        self._stats = stats
        self._entropy = entropy

    def elsewhere(
        self, connection: Connection, address: Address, size: int, newest: bool, now: float
    ) -> list[Outgoing]:
        """A verified datagram came from another address; returns the challenge if one is due."""
        candidate = connection.candidate
        if candidate is not None and candidate.forgotten(now):
            self._stats.count("paths_not_proven")
            candidate = connection.candidate = None
        if candidate is None or candidate.address != address:
            # an older one is a straggler from where the client was, or a copy (section 9.3)
            if not newest:
                return []
            # who lies about where it is could aim three times its traffic at others
            worth = AMPLIFICATION if connection.searches.take(now) else 1
            candidate = Candidate(address, self._entropy(_NONCE_SIZE), now, worth)
            connection.candidate = candidate
        candidate.heard_at = now
        # another port of the same host: who is there has been proven to be
        near = address[0] == connection.address[0]
        candidate.credit += SAME_HOST if near else candidate.worth * size
        return self._ask(connection, candidate, now)

    def answered(
        self, connection: Connection, nonce: bytes, address: Address, now: float
    ) -> list[Outgoing]:
        """A PATH_RESPONSE came; the right one from the candidate moves the connection there.

        Returns the last tick's datagram, which went where the client is no more.
        """
        candidate = connection.candidate
        proven = candidate is not None and (candidate.address, candidate.nonce) == (address, nonce)
        if not proven or not connection.moves.take(now):
            self._stats.count("path_responses_ignored")
            return []
        if address[0] != connection.address[0]:
            # another network: what was measured says nothing of it (section 9.4)
            connection.forget_rtt()
        connection.address, connection.candidate = address, None
        self._stats.count("addresses_changed")
        return [(connection.last_sent, address)] if connection.last_sent else []

    def _ask(self, connection: Connection, candidate: Candidate, now: float) -> list[Outgoing]:
        due = candidate.tries < TRIES and now - candidate.asked_at >= ASK_EVERY
        # who moves too often waits where it is, and is never put out for it
        if not due or connection.moves.left(now) < 1:
            return []
        frame = make_frame(FrameType.PATH_CHALLENGE, candidate.nonce)
        if candidate.credit < MIN_DATA + len(frame):
            return []
        datagram = connection.datagram(frame, now)
        candidate.credit -= len(datagram)
        candidate.tries += 1
        candidate.asked_at = now
        out = [(datagram, candidate.address)]
        if candidate.tries == 1:
            # what left last went where the client is no more, most likely
            out += candidate.copy(connection.last_sent)
        return out
