"""What readers of the list and of a lobby are shown."""

from __future__ import annotations

import json
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby import feeds
from lobbyd.lobby.feeds import ListFeed, View, change_event, change_json, changes_after, state_event
from lobbyd.lobby.index import Query
from lobbyd.lobby.model import RING, Lobby
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import ChangeLobby, CreateLobby, JoinLobby, Say
from lobbyd.lobby.view import lobby_json
from lobbyd.testing import START, World, run
from lobbyd.wire import messages
from lobbyd.wire.catalogue import LeftReason, LobbyStateCode, PlayerFlags


class Line:
    """What a connection tells of itself."""

    rtt = 0.03


def read(event: bytes) -> tuple[str, Any]:
    """The name and data of one event."""
    name, number, data = event.decode().removesuffix("\n\n").split("\n")
    if not number.removeprefix("id: ").isdigit():
        raise ValueError(number)
    return name.removeprefix("event: "), json.loads(data.removeprefix("data: "))


class FeedCase(SynchronousTestCase):
    def setUp(self) -> None:
        self.world = World()
        self.lobbies = self.world.lobbies
        self.feed = ListFeed(self.lobbies)
        self.now = START

    def make(self, code: str | None = None, **wanted: Any) -> Lobby:
        request = CreateLobby(code=code, **wanted)
        return run(self.world.operations.create(request, Caller(), self.now)).lobby

    def join(self, lobby: Lobby, name: str = "Ann", **wanted: Any) -> Any:
        request = JoinLobby(name, **wanted)
        return run(self.world.operations.join(lobby.code, request, Caller(), self.now))

    def change(self, lobby: Lobby, joined: Any, **wanted: Any) -> None:
        caller = Caller(token=joined.player_token)
        run(self.world.hosting.change(lobby.code, ChangeLobby(**wanted), caller, None, self.now))

    def watch(self, reader: str = "reader", **query: Any) -> View:
        return self.feed.watch(Query(**query), reader)

    def told(self, most: int = 1000) -> list[tuple[View, str, str]]:
        """(view, event, code) of all that there is to tell."""
        self.feed.take()
        found = []
        for view, event in self.feed.step(most, self.now):
            name, data = read(event)
            found.append((view, name, data["code"]))
        return found


