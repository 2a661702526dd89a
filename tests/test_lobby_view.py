"""The JSON of lobbies, players and tickets: complete, readable by Godot, without secrets."""

from __future__ import annotations

import json
import random
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.dummy import Circle
from lobbyd.lobby.lobbies import Lobbies
from lobbyd.lobby.model import Identity, Player
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import JoinLobby
from lobbyd.lobby.rules import life
from lobbyd.lobby.settings import LobbySettings
from lobbyd.lobby.view import Ticket, base64url, hex64, lobby_json, player_json, ticket_json
from lobbyd.testing import SERVER, START, World, run
from lobbyd.wire.catalogue import LeftReason

from .rules_case import new_lobby

TICKET = Ticket(
    token=b"\xfb\xff",
    session_key=bytes(32),
    reset_key=bytes(range(32)),
    conn_id=2**32 - 1,
    protocol_id=2**64 - 1,
    udp_host="::1",
    udp_port=9000,
    expires_at=START + 15,
)


def keys_and_values(content: Any) -> list[Any]:
    """Every key and every plain value inside decoded JSON."""
    if isinstance(content, dict):
        return [x for k, v in content.items() for x in [k, *keys_and_values(v)]]
    if isinstance(content, list):
        return [x for v in content for x in keys_and_values(v)]
    return [content]


class FormTests(SynchronousTestCase):
    def test_64_bit_ids_are_16_hex_digits(self) -> None:
        self.assertEqual(hex64(0), "0" * 16)
        self.assertEqual(hex64(0xAB), "00000000000000ab")
        self.assertEqual(hex64(2**64 - 1), "f" * 16)

    def test_base64url_has_no_padding_and_no_slash(self) -> None:
        self.assertEqual(base64url(b"\xfb\xff"), "-_8")


class LobbyTests(SynchronousTestCase):
    def setUp(self) -> None:
        entropy = random.Random(1).randbytes
        self.lobbies = Lobbies(seat_hold=60, max_lobbies=10, entropy=entropy)
        self.lobby = new_lobby(2**64 - 2, "ABCD", START)
        self.lobbies.add(self.lobby, START)

    def view(self, now: float = START, *, member: bool = False) -> dict[str, Any]:
        text = json.dumps(lobby_json(self.lobby, now, member=member))
        content: dict[str, Any] = json.loads(text)
        return content

    def join(self, name: str = "Ada", *, spectator: bool = False) -> Player:
        return self.lobbies.join(self.lobby, name, Identity(), START, spectator=spectator)

    def test_an_empty_lobby(self) -> None:
        expected = {
            "code": "ABCD",
            "name": "ABCD",
            "game": "",
            "version": "",
            "state": "open",
            "visibility": "public",
            "listed": True,
            "password": False,
            "max_players": 8,
            "member_count": 0,
            "spectator_count": 0,
            "free_slots": 8,
            "created_at": START,
            "host_player_id": None,
            "metadata": {},
            "settings": {
                "host_migration": "oldest",
                "start": "host",
                "min_players": 1,
                "countdown": 3.0,
                "auto_lock": True,
                "late_join": False,
                "max_spectators": 8,
                "empty_life": 60.0,
                "seat_hold": None,
                "message_rate": 120,
                "message_bytes": 64_000,
                "max_speed": 0.0,
                "max_climb": 0.0,
                "max_fall": 0.0,
                "time_bank": 1.0,
                "bounds": None,
            },
            "rev": 0,
            "players": [],
        }
        self.assertEqual(self.view(), expected)

    def test_a_reserved_seat_is_seen(self) -> None:
        self.join()
        expected = {
            "player_id": 1,
            "slot": 0,
            "name": "Ada",
            "dummy": False,
            "spectator": False,
            "state": "reserved",
            "ready": False,
            "team": 0,
            "metadata": {},
            "last_update": None,
            "ping_ms": None,
        }
        self.assertEqual(self.view()["players"], [expected])
        self.assertEqual(self.view()["member_count"], 1)
        self.assertEqual(self.view()["host_player_id"], 1)

    def test_a_seat_is_connected_and_then_away(self) -> None:
        player = self.join()
        self.lobbies.connect(self.lobby, player, START)
        self.assertEqual(self.view()["players"][0]["state"], "connected")
        self.lobbies.silent(self.lobby, player, START + 5)
        self.assertEqual(self.view()["players"][0]["state"], "away")

    def test_a_dummy_is_marked_and_counts_as_no_member(self) -> None:
        self.lobbies.add_dummy(self.lobby, "Dummy", Circle(), START)
        (dummy,) = self.view()["players"]
        self.assertEqual((dummy["dummy"], dummy["state"]), (True, "connected"))
        self.assertEqual(dummy["last_update"], START)
        self.assertEqual(self.view()["member_count"], 0)

    def test_a_closed_lobby_says_so(self) -> None:
        self.lobbies.close(self.lobby, LeftReason.CLOSED, START)
        self.assertEqual(self.view()["state"], "closed")

    def test_a_spectator_is_marked_and_has_no_slot(self) -> None:
        self.join(spectator=True)
        [watcher] = self.view()["players"]
        self.assertEqual((watcher["spectator"], watcher["slot"]), (True, 255))
        view = self.view()
        self.assertEqual((view["member_count"], view["spectator_count"]), (0, 1))
        self.assertEqual((view["free_slots"], view["host_player_id"]), (8, None))

    def test_places_kept_for_names_are_not_free(self) -> None:
        self.lobby.reserved = {"eve": "Eve"}
        self.join()
        self.assertEqual(self.view()["free_slots"], 6)

    def test_only_members_see_for_whom_they_are_kept(self) -> None:
        self.lobby.reserved = {"eve": "Eve"}
        self.assertNotIn("reserved", self.view())
        self.assertNotIn("Eve", json.dumps(self.view()))
        self.assertEqual(self.view(member=True)["reserved"], ["Eve"])

    def test_only_members_see_the_members_metadata(self) -> None:
        player = self.join()
        player.metadata, player.member_metadata = {"skin": 1}, {"hand": "secret"}
        self.lobby.metadata, self.lobby.member_metadata = {"map": "a"}, {"seed": "hidden"}
        public, members = self.view(), self.view(member=True)
        self.assertEqual(
            (public["metadata"], public["players"][0]["metadata"]), ({"map": "a"}, {"skin": 1})
        )
        self.assertNotIn("secret", json.dumps(public))
        self.assertNotIn("hidden", json.dumps(public))
        self.assertEqual(members["member_metadata"], {"seed": "hidden"})
        self.assertEqual(members["players"][0]["member_metadata"], {"hand": "secret"})

    def test_members_see_all_that_everybody_sees(self) -> None:
        self.join()
        public, members = self.view(), self.view(member=True)
        self.assertEqual(members.keys() - public.keys(), {"member_metadata", "reserved"})
        self.assertEqual(
            {key: members[key] for key in public.keys() - {"players"}},
            {key: public[key] for key in public.keys() - {"players"}},
        )

    def test_a_password_is_told_of_and_never_shown(self) -> None:
        self.lobby.password = b"verifier"
        self.assertIs(self.view()["password"], True)
        self.assertNotIn("verifier", json.dumps(self.view(member=True)))

    def test_a_countdown_tells_the_seconds_that_are_left(self) -> None:
        self.join()
        self.assertNotIn("countdown", self.view())
        self.lobbies.settle(self.lobby, life.start(self.lobby, START), START)
        self.assertEqual(self.view(START + 1)["countdown"], 2.0)
        self.assertEqual(self.view(START + 9)["countdown"], 0.0)
        self.assertEqual((self.view()["state"], self.view()["listed"]), ("countdown", False))

    def test_a_game_is_in_game(self) -> None:
        self.join()
        self.lobby.settings = LobbySettings(countdown=0.0)
        self.lobbies.settle(self.lobby, life.start(self.lobby, START), START)
        self.assertEqual(self.view()["state"], "in_game")
        self.assertNotIn("countdown", self.view())

    def test_a_private_one_and_one_off_the_list_say_so(self) -> None:
        self.lobby.hidden = True
        self.assertIs(self.view()["listed"], False)
        self.lobby.hidden, self.lobby.visibility = False, "private"
        self.assertIs(self.view()["listed"], False)

    def test_no_number_is_too_large_for_a_double(self) -> None:
        self.join()
        numbers = [x for x in keys_and_values(self.view()) if isinstance(x, int)]
        self.assertLess(max(numbers), 2**53)


