"""The list of lobbies: filters, order, and pages that stay right while lobbies come and go."""

from __future__ import annotations

import base64
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import Refused
from lobbyd.lobby.index import SLICE, SORTS, LobbyIndex, Query, has_metadata, text_of
from lobbyd.lobby.model import Identity, Lobby, Player, Seat
from lobbyd.lobby.settings import Metadata
from lobbyd.testing import run
from lobbyd.wire.catalogue import LobbyStateCode

from .rules_case import LOCKED, OPEN, new_lobby


def members(lobby: Lobby, count: int) -> None:
    """Make it have so many members."""
    lobby.players = {
        n: Player(n, n, f"p{n}", Seat(n, n, bytes(32), 0.0, Identity())) for n in range(count)
    }


def numbered(number: int, created_at: float | None = None, count: int = 0, **more: Any) -> Lobby:
    lobby = new_lobby(number, f"{number:06}", number if created_at is None else created_at)
    for name, value in more.items():
        setattr(lobby, name, value)
    members(lobby, count)
    return lobby


class IndexCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.index = LobbyIndex()
        self.breaths = 0

    async def breathe(self) -> None:
        self.breaths += 1

    def put(self, *lobbies: Lobby) -> None:
        for lobby in lobbies:
            self.index.put(lobby)

    def page(self, **query: Any) -> tuple[list[Lobby], str | None]:
        return run(self.index.search(Query(**query), self.breathe))

    def ids(self, **query: Any) -> list[int]:
        """All that are found, page after page."""
        found: list[int] = []
        cursor = None
        while True:
            lobbies, cursor = self.page(cursor=cursor, **query)
            found += [lobby.lobby_id for lobby in lobbies]
            if cursor is None:
                return found


class FilterTests(IndexCase):
    def test_everything_by_default_the_newest_first(self) -> None:
        self.put(numbered(1), numbered(3), numbered(2))
        self.assertEqual(self.ids(), [3, 2, 1])

    def test_game_and_version(self) -> None:
        self.put(numbered(1, game="chess", version="1"), numbered(2, game="chess", version="2"))
        self.put(numbered(3, game="go", version="1"))
        self.assertEqual(self.ids(game="chess"), [2, 1])
        self.assertEqual(self.ids(version="1"), [3, 1])
        self.assertEqual(self.ids(game="chess", version="1"), [1])
        self.assertEqual(self.ids(game="Chess"), [])

    def test_the_empty_game_is_one_of_its_own(self) -> None:
        self.put(numbered(1), numbered(2, game="chess"))
        self.assertEqual((self.ids(game=""), self.ids()), ([1], [2, 1]))

    def test_state(self) -> None:
        self.put(numbered(1), numbered(2, state=LOCKED))
        self.assertEqual((self.ids(state=OPEN), self.ids(state=LOCKED)), ([1], [2]))
        self.assertEqual(self.ids(state=LobbyStateCode.IN_GAME), [])

    def test_free_slots_are_at_least_so_many(self) -> None:
        self.put(numbered(1, count=8), numbered(2, count=6), numbered(3, count=0))
        self.assertEqual(self.ids(free_slots=1), [3, 2])
        self.assertEqual(self.ids(free_slots=3), [3])
        self.assertEqual(self.ids(free_slots=0), [3, 2, 1])

    def test_places_kept_for_names_are_not_free(self) -> None:
        self.put(numbered(1, count=7, reserved={"ada": "Ada"}))
        self.assertEqual(self.ids(free_slots=1), [])

    def test_with_or_without_a_password(self) -> None:
        self.put(numbered(1, password=b"x"), numbered(2))
        self.assertEqual((self.ids(password=True), self.ids(password=False)), ([1], [2]))

    def test_text_is_found_in_name_and_code_in_any_case(self) -> None:
        self.put(numbered(1, name="The PIT Stra\u00dfe"), numbered(2, name="Arena"))
        for text in ("pit", "strasse", "e p", "000001"):
            self.assertEqual(self.ids(text=text), [1], text)
        self.assertEqual(self.ids(text="zzz"), [])

    def test_text_does_not_reach_from_name_into_code(self) -> None:
        self.put(numbered(1, name="Arena"))
        self.assertEqual(self.ids(text="arena000001"), [])

    def test_metadata_must_be_equal(self) -> None:
        self.put(numbered(1, metadata={"map": "a", "mode": "ctf"}))
        self.put(numbered(2, metadata={"map": "b", "mode": "ctf"}), numbered(3))
        self.assertEqual(self.ids(metadata={"mode": "ctf"}), [2, 1])
        self.assertEqual(self.ids(metadata={"mode": "ctf", "map": "a"}), [1])
        self.assertEqual(self.ids(metadata={"mode": "CTF"}), [])
        self.assertEqual(self.ids(metadata={"mode": ""}), [])

    def test_members_metadata_is_not_looked_at(self) -> None:
        self.put(numbered(1, member_metadata={"seed": 1}))
        self.assertEqual(self.ids(metadata={"seed": "1"}), [])

    def test_filters_go_together(self) -> None:
        self.put(numbered(1, game="chess", metadata={"map": "a"}, name="Pit"))
        self.put(numbered(2, game="chess", metadata={"map": "a"}, name="Arena"))
        self.put(numbered(3, game="go", metadata={"map": "a"}, name="Pit"))
        self.assertEqual(self.ids(game="chess", metadata={"map": "a"}, text="pit"), [1])


