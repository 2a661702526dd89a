"""What readers of event streams are shown: the list of lobbies, and one lobby's changes.

Server-sent events as bytes; each is made once, for however many readers.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from typing import Any

import attrs

from ..wire.catalogue import LeftReason, LobbyStateCode, PlayerFlags
from ..wire.messages import (
    Away,
    Back,
    ChatDown,
    Closed,
    HostChanged,
    LobbyState,
    PlayerChanged,
    PlayerJoined,
    PlayerLeft,
)
from .index import Query, has_metadata
from .lobbies import Lobbies
from .model import Lobby
from .rules.changes import Change
from .view import lobby_json

MOST_SHOWN = 10_000
"""Lobbies that one filter's readers are kept informed of; beyond that they begin anew."""

_NAMES: dict[type, str] = {
    PlayerJoined: "player_joined",
    PlayerLeft: "player_left",
    LobbyState: "lobby_state",
    HostChanged: "host_changed",
    PlayerChanged: "player_changed",
    ChatDown: "chat",
    Away: "away",
    Back: "back",
    Closed: "closed",
}
_FLAGS = {
    PlayerFlags.DUMMY: "dummy",
    PlayerFlags.SPECTATOR: "spectator",
    PlayerFlags.HOST: "host",
    PlayerFlags.READY: "ready",
    PlayerFlags.AWAY: "away",
}


def event_bytes(name: str, content: object, event_id: int) -> bytes:
    """One server-sent event with JSON data."""
    data = json.dumps(content, ensure_ascii=False)
    # a lone surrogate has no UTF-8 form
    return f"event: {name}\nid: {event_id}\ndata: {data}\n\n".encode(errors="replace")


@attrs.define(eq=False)
class View:
    """The list as one filter shows it; ``readers`` are who watches.

    ``shown`` are (code, mark) by lobby id: its readers know the lobby as it was at that mark,
    or not all the same where it is None.
    ``overflowed`` once more were shown than are kept.
    """

    query: Query
    readers: set[Any] = attrs.Factory(set)
    shown: dict[int, tuple[str, int | None]] = attrs.Factory(dict)
    overflowed: bool = False

    def knows(self, lobby: Lobby, mark: int) -> bool:
        """Whether the readers were shown this already."""
        return self.shown.get(lobby.lobby_id) == (lobby.code, mark)

    def show(self, lobby: Lobby, mark: int | None) -> None:
        """Note that its readers know a lobby."""
        self.shown[lobby.lobby_id] = lobby.code, mark
        if len(self.shown) > MOST_SHOWN:
            self.overflowed = True


class ListFeed:
    """The changes of the list, as each filter shows them."""

    def __init__(self, lobbies: Lobbies) -> None:
        self._lobbies = lobbies
        self._views: dict[tuple[Any, ...], View] = {}
        self._pending: deque[int] = deque()
        self.number = 0

    @property
    def filters(self) -> int:
        """Different filters in use."""
        return len(self._views)

    def has_filter(self, query: Query) -> bool:
        """Whether somebody watches with this filter already."""
        return _key(query) in self._views

    def watch(self, query: Query, reader: Any) -> View:
        """Add a reader to the view of a filter."""
        view = self._views.setdefault(_key(query), View(query))
        view.readers.add(reader)
        return view

    def unwatch(self, view: View, reader: Any) -> None:
        """Take a reader out; a view without any is forgotten."""
        view.readers.discard(reader)
        if not view.readers:
            self._views.pop(_key(view.query), None)

    def entry(self, view: View, lobby: Lobby, now: float) -> bytes | None:
        """A lobby for somebody who begins to watch; None if it is not to be seen (any more)."""
        if lobby.lobby_id not in self._lobbies.index or not fits(lobby, view.query):
            return None
        content = lobby_json(lobby, now)
        mark = _mark(content)
        same = view.shown.get(lobby.lobby_id, (lobby.code, mark))[1] == mark
        view.show(lobby, mark if same else None)
        return self.event("lobby", content)

    def event(self, name: str, content: object) -> bytes:
        """The next event of the list."""
        self.number += 1
        return event_bytes(name, content, self.number)

    def take(self) -> None:
        """Take in what changed since the last call."""
        if self._views:
            self._pending.extend(self._lobbies.touched)
        else:
            self._pending.clear()
        self._lobbies.touched.clear()

    def step(self, most: int, now: float) -> Iterator[tuple[View, bytes]]:
        """What the next ``most`` changed lobbies are to each view."""
        for _ in range(min(most, len(self._pending))):
            lobby_id = self._pending.popleft()
            listed = lobby_id in self._lobbies.index
            lobby = self._lobbies.by_id.get(lobby_id) if listed else None
            event = gone = None
            mark = 0
            for view in list(self._views.values()):
                if lobby is not None and fits(lobby, view.query):
                    if event is None:
                        content = lobby_json(lobby, now)
                        event, mark = self.event("lobby", content), _mark(content)
                    if not view.knows(lobby, mark):
                        view.show(lobby, mark)
                        yield view, event
                    continue
                known = view.shown.pop(lobby_id, None)
                if known is not None:
                    gone = gone or self.event("gone", {"code": known[0]})
                    yield view, gone

    @property
    def behind(self) -> int:
        """Changed lobbies that ``step`` has not told yet."""
        return len(self._pending)