class SecrecyTests(SynchronousTestCase):
    """What everybody may see of a lobby tells nothing that lets one act or locate others."""

    def setUp(self) -> None:
        world = World()
        code = world.create()
        client = world.join(code, "Ada")
        client.walk = (123.0, 45.0, 67.0)
        world.advance(1)
        self.ticket = client.joined.ticket
        self.player = client.joined.player
        self.token = client.joined.player_token
        self.lobby = run(world.operations.find(code))
        self.text = json.dumps(lobby_json(self.lobby, world.now))
        self.now = world.now

    def test_the_player_was_heard(self) -> None:
        """Otherwise the tests below would hold for nothing."""
        self.assertIsNotNone(player_json(self.player, self.now)["last_update"])

    def test_there_are_no_positions(self) -> None:
        words = set(keys_and_values(json.loads(self.text)))
        self.assertEqual(words & {"position", "rotation", "x", "y", "z", "pose"}, set())
        self.assertNotIn("123", self.text)

    def test_there_are_no_keys_tokens_or_session_ids(self) -> None:
        seat = self.player.seat
        assert seat is not None
        secrets = [
            self.token,
            base64url(self.ticket.token),
            base64url(self.ticket.session_key),
            base64url(self.ticket.reset_key),
            self.ticket.session_key.hex(),
            hex64(seat.session_id),
            str(seat.session_id),
            str(seat.conn_id),
        ]
        for secret in secrets:
            self.assertNotIn(secret, self.text)

    def test_secrets_are_not_in_a_repr(self) -> None:
        """A repr ends in logs."""
        joined = repr((self.ticket, self.player.seat))
        for secret in (self.ticket.token, self.ticket.session_key, self.ticket.reset_key):
            self.assertNotIn(repr(secret), joined)


class TicketTests(SynchronousTestCase):
    def test_its_form(self) -> None:
        expected = {
            "token": "-_8",
            "session_key": "A" * 43,
            "reset_key": base64url(bytes(range(32))),
            "conn_id": 2**32 - 1,
            "protocol_id": "f" * 16,
            "udp": {"host": "::1", "port": 9000},
            "expires_at": START + 15,
        }
        self.assertEqual(json.loads(json.dumps(ticket_json(TICKET))), expected)

    def test_a_real_one_has_the_same_fields(self) -> None:
        world = World()
        joined = run(world.operations.join(world.create(), JoinLobby(), Caller(udp=SERVER), START))
        self.assertEqual(ticket_json(joined.ticket).keys(), ticket_json(TICKET).keys())
