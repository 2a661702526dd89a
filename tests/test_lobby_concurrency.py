"""Many callers at the same moment: HTTP in virtual time, over a directory that takes its time."""

from __future__ import annotations

from collections import Counter
from typing import Any

from twisted.internet.task import Clock
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.model import Lobby

from .http_memory import Answer
from .http_world import HttpWorld, PendingCall, SlowDirectory

CLAIM = 0.05
"""Seconds that a claim takes."""


class Concurrency(SynchronousTestCase):
    """A claim of a code takes 50 ms, in which everybody else goes on."""

    def setUp(self) -> None:
        self.clock = Clock()
        self.directory = SlowDirectory(self.clock, CLAIM)
        self.world = HttpWorld(directory=self.directory, max_lobbies=60)

    def post(self, path: str, body: Any, **headers: str) -> PendingCall:
        return self.world.ask("POST", path, body, headers)

    def answers(self, calls: list[PendingCall]) -> list[Answer]:
        """The answers, when the directory has done all that it was asked."""
        for _ in range(200):
            if all(call.answered for call in calls) and not self.clock.getDelayedCalls():
                break
            self.clock.advance(CLAIM)
        return [call.answer for call in calls]

    def lobbies(self) -> list[Lobby]:
        return list(self.world.lobbies.by_id.values())

    def test_500_joins_for_8_slots(self) -> None:
        (made,) = self.answers([self.post("/lobbies", {"max_players": 8})])
        code = made.json["lobby"]["code"]
        calls = [self.post(f"/lobbies/{code}/join", {"name": f"P{i}"}) for i in range(500)]
        answers = self.answers(calls)
        self.assertEqual(Counter(a.status for a in answers), {201: 8, 409: 492})
        slots = [a.json["player"]["slot"] for a in answers if a.status == 201]
        self.assertEqual(sorted(slots), list(range(8)))
        self.assertEqual(self.lobbies()[0].member_count, 8)

    def test_100_quickjoins_for_each_game_at_once(self) -> None:
        games = ("chess", "go", "kart")
        calls = [
            self.post("/quickjoin", {"game": game, "player": {"name": f"P{i}"}})
            for i in range(100)
            for game in games
        ]
        self.assertFalse(any(call.answered for call in calls), "the directory did not wait")
        answers = self.answers(calls)
        self.assertEqual({a.status for a in answers}, {201})
        for game in games:
            lobbies = [lobby for lobby in self.lobbies() if lobby.game == game]
            counts = sorted(lobby.member_count for lobby in lobbies)
            self.assertEqual(counts, [4, *[8] * 12])
        # whoever found a lobby in the meantime gave its code back
        self.assertEqual(self.directory.claims, 300)
        self.assertEqual(set(self.directory.owner), {lobby.code for lobby in self.lobbies()})

    def test_retries_on_the_way_make_one_seat(self) -> None:
        for path, body in (
            ("/lobbies", {"player": {"name": "Ann"}}),
            ("/quickjoin", {"game": "x", "player": {"name": "Ann"}}),
        ):
            before = len(self.lobbies())
            key = {"Idempotency-Key": f"once-only-please{path}"}
            answers = self.answers([self.world.ask("POST", path, body, key) for _ in range(20)])
            self.assertEqual({a.status for a in answers}, {201})
            self.assertEqual(len({a.body for a in answers}), 1)
            self.assertEqual(len(self.lobbies()), before + 1)
            self.assertEqual(self.lobbies()[-1].member_count, 1)

    def test_one_of_many_gets_a_code(self) -> None:
        answers = self.answers([self.post("/lobbies", {"code": "GAME"}) for _ in range(20)])
        self.assertEqual(Counter(a.status for a in answers), {201: 1, 409: 19})
        self.assertEqual([lobby.code for lobby in self.lobbies()], ["GAME"])

    def test_the_bound_on_lobbies_holds(self) -> None:
        calls = [self.post("/lobbies", {}) for _ in range(50)]
        calls += [self.post("/quickjoin", {"game": str(i)}) for i in range(50)]
        answers = self.answers(calls)
        self.assertEqual(Counter(a.status for a in answers), {201: 60, 503: 40})
        self.assertEqual(len(self.lobbies()), 60)
        self.assertEqual(set(self.directory.owner), {lobby.code for lobby in self.lobbies()})