class ListTests(FeedCase):
    def test_a_lobby_appears_changes_and_vanishes(self) -> None:
        view = self.watch()
        lobby = self.make("ABCD")
        self.assertEqual(self.told(), [(view, "lobby", "ABCD")])
        joined = self.join(lobby)
        self.assertEqual(self.told(), [(view, "lobby", "ABCD")])
        self.lobbies.leave(lobby, joined.player, LeftReason.LEFT, self.now)
        self.lobbies.close(lobby, LeftReason.CLOSED, self.now)
        self.assertEqual(self.told(), [(view, "gone", "ABCD")])
        self.assertEqual(self.told(), [])

    def test_many_changes_are_one_event(self) -> None:
        self.watch()
        lobby = self.make("ABCD")
        for number in range(5):
            self.join(lobby, f"P{number}")
        self.assertEqual(len(self.told()), 1)

    def test_what_the_list_does_not_show_is_not_told(self) -> None:
        """A line of chat, a player's position."""
        self.watch()
        lobby = self.make("ABCD")
        joined = self.join(lobby)
        self.told()
        run(self.world.hosting.say("ABCD", Say("hi"), Caller(token=joined.player_token), START))
        joined.player.last_update, joined.player.link = self.now, Line()
        self.assertEqual(joined.player.ping_ms, 30)
        self.assertEqual(self.told(), [])

    def test_every_field_of_a_listed_lobby_is_told(self) -> None:
        """But the revision, and what changes by itself."""
        lobby = self.make("ABCD")
        player = self.join(lobby).player
        shown = lobby_json(lobby, self.now)
        mark = feeds._mark(shown)
        steady = [name for name in shown if name not in ("rev", "players")]
        for name in steady:
            self.assertNotEqual(feeds._mark({**shown, name: "changed"}), mark, name)
        self.assertEqual(feeds._mark({**shown, "rev": 99}), mark)
        (listed,) = shown["players"]
        for name in listed:
            other = {**shown, "players": [{**listed, name: "changed"}]}
            same = feeds._mark(other) == mark
            self.assertEqual(same, name in ("last_update", "ping_ms"), name)
        self.assertEqual(listed["player_id"], player.player_id)

    def test_private_lobbies_are_never_told(self) -> None:
        self.watch()
        lobby = self.make(visibility="private")
        joined = self.join(lobby)
        self.lobbies.leave(lobby, joined.player, LeftReason.LEFT, self.now)
        self.lobbies.close(lobby, LeftReason.CLOSED, self.now)
        self.assertEqual(self.told(), [])

    def test_a_lobby_that_leaves_the_list_is_gone(self) -> None:
        view = self.watch()
        lobby = self.make("ABCD")
        joined = self.join(lobby)
        self.told()
        self.change(lobby, joined, listed=False)
        self.assertEqual(self.told(), [(view, "gone", "ABCD")])
        self.change(lobby, joined, name="Other")
        self.assertEqual(self.told(), [])
        self.change(lobby, joined, listed=True)
        self.assertEqual(self.told(), [(view, "lobby", "ABCD")])

    def test_an_empty_lobby_leaves_by_time_alone(self) -> None:
        view = self.watch()
        self.make("ABCD")
        self.told()
        self.lobbies.expire(self.now + 30)
        self.assertEqual(self.told(), [(view, "gone", "ABCD")])

    def test_each_filter_sees_its_own(self) -> None:
        one, other = self.watch(game="one"), self.watch(game="other")
        everything = self.watch()
        self.make("AAAA", game="one")
        self.make("BBBB", game="other")
        told = self.told()
        self.assertEqual([t for t in told if t[0] is one], [(one, "lobby", "AAAA")])
        self.assertEqual([t for t in told if t[0] is other], [(other, "lobby", "BBBB")])
        self.assertEqual(len([t for t in told if t[0] is everything]), 2)

    def test_a_lobby_that_fits_no_more_is_gone(self) -> None:
        view = self.watch(free_slots=1)
        lobby = self.make("ABCD", max_players=1)
        self.assertEqual(self.told(), [(view, "lobby", "ABCD")])
        self.join(lobby)
        self.assertEqual(self.told(), [(view, "gone", "ABCD")])

    def test_a_lobby_that_never_fitted_is_not_gone(self) -> None:
        self.watch(game="other")
        lobby = self.make("ABCD")
        self.lobbies.close(lobby, LeftReason.CLOSED, self.now)
        self.assertEqual(self.told(), [])

    def test_an_event_is_made_once_for_all(self) -> None:
        self.watch()
        self.watch(game="")
        self.make("ABCD")
        self.feed.take()
        (_, first), (_, second) = self.feed.step(10, self.now)
        self.assertIs(first, second)

    def test_readers_of_one_filter_share_a_view(self) -> None:
        first = self.watch("a", game="g", metadata={"a": "1", "b": "2"})
        second = self.watch("b", game="g", metadata={"b": "2", "a": "1"})
        self.assertIs(first, second)
        self.assertEqual(self.feed.filters, 1)
        self.assertTrue(self.feed.has_filter(first.query))
        self.feed.unwatch(first, "a")
        self.assertEqual(self.feed.filters, 1)
        self.feed.unwatch(first, "b")
        self.assertEqual(self.feed.filters, 0)

    def test_filters_agree_with_the_list(self) -> None:
        """Every parameter, on lobbies that differ in each."""
        self.make("AAAA", game="g", version="1", metadata={"map": "x"})
        self.make("BBBB", game="g", version="2", password="p", name="Big one")
        full = self.make("CCCC", game="h", max_players=1)
        self.join(full)
        self.make("DDDD", max_players=64, metadata={"map": "x", "n": 1})
        for query in (
            Query(),
            Query(game="g"),
            Query(version="2"),
            Query(state=LobbyStateCode.LOCKED),
            Query(free_slots=1),
            Query(free_slots=9),
            Query(password=True),
            Query(password=False, game="g"),
            Query(text="big"),
            Query(text="cc"),
            Query(metadata={"map": "x"}),
            Query(metadata={"map": "x", "n": "1"}),
        ):
            found, _ = run(self.lobbies.index.search(query, self.world.operations.release_removed))
            fitting = [b for b in self.lobbies.by_id.values() if feeds.fits(b, query)]
            self.assertEqual({b.code for b in found}, {b.code for b in fitting}, query)

    def test_nothing_is_kept_while_nobody_watches(self) -> None:
        self.make("ABCD")
        self.feed.take()
        self.assertEqual((self.feed.behind, self.lobbies.touched), (0, set()))

    def test_a_step_is_bounded(self) -> None:
        self.watch()
        for _ in range(10):
            self.make()
        self.assertEqual((len(self.told(4)), self.feed.behind), (4, 6))

    def test_more_shown_than_are_kept(self) -> None:
        self.patch(feeds, "MOST_SHOWN", 2)
        view = self.watch()
        self.make()
        self.make()
        self.told()
        self.assertFalse(view.overflowed)
        self.make()
        self.told()
        self.assertTrue(view.overflowed)


