"""What a page of the list costs, in lobbies looked at and breaths; and what stands on it."""

from __future__ import annotations

import random
from typing import Any
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby import index
from lobbyd.lobby.index import MOST_BUCKETS, SLICE, LobbyIndex, Query, text_of
from lobbyd.lobby.model import Lobby
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import CreateLobby, JoinLobby
from lobbyd.testing import run
from lobbyd.wire.catalogue import LobbyStateCode

from .http_world import HttpWorld

COUNT = 5 * SLICE


def lobby(number: int, **fields: Any) -> Lobby:
    """A listed lobby; the later ones are the newer."""
    given = {"game": "", "version": "", "max_players": 8, **fields}
    name = given.pop("name", f"Lobby {number}")
    return Lobby(number + 1, f"C{number:05}", name, protocol_id=0, created_at=number, **given)


def filled(*lobbies: Lobby) -> LobbyIndex:
    """An index of lobbies."""
    listed = LobbyIndex()
    for entry in lobbies:
        listed.put(entry)
    return listed


class Cost(SynchronousTestCase):
    """Of one search among many lobbies."""

    def search(self, listed: LobbyIndex, **query: Any) -> tuple[int, int, int]:
        """(lobbies found, lobbies looked at, breaths)."""
        breaths = 0

        async def breathe() -> None:
            nonlocal breaths
            breaths += 1

        before = listed.looked
        found, _ = run(listed.search(Query(**query), breathe))
        return len(found), listed.looked - before, breaths

    def test_a_page_by_what_buckets_know_looks_at_no_other_lobby(self) -> None:
        games = [f"game {n}" for n in range(10)]
        listed = filled(*(lobby(n, game=games[n % 10], version="1") for n in range(COUNT)))
        wanted = {"game": "game 3", "version": "1", "state": LobbyStateCode.OPEN, "free_slots": 2}
        for sort in index.SORTS:
            self.assertEqual(self.search(listed, **wanted, sort=sort), (50, 51, 0))
        self.assertEqual(self.search(listed, free_slots=2), (50, 51, 0))
        self.assertEqual(self.search(listed, free_slots=9), (0, 0, 0))

    def test_nor_does_it_where_every_lobby_is_of_another_game(self) -> None:
        listed = filled(*(lobby(n, game=f"game {n}") for n in range(COUNT)))
        self.assertGreater(COUNT, MOST_BUCKETS)
        self.assertEqual(self.search(listed, game="game 7"), (1, 1, 0))
        self.assertEqual(self.search(listed, game="game x", free_slots=1), (0, 0, 0))

    def test_what_buckets_cannot_tell_is_looked_for_in_slices(self) -> None:
        listed = filled(*(lobby(n, metadata={"map": "sea", "n": n}) for n in range(COUNT)))
        whole = COUNT // SLICE
        self.assertEqual(self.search(listed, text="zebra"), (0, COUNT, whole))
        self.assertEqual(self.search(listed, metadata={"map": "lake"}), (0, COUNT, whole))
        self.assertEqual(self.search(listed, metadata={"n": "0"}), (1, COUNT, whole))
        self.assertEqual(self.search(listed, text="lobby", metadata={"map": "sea"}), (50, 51, 0))

    def test_so_is_a_state_among_very_many_games(self) -> None:
        listed = filled(*(lobby(n, game=f"game {n}") for n in range(COUNT)))
        locked = {"state": LobbyStateCode.LOCKED}
        self.assertEqual(self.search(listed, **locked), (0, COUNT, COUNT // SLICE))

    def test_a_quick_join_looks_in_slices_too(self) -> None:
        listed = filled(*(lobby(n, password=b"secret") for n in range(COUNT)))
        breaths = []

        async def breathe() -> None:
            breaths.append(1)

        async def walk() -> list[Lobby]:
            return [found async for found in listed.fullest("", "", breathe)]

        self.assertEqual((run(walk()), len(breaths)), ([], COUNT // SLICE))

    def test_a_page_of_full_lobbies_is_written_in_pieces(self) -> None:
        world = HttpWorld()
        for number in range(8):
            wanted = CreateLobby(name=f"Full {number}", max_players=64)
            code = run(world.operations.create(wanted, Caller(), world.now)).lobby.code
            for _ in range(64):
                run(world.operations.join(code, JoinLobby(), Caller(), world.now))
        page = world.call("GET", "/lobbies").json["lobbies"]
        self.assertEqual([len(entry["players"]) for entry in page], [64] * 8)
        self.assertEqual(world.breaths, 3)


class Pages(SynchronousTestCase):
    """Against the plainest search that there is."""

    def plain(self, lobbies: list[Lobby], query: Query) -> list[Lobby]:
        """All that a query finds, in its order."""
        fit = [
            entry
            for entry in lobbies
            if query.game in (None, entry.game)
            and query.version in (None, entry.version)
            and query.state in (None, entry.state)
            and entry.free_places >= query.free_slots
            and query.text in f"{entry.name} {entry.code}".casefold()
            and all(
                key in entry.metadata and text_of(entry.metadata[key]) == text
                for key, text in query.metadata.items()
            )
        ]
        newest = sorted(fit, key=lambda entry: (-entry.created_at, entry.lobby_id))
        if query.sort == "fullest":
            return sorted(newest, key=lambda entry: entry.free_places)
        return newest[::-1] if query.sort == "oldest" else newest

    @settings(max_examples=300)
    @given(
        st.integers(0, 2**32),
        st.builds(
            dict,
            game=st.sampled_from((None, "a", "b", "x")),
            version=st.sampled_from((None, "1", "2")),
            state=st.sampled_from((None, LobbyStateCode.OPEN, LobbyStateCode.LOCKED)),
            free_slots=st.integers(0, 4),
            text=st.sampled_from(("", "sea", "1")),
            metadata=st.sampled_from(({}, {"n": "1"}, {"m": "sea"})),
            sort=st.sampled_from(index.SORTS),
            limit=st.integers(1, 7),
        ),
        st.sampled_from((0, 3, 512)),
        st.sampled_from((1, 4, 400)),
    )
    def test_pages_are_those_of_a_plain_search(
        self, seed: int, query: dict[str, Any], most: int, slice_: int
    ) -> None:
        rng = random.Random(seed)
        lobbies = [
            lobby(
                n,
                name=rng.choice(("By the sea", "Hill 1")),
                game=rng.choice("ab"),
                version=rng.choice("12"),
                max_players=rng.randint(1, 4),
                state=rng.choice((LobbyStateCode.OPEN, LobbyStateCode.LOCKED)),
                metadata=rng.choice(({}, {"n": 1}, {"n": 1.0}, {"m": "sea"}, {"n": True})),
            )
            for n in range(rng.randint(0, 25))
        ]
        listed = filled(*lobbies)
        for entry in rng.sample(lobbies, len(lobbies) // 3):
            entry.state = rng.choice((LobbyStateCode.OPEN, LobbyStateCode.LOCKED))
            entry.max_players = rng.randint(1, 4)
            listed.put(entry)
        for entry in rng.sample(lobbies, len(lobbies) // 4):
            lobbies.remove(entry)
            listed.remove(entry.lobby_id)
        found: list[Lobby] = []
        cursor: str | None = None
        with (
            mock.patch.object(index, "MOST_BUCKETS", most),
            mock.patch.object(index, "SLICE", slice_),
        ):
            for _ in range(len(lobbies) + 2):
                asked = Query(**query, cursor=cursor)
                page, cursor = run(listed.search(asked, index.no_pause))
                self.assertLessEqual(len(page), asked.limit)
                found += page
                if cursor is None:
                    break
        self.assertEqual(found, self.plain(lobbies, Query(**query)))