class OrderTests(IndexCase):
    def test_newest_oldest_fullest(self) -> None:
        self.put(numbered(1, count=2), numbered(2, count=5), numbered(3, count=2))
        self.assertEqual(self.ids(sort="newest"), [3, 2, 1])
        self.assertEqual(self.ids(sort="oldest"), [1, 2, 3])
        self.assertEqual(self.ids(sort="fullest"), [2, 3, 1])

    def test_fullest_is_by_free_places(self) -> None:
        self.put(numbered(1, count=60, max_players=64), numbered(2, count=1, max_players=2))
        self.assertEqual(self.ids(sort="fullest"), [2, 1])

    def test_the_order_is_the_same_over_buckets(self) -> None:
        for n in range(1, 40):
            self.put(numbered(n, game=str(n % 3), version=str(n % 2), count=n % 5))
        self.assertEqual(self.ids(free_slots=1), list(range(39, 0, -1)))
        self.assertEqual(self.ids(sort="oldest", free_slots=1), list(range(1, 40)))

    def test_those_of_one_moment_have_an_order_too(self) -> None:
        self.put(*(numbered(n, created_at=5.0) for n in (3, 1, 2)))
        for sort in SORTS:
            self.assertEqual(sorted(self.ids(sort=sort, limit=1)), [1, 2, 3])


class ChangeTests(IndexCase):
    def test_what_changed_is_found_by_what_it_is_now(self) -> None:
        lobby = numbered(1, name="Arena", metadata={"map": "a"})
        self.put(lobby)
        lobby.name, lobby.state, lobby.metadata = "Pit", LOCKED, {"map": "b"}
        members(lobby, 8)
        self.put(lobby)
        self.assertEqual(self.ids(text="pit", state=LOCKED, metadata={"map": "b"}), [1])
        self.assertEqual(self.ids(text="arena") + self.ids(state=OPEN) + self.ids(free_slots=1), [])
        self.assertEqual((len(self.index), 1 in self.index), (1, True))

    def test_what_was_taken_off_is_not_found(self) -> None:
        self.put(numbered(1), numbered(2))
        self.index.remove(1)
        self.index.remove(1)
        self.assertEqual((self.ids(), self.ids(game=""), 1 in self.index), ([2], [2], False))

    def test_nothing_is_kept_of_what_is_gone(self) -> None:
        for n in range(100):
            self.put(numbered(n, game=str(n)))
        for n in range(100):
            self.index.remove(n)
        index = self.index
        self.assertEqual((len(index), len(index._all), index._buckets), (0, 0, 0))
        self.assertEqual((index._games, index._ranks), ({}, {}))


