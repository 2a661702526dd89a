"""Messages from clients: ready marks and chat go to the rules, the game's own to other players.

A reliable message over its limit stays unacknowledged, so the client's own window tells
it to slow down, and so does one that a receiver has no room for; an unreliable one is dropped.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..errors import Refused
from ..lobby.lobbies import Lobbies
from ..lobby.requests import ChangePlayer, Say
from ..lobby.rules import people
from ..lobby.rules.seats import AWAY_AFTER
from ..session.connection import Connection
from ..session.path import Outgoing
from ..session.reliable import Message
from ..stats import Stats
from ..wire import messages
from ..wire.catalogue import ErrorCode, FrameType, MessageKind
from ..wire.frames import make_frame
from ..wire.messages import ChatUp, CustomDown, CustomUp, Ready
from ..wire.packets import UNRELIABLE
from .broadcast import Broadcast
from .frames import Reliable


class Post:
    """Delivers what clients say."""

    def __init__(self, lobbies: Lobbies, stats: Stats) -> None:
        self._lobbies = lobbies
        self._stats = stats

    def reliable(
        self, broadcast: Broadcast, sender: Connection, frame: Reliable, now: float
    ) -> None:
        """Deliver the messages of a RELIABLE frame that are next in order."""

        def takes(message: Message) -> bool:
            kind, body = message
            # each ready mark is told to everybody, as a message of the game is
            if kind in (MessageKind.CUSTOM, MessageKind.READY):
                held_up = kind == MessageKind.CUSTOM and any(
                    # the first byte names the receiver
                    listener.holds_up(len(body), now)
                    for listener in broadcast.listeners(body[0], sender)
                )
                allowed = not held_up and sender.may_send(len(body), now)
            else:
                allowed = kind != MessageKind.CHAT or people.may_say(sender.player, now)
            if not allowed:
                self._stats.count("messages_held_back")
            return allowed

        sender.reliable_in.keep(frame.first_id, frame.messages)
        # one by one: what is delivered takes the room of what comes next
        for message in sender.reliable_in.ready(takes):
            self._deliver(broadcast, sender, messages.decode_up(*message), now)

    def unreliable(
        self, broadcast: Broadcast, sender: Connection, body: bytes, now: float
    ) -> Iterator[Outgoing]:
        """Pass an UNRELIABLE frame on at once."""
        if not sender.may_send(len(body), now):
            self._stats.drop("unreliable_over_limit")
            sender.complaints.add(ErrorCode.UNRELIABLE_LIMIT)
            return
        target, channel = UNRELIABLE.head.unpack_from(body)
        passed = UNRELIABLE.head.pack(sender.player.slot, channel) + body[UNRELIABLE.size :]
        frame = make_frame(FrameType.UNRELIABLE, passed)
        for listener in broadcast.listeners(target, sender):
            if listener.confirmed and now - listener.heard_at <= AWAY_AFTER:
                yield listener.datagram(frame, now), listener.address

    def _deliver(
        self, broadcast: Broadcast, sender: Connection, message: object, now: float
    ) -> None:
        lobby, player = sender.lobby, sender.player
        if isinstance(message, CustomUp):
            content = CustomDown(player.slot, message.channel, message.payload)
            kind, body = messages.encode(content)
            for listener in broadcast.listeners(message.to_slot, sender):
                if not listener.push(kind, body, now):
                    listener.lost += 1
        elif isinstance(message, Ready) and not player.spectator:
            wanted = ChangePlayer(ready=bool(message.ready))
            self._lobbies.settle(lobby, people.change(lobby, player, wanted, now), now)
        elif isinstance(message, ChatUp):
            try:
                # the same check as over HTTP
                wanted_text = Say.from_json({"text": message.text}).text
            except Refused:
                self._stats.count("chat_refused")
            else:
                self._lobbies.settle(lobby, people.say(player, wanted_text), now)
