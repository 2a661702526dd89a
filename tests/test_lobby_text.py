"""The JSON text of lobbies, players and tickets is what json.dumps makes of their forms."""

from __future__ import annotations

import json
import random
from typing import Any

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.lobby.model import Identity, Lobby, Player, Seat, SeatState
from lobbyd.lobby.settings import LobbySettings
from lobbyd.lobby.text import lobby_text, player_text, ticket_text
from lobbyd.lobby.view import Ticket, lobby_json, player_json, ticket_json
from lobbyd.testing import START
from lobbyd.wire.catalogue import NO_SLOT, LobbyStateCode

LINES = st.text(max_size=12)
NUMBERS = st.floats(0, 2**53) | st.integers(0, 2**53)
METADATA = st.dictionaries(LINES, LINES | NUMBERS | st.booleans(), max_size=3)


@attrs.define
class Line:
    """What a connection tells of itself."""

    rtt: float


@st.composite
def players(draw: Any, player_id: int = 1) -> Player:
    """With a seat of any state, watching, or a dummy."""
    kind = draw(st.sampled_from(("seat", "spectator", "dummy")))
    seat = Seat(1, player_id, b"k" * 32, START, Identity(), draw(st.sampled_from(SeatState)))
    return Player(
        player_id,
        NO_SLOT if kind == "spectator" else player_id,
        draw(LINES),
        seat=None if kind == "dummy" else seat,
        motion=Circle() if kind == "dummy" else None,
        ready=draw(st.booleans()),
        team=draw(st.integers(0, 255)),
        metadata=draw(METADATA),
        member_metadata=draw(METADATA),
        last_update=draw(st.none() | NUMBERS),
        link=draw(st.none() | st.builds(Line, st.floats(0, 65))),
    )


@st.composite
def lobbies(draw: Any) -> Lobby:
    """In any state, with up to four players."""
    lobby = Lobby(
        1,
        "ABCD",
        draw(LINES),
        draw(LINES),
        draw(LINES),
        0,
        draw(st.integers(1, 64)),
        draw(NUMBERS),
        state=draw(st.sampled_from(LobbyStateCode)),
        visibility=draw(st.sampled_from(("public", "private"))),
        password=draw(st.none() | st.just(b"p")),
        metadata=draw(METADATA),
        member_metadata=draw(METADATA),
        settings=draw(
            st.builds(
                LobbySettings,
                countdown=st.floats(1, 60),
                auto_lock=st.booleans(),
                seat_hold=st.none() | st.floats(1, 3600),
                bounds=st.none() | st.tuples(*[st.floats(1, 9)] * 6),
            )
        ),
        host_player_id=draw(st.integers(0, 3)),
        rev=draw(st.integers(0, 2**32)),
        hidden=draw(st.booleans()),
        countdown_end=START + draw(st.floats(-9, 9)),
        reserved=draw(st.dictionaries(LINES, LINES, max_size=3)),
    )
    for player_id in range(draw(st.integers(0, 4))):
        lobby.players[player_id] = draw(players(player_id))
    return lobby


class TextTests(SynchronousTestCase):
    @settings(max_examples=150)
    @given(lobbies(), st.booleans())
    def test_a_lobby(self, lobby: Lobby, member: bool) -> None:
        form = lobby_json(lobby, START, member=member)
        text = lobby_text(lobby, START, member=member)
        self.assertEqual(text, json.dumps(form, ensure_ascii=False))

    @settings(max_examples=150)
    @given(players(), st.booleans())
    def test_a_player(self, player: Player, member: bool) -> None:
        form = player_json(player, START, member=member)
        text = player_text(player, START, member=member)
        self.assertEqual(text, json.dumps(form, ensure_ascii=False))

    def test_a_ticket(self) -> None:
        rng = random.Random(1)
        for host in ("192.0.2.1", "2001:db8::1", 'an "odd" one'):
            ticket = Ticket(
                rng.randbytes(180), rng.randbytes(32), rng.randbytes(32),
                rng.getrandbits(32), rng.getrandbits(64), host, 9000, START + 15,
            )  # fmt: skip
            form = json.dumps(ticket_json(ticket), ensure_ascii=False)
            self.assertEqual(ticket_text(ticket), form)

    def test_counts_are_those_of_the_players(self) -> None:
        """Against counting one by one."""
        rng = random.Random(3)
        for _ in range(200):
            lobby = Lobby(1, "A", "A", "", "", 0, rng.randint(1, 64), START)
            for number in range(rng.randrange(70)):
                seat = None if rng.random() < 0.3 else Seat(1, number, b"", START)
                slot = NO_SLOT if seat is not None and rng.random() < 0.3 else number % 64
                lobby.players[number] = Player(number, slot, "x", seat=seat)
            lobby.reserved = {str(n): str(n) for n in range(rng.randrange(3))}
            seated = [p for p in lobby.players.values() if p.seat is not None]
            members = [p for p in seated if not p.spectator]
            dummies = [p for p in lobby.players.values() if p.dummy]
            slots = 64 - len(members) - len(dummies)
            free = max(0, min(lobby.max_players - len(members), slots) - len(lobby.reserved))
            self.assertEqual(lobby.counts(), (len(members), len(seated) - len(members), free))
            self.assertEqual(lobby.empty, not seated)

    def test_settings_that_differ_are_written_as_they_are(self) -> None:
        usual = LobbySettings()
        changes: list[dict[str, Any]] = [{"late_join": True}, {"bounds": (1.0,) * 6}]
        for change in changes:
            lobby = Lobby(1, "A", "A", "", "", 0, 8, START, settings=attrs.evolve(usual, **change))
            written = json.loads(lobby_text(lobby, START))["settings"]
            ((name, value),) = change.items()
            self.assertEqual(written[name], list(value) if name == "bounds" else value)