class CursorTests(IndexCase):
    def test_pages_have_the_length_that_was_asked_for(self) -> None:
        self.put(*map(numbered, range(10)))
        lobbies, cursor = self.page(limit=4)
        self.assertEqual([lobby.lobby_id for lobby in lobbies], [9, 8, 7, 6])
        self.assertIsNotNone(cursor)

    def test_the_last_page_has_none_also_where_it_is_full(self) -> None:
        self.put(*map(numbered, range(8)))
        _, cursor = self.page(limit=4)
        lobbies, cursor = self.page(limit=4, cursor=cursor)
        self.assertEqual((len(lobbies), cursor), (4, None))
        self.assertEqual(LobbyIndex().__len__(), 0)

    def test_an_empty_list_is_one_page(self) -> None:
        self.assertEqual(self.page(), ([], None))

    def test_one_that_is_gone_is_still_a_place(self) -> None:
        self.put(*map(numbered, range(6)))
        _, cursor = self.page(limit=3)
        self.index.remove(3)
        self.index.remove(2)
        lobbies, _ = self.page(limit=3, cursor=cursor)
        self.assertEqual([lobby.lobby_id for lobby in lobbies], [1, 0])

    def test_new_ones_do_not_move_the_pages(self) -> None:
        self.put(*map(numbered, range(6)))
        _, cursor = self.page(limit=3)
        self.put(numbered(9))
        lobbies, _ = self.page(limit=3, cursor=cursor)
        self.assertEqual([lobby.lobby_id for lobby in lobbies], [2, 1, 0])

    def test_it_fits_a_url_and_tells_no_time_by_eye(self) -> None:
        self.put(*map(numbered, range(3)))
        _, cursor = self.page(limit=1)
        self.assertRegex(cursor or "", r"\A[A-Za-z0-9_-]{24}\Z")

    def test_that_of_another_order_is_refused(self) -> None:
        self.put(*map(numbered, range(3)))
        for sort in SORTS:
            _, cursor = self.page(limit=1, sort=sort)
            for other in set(SORTS) - {sort}:
                refused = self.assertRaises(Refused, self.page, sort=other, cursor=cursor)
                self.assertEqual(refused.code, "invalid_request")
                self.assertEqual(refused.detail.partition(":")[0], "cursor")

    @given(
        st.text(max_size=40)
        | st.binary(max_size=24).map(base64.urlsafe_b64encode).map(bytes.decode)
    )
    def test_any_other_text_is_refused_or_a_place(self, text: str) -> None:
        index = LobbyIndex()
        index.put(numbered(1))

        async def breathe() -> None:
            return None

        try:
            lobbies, cursor = run(index.search(Query(cursor=text), breathe))
        except Refused as refused:
            self.assertEqual(refused.code, "invalid_request")
            return
        self.assertLessEqual(len(lobbies), 1)
        self.assertIsNone(cursor)


class SliceTests(IndexCase):
    """Looking inside lobbies is done in slices, between which others get their turn."""

    def fill(self, count: int) -> None:
        self.put(*map(numbered, range(count)))

    def test_it_breathes_once_for_each_full_slice(self) -> None:
        self.fill(3 * SLICE + 1)
        self.assertEqual(self.ids(text="nowhere"), [])
        self.assertEqual(self.breaths, 3)

    def test_a_page_that_is_filled_soon_needs_no_breath(self) -> None:
        self.fill(3 * SLICE)
        self.assertEqual(len(self.page(limit=50, metadata={})[0]), 50)
        self.assertEqual(len(self.page(limit=50, text="0")[0]), 50)
        self.assertEqual(self.breaths, 0)

    def test_what_is_far_down_is_found_once(self) -> None:
        self.fill(3 * SLICE)
        for n in (0, SLICE, 2 * SLICE + 7):
            self.put(numbered(n, name="needle"))
        self.assertEqual(self.ids(text="needle"), [2 * SLICE + 7, SLICE, 0])

    def search(self, meanwhile: Any, **query: Any) -> list[int]:
        """One page, with something that happens at the first breath."""

        async def breathe() -> None:
            self.breaths += 1
            if self.breaths == 1:
                meanwhile()

        lobbies, _ = run(self.index.search(Query(**query), breathe))
        return [lobby.lobby_id for lobby in lobbies]

    def test_one_that_went_during_a_breath_is_not_answered(self) -> None:
        self.fill(2 * SLICE)
        newest = 2 * SLICE - 1
        self.put(numbered(newest, name="needle"), numbered(0, name="needle"))
        self.assertEqual(self.search(lambda: self.index.remove(newest), text="needle"), [0])

    def test_the_place_of_the_search_may_go_during_a_breath(self) -> None:
        self.fill(2 * SLICE)
        self.put(numbered(0, name="needle"))

        def clear() -> None:
            for n in range(SLICE - 5, SLICE + 5):
                self.index.remove(n)

        self.assertEqual(self.search(clear, text="needle"), [0])

    def test_one_that_sinks_during_a_breath_is_answered_once(self) -> None:
        first = numbered(5000, count=7, name="needle")
        self.put(first, *(numbered(n, count=5) for n in range(SLICE)))

        def empties() -> None:
            members(first, 0)
            self.put(first)

        self.assertEqual(self.search(empties, text="needle", sort="fullest"), [5000])
        self.assertEqual(self.breaths, 1)


