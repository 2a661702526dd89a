"""The list of lobbies that everybody may see, ready to be filtered and paged.

Lobbies stand in buckets by game, version, state and free places, each in order of
their making, so that a page filtered by these costs no more than its length. Text and
metadata are looked through in slices, between which the caller lets others work.
"""

from __future__ import annotations

import heapq
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

import attrs
from sortedcontainers import SortedList

from ..wire.catalogue import LobbyStateCode
from .cursors import Key, Place, read_cursor, write_cursor
from .model import Lobby
from .settings import Metadata

Breathe = Callable[[], Awaitable[None]]
"""Lets others have their turn."""

SORTS = ("newest", "oldest", "fullest")
MOST = 100
"""Lobbies on one page."""
SLICE = 400
"""Lobbies looked through before others get their turn."""
MOST_BUCKETS = 512
"""Buckets that one search looks at; beyond that it goes through the lobbies themselves."""


async def no_pause() -> None:
    """Breathe without letting others work."""


@attrs.frozen
class Query:
    """What is looked for; None is anything. ``metadata`` must be equal, ``text`` contained."""

    game: str | None = None
    version: str | None = None
    state: LobbyStateCode | None = None
    free_slots: int = 0
    password: bool | None = None
    text: str = ""
    metadata: dict[str, str] = attrs.Factory(dict)
    sort: str = "newest"
    limit: int = 50
    cursor: str | None = None

    @property
    def narrows(self) -> bool:
        """Whether buckets can leave out anything."""
        named = self.game is not None or self.version is not None or self.state is not None
        return named or self.free_slots > 0

    @property
    def looks_inside(self) -> bool:
        """Whether the buckets alone cannot answer it."""
        return bool(self.text or self.metadata or self.password is not None)


@attrs.define(eq=False)
class _Bucket:
    """Lobbies that are alike in what queries ask most; ``keys`` are in the list's order."""

    game: str
    version: str
    state: LobbyStateCode
    free: int
    keys: SortedList[Key] = attrs.Factory(SortedList)

    def matches(self, query: Query) -> bool:
        """Whether its lobbies are what a query asks for, as far as a bucket can tell."""
        return (
            self.free >= query.free_slots
            and (query.state is None or self.state is query.state)
            and (query.game is None or self.game == query.game)
            and (query.version is None or self.version == query.version)
        )


@attrs.define(eq=False)
class _Entry:
    key: Key
    bucket: _Bucket
    lobby: Lobby
    name: str
    text: str


_Version = dict[tuple[LobbyStateCode, int], _Bucket]


