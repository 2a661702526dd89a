"""Many callers at the same moment, over real sockets to a real twistd."""

from __future__ import annotations

from collections import Counter
from typing import Any

from twisted.internet.defer import ensureDeferred, gatherResults

from .support import call, daemon

OFF = ("--rate-limit", "off")


async def _at_once(reactor: Any, url: str, bodies: list[Any], **headers: str) -> list[Any]:
    """(status, content, headers) of a POST of each body, all on the way at the same time."""
    calls = [ensureDeferred(call(reactor, "POST", url, body, **headers)) for body in bodies]
    answers: list[Any] = await gatherResults(calls, consumeErrors=True)
    return answers


async def of_500_joins_at_once_8_get_a_slot(reactor: Any) -> None:
    """Each slot is given once, and everybody else is told that the lobby is full."""
    async with daemon(reactor, *OFF) as url:
        _, made, _ = await call(reactor, "POST", f"{url}/lobbies", {"max_players": 8})
        lobby = f"{url}/lobbies/{made['lobby']['code']}"
        bodies = [{"name": f"P{i}"} for i in range(500)]
        answers = await _at_once(reactor, f"{lobby}/join", bodies)
        outcomes = Counter(content.get("code", status) for status, content, _ in answers)
        assert outcomes == {201: 8, "lobby_full": 492}, outcomes
        seats = [content["player"] for status, content, _ in answers if status == 201]
        assert sorted(seat["slot"] for seat in seats) == list(range(8)), seats
        assert len({seat["player_id"] for seat in seats}) == 8, seats
        _, shown, _ = await call(reactor, "GET", lobby)
        assert shown["lobby"]["member_count"] == 8, shown


async def of_100_quickjoins_at_once_nobody_is_alone(reactor: Any) -> None:
    """Lobbies are filled one after the other: at most one of each game has free slots."""
    async with daemon(reactor, *OFF) as url:
        games = ("chess", "go", "kart")
        bodies = [
            {"game": game, "player": {"name": f"P{i}"}, "create": {"max_players": 7}}
            for i in range(100)
            for game in games
        ]
        answers = await _at_once(reactor, f"{url}/quickjoin", bodies)
        assert {status for status, _, _ in answers} == {201}, answers
        for game in games:
            _, page, _ = await call(reactor, "GET", f"{url}/lobbies?game={game}&limit=100")
            counts = sorted(lobby["member_count"] for lobby in page["lobbies"])
            assert counts == [2, *[7] * 14], (game, counts)


async def a_join_that_is_sent_20_times_at_once_is_one_seat(reactor: Any) -> None:
    """Retries with one Idempotency-Key all get the same answer."""
    async with daemon(reactor, *OFF) as url:
        _, made, _ = await call(reactor, "POST", f"{url}/lobbies", {"max_players": 8})
        lobby = f"{url}/lobbies/{made['lobby']['code']}"
        answers = await _at_once(
            reactor, f"{lobby}/join", [{"name": "Ann"}] * 20, idempotency_key="only-one-seat-for-me"
        )
        assert {status for status, _, _ in answers} == {201}, answers
        assert len({content["player_token"] for _, content, _ in answers}) == 1, answers
        _, shown, _ = await call(reactor, "GET", lobby)
        assert shown["lobby"]["member_count"] == 1, shown


SCENARIOS = [
    of_500_joins_at_once_8_get_a_slot,
    of_100_quickjoins_at_once_nobody_is_alone,
    a_join_that_is_sent_20_times_at_once_is_one_seat,
]