class FullestTests(IndexCase):
    """For quick joins."""

    def codes(self, game: str = "", version: str = "") -> list[int]:
        async def walk() -> list[int]:
            found = self.index.fullest(game, version, self.breathe)
            return [lobby.lobby_id async for lobby in found]

        return run(walk())

    def test_the_fullest_come_first_and_full_ones_not_at_all(self) -> None:
        self.put(numbered(1, count=2), numbered(2, count=7), numbered(3, count=8), numbered(4))
        self.assertEqual(self.codes(), [2, 1, 4])

    def test_other_games_versions_and_states_are_left_out(self) -> None:
        self.put(numbered(1, game="chess"), numbered(2, version="2"), numbered(3, state=LOCKED))
        self.put(numbered(4))
        self.assertEqual((self.codes(), self.codes("chess")), ([4], [1]))

    def test_so_are_those_with_a_password(self) -> None:
        self.put(numbered(1, password=b"x"), numbered(2))
        self.assertEqual(self.codes(), [2])


class TextTests(SynchronousTestCase):
    def test_values_as_they_stand_in_a_query(self) -> None:
        expected: Metadata = {
            "true": True,
            "false": False,
            "1": 1,
            "0": -0.0,
            "2.5": 2.5,
            "a b": "a b",
        }
        self.assertEqual(
            {text: text_of(value) for text, value in expected.items()},
            {text: text for text in expected},
        )

    def test_a_whole_number_is_the_same_however_it_came(self) -> None:
        for number in (0, 7, -3, 999_999, 1_000_000, 123_456_789, 2**53 - 1):
            self.assertEqual((text_of(number), text_of(float(number))), (str(number),) * 2)

    @given(st.floats(-(2.0**53), 2.0**53))
    def test_every_number_is_read_back_as_itself(self, number: float) -> None:
        self.assertEqual(float(text_of(number)), number)

    def test_all_that_is_wanted_must_be_there(self) -> None:
        self.assertTrue(has_metadata({"a": 1, "b": "x"}, {"a": "1"}))
        self.assertTrue(has_metadata({}, {}))
        self.assertFalse(has_metadata({"a": 1}, {"a": "1", "b": "x"}))