class BeginningTests(FeedCase):
    def test_who_begins_is_shown_a_lobby_as_it_is(self) -> None:
        lobby = self.make("ABCD")
        view = self.watch()
        name, data = read(self.feed.entry(view, lobby, self.now) or b"")
        self.assertEqual((name, data["code"]), ("lobby", "ABCD"))
        self.assertEqual(self.told(), [], "it is told twice")

    def test_a_lobby_that_went_meanwhile_is_not_shown(self) -> None:
        lobby = self.make("ABCD")
        view = self.watch()
        self.lobbies.close(lobby, LeftReason.CLOSED, self.now)
        self.assertIsNone(self.feed.entry(view, lobby, self.now))

    def test_a_lobby_that_fits_no_more_is_not_shown(self) -> None:
        lobby = self.make("ABCD", max_players=1)
        view = self.watch(free_slots=1)
        self.join(lobby)
        self.assertIsNone(self.feed.entry(view, lobby, self.now))

    def test_a_change_back_is_told_to_who_saw_the_change(self) -> None:
        """One reader knows the lobby as it was, one as it was in between."""
        lobby = self.make("ABCD")
        joined = self.join(lobby)
        view = self.watch("old")
        self.told()
        self.change(lobby, joined, name="Between")
        self.watch("new")
        self.feed.entry(view, lobby, self.now)
        self.change(lobby, joined, name="ABCD")
        self.assertEqual(self.told(), [(view, "lobby", "ABCD")])

    def test_a_lobby_shown_at_the_beginning_can_be_gone(self) -> None:
        lobby = self.make("ABCD")
        view = self.watch()
        self.feed.entry(view, lobby, self.now)
        self.lobbies.close(lobby, LeftReason.CLOSED, self.now)
        self.assertEqual(self.told(), [(view, "gone", "ABCD")])


class CursorTests(FeedCase):
    def setUp(self) -> None:
        super().setUp()
        self.lobby = self.make("ABCD")
        self.token = self.join(self.lobby).player_token

    def say(self, times: int) -> None:
        for number in range(times):
            words = Say(f"line {number}")
            # the limits of chat are not what is tested
            self.now += 1.0
            run(self.world.hosting.say("ABCD", words, Caller(token=self.token), self.now))

    def revisions(self, rev: int | None) -> list[int] | None:
        changes = changes_after(self.lobby, rev)
        return None if changes is None else [number for number, _ in changes]

    def test_what_came_after_a_revision(self) -> None:
        self.say(5)
        self.assertEqual(self.revisions(self.lobby.rev - 3), [3, 4, 5])
        self.assertEqual(self.revisions(self.lobby.rev), [])

    def test_the_ring_reaches_back_so_far(self) -> None:
        self.say(RING + 10)
        self.assertEqual(self.revisions(10), list(range(11, RING + 11)))
        self.assertIsNone(self.revisions(9))

    def test_a_cursor_from_nowhere(self) -> None:
        self.assertIsNone(self.revisions(None))
        self.assertIsNone(self.revisions(self.lobby.rev + 1))

    def test_the_state_tells_what_members_may_see(self) -> None:
        name, data = read(state_event(self.lobby, self.now))
        self.assertEqual(name, "state")
        self.assertIn("member_metadata", data)


class EventTests(SynchronousTestCase):
    def test_every_change_that_the_rules_make_has_a_name(self) -> None:
        with_rev = [
            cls
            for cls in vars(messages).values()
            if isinstance(cls, type) and attrs.has(cls) and "rev" in attrs.fields_dict(cls)
        ]
        self.assertEqual(set(feeds._NAMES), {*with_rev, messages.Closed})

    def test_flags_are_words(self) -> None:
        flags = PlayerFlags.HOST | PlayerFlags.READY
        joined = messages.PlayerJoined(7, 1, 0, int(flags), 2, "Ann")
        marks = {"dummy": False, "spectator": False, "host": True, "ready": True, "away": False}
        self.assertEqual(
            change_json(7, joined),
            {"rev": 7, "player_id": 1, "slot": 0, "team": 2, "name": "Ann", **marks},
        )

    def test_every_flag_has_a_word(self) -> None:
        self.assertEqual(set(feeds._FLAGS), set(PlayerFlags) - {PlayerFlags.NONE})

    def test_reasons_and_states_are_words(self) -> None:
        left = change_json(3, messages.PlayerLeft(3, 1, 0, LeftReason.KICKED))
        self.assertEqual(left, {"rev": 3, "player_id": 1, "slot": 0, "reason": "kicked"})
        closed = change_json(4, messages.Closed(LeftReason.TIMEOUT))
        self.assertEqual(closed, {"rev": 4, "reason": "timeout"})
        state = messages.LobbyState(5, LobbyStateCode.COUNTDOWN, 0, 8, 0, 2500)
        self.assertEqual(
            change_json(5, state),
            {
                "rev": 5,
                "state": "countdown",
                "max_players": 8,
                "host_player_id": None,
                "countdown": 2.5,
            },
        )

    def test_no_host_is_null(self) -> None:
        self.assertEqual(change_json(1, messages.HostChanged(1, 0)), {"rev": 1, "player_id": None})

    def test_an_event_is_four_lines(self) -> None:
        """Whatever a text holds, no line of its own begins in it."""
        for text in ("a\nb\rc\r\nd", "\u2028\u2029\x85", "\ud800", "id: 9\n\nevent: x"):
            event = change_event(1, messages.ChatDown(1, 1, text))
            lines = event.decode().split("\n")
            self.assertEqual(len(lines), 5, text)
            self.assertNotIn(b"\r", event)
            self.assertEqual(lines[0:2], ["event: chat", "id: 1"])
