"""Lobby records: what is written is what is read, of every field."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import attrs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.errors import Malformed
from lobbyd.lobby.model import Ban, Identity, Lobby, Player, Seat, SeatState
from lobbyd.lobby.record import LEFT_OUT, decode, encode
from lobbyd.lobby.settings import LobbySettings
from lobbyd.wire.catalogue import DeniedCode, LobbyStateCode
from tests.rules_case import RulesCase, new_lobby

NOT_KEPT = {(Lobby, "changes"), (Lobby, "due"), (Seat, "chat"), (Player, "link")}
"""Every other field of every class comes back as it was."""


def contents(value: Any) -> Any:
    """Something comparable of classes that are compared by identity, without what is not kept."""
    if attrs.has(type(value)):
        kept = [f.name for f in attrs.fields(type(value)) if (type(value), f.name) not in NOT_KEPT]
        return type(value), {name: contents(getattr(value, name)) for name in kept}
    if isinstance(value, dict):
        # with the order: the oldest member is the next host
        return [(key, contents(item)) for key, item in value.items()]
    if isinstance(value, (list, tuple)):
        return type(value), [contents(item) for item in value]
    return type(value), value


def other_settings() -> LobbySettings:
    """Settings of which none is the default."""
    usual = LobbySettings()
    changed: dict[str, Any] = {"seat_hold": 0.0, "bounds": (-1.5, 0.0, 0.0, 1.0, 2.0, 3.0)}
    for field in attrs.fields(LobbySettings):
        value = getattr(usual, field.name)
        if isinstance(value, bool):
            changed[field.name] = not value
        elif isinstance(value, (int, float)):
            changed[field.name] = value + 1
        elif isinstance(value, str):
            changed[field.name] = value + "!"
    return LobbySettings(**{f.name: changed[f.name] for f in attrs.fields(LobbySettings)})


def full_lobby() -> Lobby:
    """A lobby in which no field has its default."""
    seat = Seat(
        *(2**64 - 1, 2**32 - 1, bytes(range(32)), 12.5),
        identity=Identity(b"\x00\xff", b"\x7f\0\0\1"),
        state=SeatState.AWAY,
        announced=True,
        connect_counter=2**32 - 1,
    )
    player = Player(
        *(7, 3, "Z\u00f6e \ud800"),
        seat=seat,
        ready=True,
        team=2,
        metadata={"a": 1, "b": 1.0, "c": True, "d": "\n"},
        member_metadata={"e": "x"},
        meta_rev=4,
        last_update=99.25,
        parting="bye",
        rejected_moves=5,
    )
    dummy = Player(8, 63, "Dummy", motion=Circle(2.0, 3.5, (1.0, -2.0, 1e9)))
    lobby = new_lobby(2**64 - 1, "ABCD", 1e9 / 3, game="g", version="v", protocol_id=2**63)
    for name, value in {
        "name": "Arena",
        "permanent": True,
        "maker": b"\x0a\0\0\1",
        "state": LobbyStateCode.IN_GAME,
        "visibility": "private",
        "password": b"v" * 32,
        "metadata": {"map": "x"},
        "member_metadata": {"seed": -1},
        "settings": other_settings(),
        "settings_rev": 3,
        "host_player_id": 7,
        "next_player_id": 9,
        "rev": 2**32 - 1,
        "locked": True,
        "hidden": True,
        "before_start": (True, False),
        "countdown_end": 4.5,
        "empty_since": 3.0,
        "players": {7: player, 8: dummy},
        "reserved": {"eve": "Eve"},
        "bans": (Ban(Identity(None, b"\1"), 600.0), Ban(Identity(b"k"), 0.0)),
        "teleports": {7: ((0.5, 0.0, -1.0), None), 8: ((0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0))},
        "revoked": {2**64 - 1: (DeniedCode.BANNED, 900.0)},
    }.items():
        setattr(lobby, name, value)
    return lobby


class RoundTripTests(RulesCase):
    def assertKept(self, lobby: Lobby) -> None:
        self.assertEqual(contents(decode(encode(lobby))), contents(lobby))

    def test_a_lobby_in_which_no_field_has_its_default(self) -> None:
        self.assertKept(full_lobby())

    def test_that_lobby_has_a_value_of_its_own_in_every_field(self) -> None:
        """A field that is added to the model has to be added there, too."""
        lobby = full_lobby()
        people = lobby.players[7], lobby.players[8]
        values: tuple[Any, ...] = (lobby, *people, people[0].seat, lobby.settings)
        usual = []
        for value in values:
            for field in attrs.fields(type(value)):
                default = field.default
                if (type(value), field.name) in NOT_KEPT or default is attrs.NOTHING:
                    continue
                if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
                    default = default.factory()
                if getattr(value, field.name) == default:
                    usual.append((type(value).__name__, field.name, value in people))
        # a dummy has no seat, a member no motion
        self.assertEqual({u for u in usual if not u[2]}, set())
        of_players = [name for kind, name, _ in usual if kind == "Player"]
        self.assertEqual([n for n in set(of_players) if of_players.count(n) == 2], [])

    def test_nothing_else_is_left_out(self) -> None:
        left_out = {(kind, name) for kind, names in LEFT_OUT.items() for name in names}
        self.assertEqual(left_out, NOT_KEPT)

    def test_an_empty_lobby(self) -> None:
        self.assertKept(self.lobby)

    def test_lobbies_that_the_rules_made(self) -> None:
        self.settings = {"start": "auto", "countdown": 5.0}
        self.setUp()
        seen = []
        for step in (
            lambda: self.join(1.0, "reserved only"),
            lambda: self.connected(2.0, "b"),
            lambda: self.dummy(3.0),
            lambda: self.spectator(3.5),
            lambda: self.away(4.0),
            lambda: self.change(5.0, locked=True, name="N", metadata={"k": 1}),
            lambda: self.ready(*(p for p in self.lobby.members() if not p.spectator)),
        ):
            step()
            self.assertKept(self.lobby)
            seen.append(self.lobby.state)
        self.assertIn(OPEN, seen)
        self.assertEqual(len(decode(encode(self.lobby)).changes), 0)

    def test_a_record_is_one_line_of_ascii(self) -> None:
        record = encode(full_lobby())
        self.assertNotIn(b"\n", record)
        self.assertTrue(record.isascii())

    def test_defaults_take_no_room(self) -> None:
        self.assertLess(len(encode(new_lobby(2**63, "ABCD"))), 200)


OPEN = LobbyStateCode.OPEN


class DamageTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.record = encode(full_lobby())

    def test_unknown_versions(self) -> None:
        for version in (0, 2, "1", None):
            content = {**json.loads(self.record), "v": version}
            self.assertRaises(Malformed, decode, json.dumps(content).encode())

    def test_a_field_of_the_wrong_type(self) -> None:
        content = json.loads(self.record)
        wrong: Any
        for name in content["lobby"]:
            for wrong in ([[]], "\u00e9", {"x": []}):
                changed = {**content["lobby"], name: wrong}
                if not isinstance(wrong, type(content["lobby"][name])):
                    record = json.dumps({"v": 1, "lobby": changed}).encode()
                    self.assertRaises(Malformed, decode, record)

    def test_a_field_that_is_missing(self) -> None:
        content = json.loads(self.record)
        del content["lobby"]["code"]
        self.assertRaises(Malformed, decode, json.dumps(content).encode())

    def test_a_field_of_a_later_minor_change_is_passed_over(self) -> None:
        content = json.loads(self.record)
        content["lobby"]["of_the_future"] = 1
        self.assertEqual(
            contents(decode(json.dumps(content).encode())), contents(decode(self.record))
        )

    def test_no_json_at_all(self) -> None:
        for record in (b"", b"{", b"[]", b"1", b"null", b"\xff\xfe", b"[" * 100_000):
            self.assertRaises(Malformed, decode, record)

    @settings(max_examples=200, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(st.data())
    def test_damage_raises_nothing_else(self, data: Any) -> None:
        at = data.draw(st.integers(0, len(self.record) - 1))
        with_byte = data.draw(st.binary(max_size=3))
        with contextlib.suppress(Malformed):
            decode(self.record[:at] + with_byte + self.record[at + 1 :])