class PagesMachine(RuleBasedStateMachine):
    """Readers that turn pages while lobbies come, change and go, against a plain list.

    A reader must see each lobby that fits and was there, unchanged, all the time, exactly
    once; and nothing that does not fit.
    """

    def __init__(self) -> None:
        super().__init__()
        self.index = LobbyIndex()
        self.lobbies: dict[int, Lobby] = {}
        self.made = 0
        self.readers: list[dict[str, Any]] = []

    def fits(self, lobby: Lobby, query: dict[str, Any]) -> bool:
        return (
            query.get("game") in (None, lobby.game)
            and query.get("state") in (None, lobby.state)
            and lobby.free_places >= query.get("free_slots", 0)
            and query.get("text", "") in lobby.name
            and all(lobby.metadata.get(k) == v for k, v in query.get("metadata", {}).items())
        )

    def rank(self, lobby: Lobby, sort: str) -> Any:
        newest = (-lobby.created_at, lobby.lobby_id)
        if sort == "fullest":
            return (lobby.free_places, newest)
        return newest if sort == "newest" else tuple(-part for part in newest)

    def touch(self, lobby_id: int) -> None:
        for reader in self.readers:
            reader["stable"].discard(lobby_id)

    @rule(
        game=st.sampled_from(["a", "b"]),
        count=st.integers(0, 3),
        name=st.sampled_from(["pit", "arena"]),
        time=st.integers(0, 3),
        value=st.sampled_from(["x", "y"]),
    )
    def come(self, game: str, count: int, name: str, time: int, value: str) -> None:
        self.made += 1
        number = random.Random(self.made).getrandbits(64)
        lobby = numbered(number, float(time), count, game=game, name=name, max_players=3)
        lobby.metadata = {"k": value}
        self.lobbies[number] = lobby
        self.index.put(lobby)

    @precondition(lambda self: self.lobbies)
    @rule(data=st.data())
    def go(self, data: Any) -> None:
        number = data.draw(st.sampled_from(sorted(self.lobbies)))
        del self.lobbies[number]
        self.index.remove(number)
        self.touch(number)

    @precondition(lambda self: self.lobbies)
    @rule(data=st.data(), count=st.integers(0, 3), state=st.sampled_from([OPEN, LOCKED]))
    def change(self, data: Any, count: int, state: LobbyStateCode) -> None:
        number = data.draw(st.sampled_from(sorted(self.lobbies)))
        lobby = self.lobbies[number]
        lobby.state = state
        members(lobby, count)
        self.index.put(lobby)
        self.touch(number)

    @precondition(lambda self: len(self.readers) < 4)
    @rule(
        query=st.fixed_dictionaries(
            {"sort": st.sampled_from(SORTS), "limit": st.integers(1, 3)},
            optional={
                "game": st.sampled_from(["a", "b"]),
                "state": st.sampled_from([OPEN, LOCKED]),
                "free_slots": st.integers(0, 3),
                "text": st.sampled_from(["pit", "a"]),
                "metadata": st.just({"k": "x"}),
            },
        )
    )
    def begin(self, query: dict[str, Any]) -> None:
        stable = {n for n, lobby in self.lobbies.items() if self.fits(lobby, query)}
        reader: dict[str, Any] = {"query": query, "cursor": None, "seen": [], "stable": stable}
        self.readers.append(reader)
        self.turn(reader)

    @precondition(lambda self: self.readers)
    @rule(data=st.data())
    def read_on(self, data: Any) -> None:
        self.turn(self.readers[data.draw(st.integers(0, len(self.readers) - 1))])

    def turn(self, reader: dict[str, Any]) -> None:
        query, sort = reader["query"], reader["query"]["sort"]

        async def breathe() -> None:
            return None

        lobbies, cursor = run(self.index.search(Query(cursor=reader["cursor"], **query), breathe))
        assert len(lobbies) <= query["limit"]
        assert len(lobbies) == query["limit"] or cursor is None
        assert all(self.lobbies[lobby.lobby_id] is lobby for lobby in lobbies)
        assert all(self.fits(lobby, query) for lobby in lobbies)
        ranks = [self.rank(lobby, sort) for lobby in lobbies]
        assert ranks == sorted(ranks)
        reader["seen"] += [lobby.lobby_id for lobby in lobbies]
        reader["cursor"] = cursor
        for number in reader["stable"]:
            assert reader["seen"].count(number) <= 1, "seen twice"
        if cursor is None:
            assert reader["stable"] <= set(reader["seen"]), "left out"
            self.readers.remove(reader)

    @invariant()
    def the_index_is_the_list(self) -> None:
        assert len(self.index) == len(self.lobbies)
        index = self.index
        versions = [v for game in index._games.values() for v in game.values()]
        buckets = [bucket for version in versions for bucket in version.values()]
        assert len(buckets) == index._buckets
        assert sum(len(bucket.keys) for bucket in buckets) == len(self.lobbies)
        assert sum(map(len, index._ranks.values())) == len(self.lobbies)
        assert len(index._all) == len(self.lobbies)


class PagesTests(SynchronousTestCase):
    def test_pages_stay_right_while_lobbies_come_and_go(self) -> None:
        run_state_machine_as_test(
            PagesMachine,
            settings=settings(max_examples=100, stateful_step_count=40, deadline=None),
        )