class LobbyIndex:
    """The listed lobbies. ``looked`` counts entries that searches looked at."""

    def __init__(self) -> None:
        self.looked = 0
        self._entries: dict[int, _Entry] = {}
        self._all: SortedList[Key] = SortedList()
        self._ranks: dict[int, SortedList[Key]] = {}
        self._games: dict[str, dict[str, _Version]] = {}
        self._buckets = 0

    def __len__(self) -> int:
        return len(self._entries)

    def __contains__(self, lobby_id: int) -> bool:
        return lobby_id in self._entries

    def put(self, lobby: Lobby) -> None:
        """List a lobby, or take over what changed of it."""
        free = lobby.free_places
        entry = self._entries.get(lobby.lobby_id)
        if entry is None:
            key = -lobby.created_at, lobby.lobby_id
            bucket = self._enter_bucket(lobby, free, key)
            text = _text(lobby)
            self._entries[lobby.lobby_id] = _Entry(key, bucket, lobby, lobby.name, text)
            self._all.add(key)
            return
        if entry.name != lobby.name:
            entry.name, entry.text = lobby.name, _text(lobby)
        if entry.bucket.state is not lobby.state or entry.bucket.free != free:
            self._leave_bucket(entry)
            entry.bucket = self._enter_bucket(lobby, free, entry.key)

    def remove(self, lobby_id: int) -> None:
        """Take a lobby off the list, if it is there."""
        entry = self._entries.pop(lobby_id, None)
        if entry is not None:
            self._all.remove(entry.key)
            self._leave_bucket(entry)

    async def search(self, query: Query, breathe: Breathe) -> tuple[list[Lobby], str | None]:
        """A page of lobbies, and the cursor of the next one if there may be more.

        ``breathe`` is awaited between slices. Raises Refused for a cursor that is none.
        """
        place = None if query.cursor is None else read_cursor(query.cursor, SORTS.index(query.sort))
        found: dict[int, tuple[Place, Lobby]] = {}
        narrow, inside = query.narrows, query.looks_inside
        while True:
            looked = 0
            for place, entry in self._places(query, place):  # noqa: B020
                looked += 1
                if (not narrow or entry.bucket.matches(query)) and (
                    not inside or _fits(entry, query)
                ):
                    # one whose rank rose during a breath comes by twice
                    found.setdefault(place[1][1], (place, entry.lobby))
                if len(found) > query.limit or looked == SLICE:
                    break
            else:
                self.looked += looked
                return [lobby for _, lobby in found.values()], None
            self.looked += looked
            if len(found) > query.limit:
                page = list(found.values())[: query.limit]
                return [lobby for _, lobby in page], write_cursor(
                    page[-1][0], SORTS.index(query.sort)
                )
            await breathe()
            found = {key: hit for key, hit in found.items() if key in self}

    async def fullest(self, game: str, version: str, breathe: Breathe) -> AsyncIterator[Lobby]:
        """Open lobbies with free places and no password, the fullest first."""
        query = Query(game, version, LobbyStateCode.OPEN, free_slots=1, sort="fullest")
        place: Place | None = None
        while True:
            looked = 0
            for place, entry in self._places(query, place):  # noqa: B007, B020
                looked += 1
                if entry.lobby.password is None:
                    yield entry.lobby
                if looked == SLICE:
                    break
            self.looked += looked
            if looked < SLICE:
                return
            await breathe()

    def _places(self, query: Query, after: Place | None) -> Iterator[tuple[Place, _Entry]]:
        """Where to look for a query's lobbies, in its order, behind ``after``."""
        entries, reverse = self._entries, query.sort == "oldest"
        for rank, lists in self._lists(query):
            if after is not None and rank < after[0]:
                continue
            behind = after[1] if after is not None and rank == after[0] else None
            for key in _merged(lists, behind, reverse=reverse):
                yield (rank, key), entries[key[1]]

    def _lists(self, query: Query) -> list[tuple[int, list[SortedList[Key]]]]:
        """The lists that hold a query's lobbies, by rank: its buckets, or everything."""
        ranked = query.sort == "fullest"
        buckets = self._matching(query)
        if buckets is None:
            if ranked:
                ranks = sorted(rank for rank in self._ranks if rank >= query.free_slots)
                return [(rank, [self._ranks[rank]]) for rank in ranks]
            return [(0, [self._all])]
        lists: dict[int, list[SortedList[Key]]] = {}
        for bucket in buckets:
            lists.setdefault(bucket.free if ranked else 0, []).append(bucket.keys)
        return sorted(lists.items(), key=lambda item: item[0])

    def _matching(self, query: Query) -> list[_Bucket] | None:
        """The buckets of a query; None where there are too many to look at each."""
        if query.game is not None:
            games = [self._games.get(query.game, {})]
        elif self._buckets <= MOST_BUCKETS and query.narrows:
            games = list(self._games.values())
        else:
            return None
        if query.version is not None:
            groups = [game[query.version] for game in games if query.version in game]
        elif sum(map(len, games)) <= MOST_BUCKETS:
            groups = [group for game in games for group in game.values()]
        else:
            return None
        return [bucket for group in groups for bucket in group.values() if bucket.matches(query)]

    def _enter_bucket(self, lobby: Lobby, free: int, key: Key) -> _Bucket:
        group = self._games.setdefault(lobby.game, {}).setdefault(lobby.version, {})
        bucket = group.get((lobby.state, free))
        if bucket is None:
            bucket = group[lobby.state, free] = _Bucket(
                lobby.game, lobby.version, lobby.state, free
            )
            self._buckets += 1
        bucket.keys.add(key)
        self._ranks.setdefault(free, SortedList()).add(key)
        return bucket

    def _leave_bucket(self, entry: _Entry) -> None:
        bucket = entry.bucket
        bucket.keys.remove(entry.key)
        self._ranks[bucket.free].remove(entry.key)
        if not self._ranks[bucket.free]:
            del self._ranks[bucket.free]
        if not bucket.keys:
            versions = self._games[bucket.game]
            del versions[bucket.version][bucket.state, bucket.free]
            self._buckets -= 1
            if not versions[bucket.version]:
                del versions[bucket.version]
            if not versions:
                del self._games[bucket.game]


def _text(lobby: Lobby) -> str:
    return f"{lobby.name}\n{lobby.code}".casefold()


def _merged(
    lists: list[SortedList[Key]], behind: Key | None, *, reverse: bool = False
) -> Iterator[Key]:
    if reverse:
        runs = [
            keys.irange(maximum=behind, inclusive=(True, False), reverse=True) for keys in lists
        ]
    else:
        runs = [keys.irange(minimum=behind, inclusive=(False, True)) for keys in lists]
    return runs[0] if len(runs) == 1 else heapq.merge(*runs, reverse=reverse)


def _fits(entry: _Entry, query: Query) -> bool:
    lobby = entry.lobby
    if query.password is not None and (lobby.password is not None) != query.password:
        return False
    if query.text and query.text not in entry.text:
        return False
    return has_metadata(lobby.metadata, query.metadata)


def has_metadata(metadata: Metadata, wanted: dict[str, str]) -> bool:
    """Whether each wanted key is there with this text, as ``text_of`` writes values."""
    for key, text in wanted.items():
        value = metadata.get(key)
        # most values are texts: those need no call
        if value != text and (value is None or isinstance(value, str) or text_of(value) != text):
            return False
    return True


def text_of(value: str | int | float | bool) -> str:
    """A metadata value as it stands in a query: true, false, a number, or the text itself."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    # JSON does not tell 1 from 1.0, and some clients send one for the other
    return str(int(value)) if value == int(value) else repr(value)