def fits(lobby: Lobby, query: Query) -> bool:
    """Whether a listed lobby is what a query looks for."""
    return (
        (query.game is None or lobby.game == query.game)
        and (query.version is None or lobby.version == query.version)
        and (query.state is None or lobby.state is query.state)
        and (query.password is None or (lobby.password is not None) == query.password)
        and (not query.free_slots or lobby.free_places >= query.free_slots)
        and (not query.text or query.text in f"{lobby.name}\n{lobby.code}".casefold())
        and has_metadata(lobby.metadata, query.metadata)
    )


def changes_after(lobby: Lobby, rev: int | None) -> list[tuple[int, Change]] | None:
    """What happened in a lobby after a revision; None if the ring does not reach back to it."""
    if rev is None or rev > lobby.rev:
        return None
    if rev == lobby.rev:
        return []
    if not lobby.changes or lobby.changes[0][0] > rev + 1:
        return None
    return [entry for entry in lobby.changes if entry[0] > rev]


def state_event(lobby: Lobby, now: float) -> bytes:
    """All of a lobby as its members may see it."""
    return event_bytes("state", lobby_json(lobby, now, member=True), lobby.rev)


def change_event(rev: int, change: Change) -> bytes:
    """A change of a lobby, named after its message."""
    return event_bytes(_NAMES[type(change)], change_json(rev, change), rev)


def change_json(rev: int, change: Change) -> dict[str, Any]:
    """A change in the words of the HTTP API: names for numbers, marks for flags."""
    content: dict[str, Any] = {**attrs.asdict(change), "rev": rev}
    if "flags" in content:
        flags = content.pop("flags")
        if not isinstance(change, LobbyState):
            content.update({name: bool(flags & flag) for flag, name in _FLAGS.items()})
    if "reason" in content:
        content["reason"] = LeftReason(content["reason"]).name.lower()
    if isinstance(change, LobbyState):
        content["state"] = LobbyStateCode(change.state).name.lower()
        content["host_player_id"] = change.host_player_id or None
        content["countdown"] = content.pop("countdown_ms") / 1000
    if isinstance(change, HostChanged):
        content["player_id"] = change.player_id or None
    return content


def _mark(content: dict[str, Any]) -> int:
    """A digest of what a list shows of a lobby; a line of chat changes ``rev`` only."""
    players = [
        {name: value for name, value in player.items() if name not in _UNSTEADY}
        for player in content["players"]
    ]
    return hash(json.dumps({**content, "players": players, "rev": 0}))


_UNSTEADY = ("last_update", "ping_ms")


def _key(query: Query) -> tuple[Any, ...]:
    metadata = tuple(sorted(query.metadata.items()))
    return (
        *(query.game, query.version, query.state, query.free_slots),
        *(query.password, query.text, metadata),
    )
