"""What each frame of a verified datagram does."""

from __future__ import annotations

from ..lobby.lobbies import Lobbies
from ..session.connection import Connection, wire_time
from ..session.path import Address, Outgoing
from ..stats import Stats
from ..wire.catalogue import FrameType, LeftReason
from ..wire.frames import make_frame
from ..wire.packets import PONG
from .connections import Connections
from .frames import Frame
from .paths import Paths
from .post import Post
from .updates import Updates


class Dispatch:
    """Hands frames on to who acts on them."""

    def __init__(
        self,
        lobbies: Lobbies,
        connections: Connections,
        paths: Paths,
        updates: Updates,
        stats: Stats,
    ) -> None:
        self._lobbies = lobbies
        self._connections = connections
        self._paths = paths
        self._updates = updates
        self._post = Post(lobbies, stats)

    def apply(
        self, connection: Connection, frames: list[Frame], address: Address, now: float
    ) -> list[Outgoing]:
        """Act on frames, in order; returns what to answer at once."""
        out: list[Outgoing] = []
        answer = b""
        broadcast = self._connections.broadcast_of(connection)
        for kind, frame in frames:
            if kind == FrameType.UPDATE:
                self._updates.take(broadcast, connection, frame, now)
            elif kind == FrameType.RELIABLE:
                connection.owes_ack = True
                self._post.reliable(broadcast, connection, frame, now)
                # perhaps others are told something
                self._connections.wake(broadcast)
            elif kind == FrameType.UNRELIABLE:
                out += self._post.unreliable(broadcast, connection, frame, now)
            elif kind == FrameType.PING and not answer:
                stamp = wire_time(now)
                pong = PONG.pack(int.from_bytes(frame, "little"), stamp, stamp)
                answer = make_frame(FrameType.PONG, pong)
            elif kind == FrameType.PATH_RESPONSE:
                out += self._paths.answered(connection, frame, address, now)
            elif kind == FrameType.DISCONNECT:
                self._left(connection, now)
                return out
        if answer:
            out.append((connection.datagram(answer, now), connection.address))
        return out

    def _left(self, connection: Connection, now: float) -> None:
        """The client said goodbye: its seat is free at once."""
        # nobody is there to hear a farewell
        connection.farewell = True
        self._lobbies.leave(connection.lobby, connection.player, LeftReason.LEFT, now)
        self._connections.follow(connection.lobby, now)
