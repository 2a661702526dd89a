"""HTTP calls that everybody can make, beyond what test_http_api has of create, get and delete."""

from __future__ import annotations

from typing import Any

from tests.http_case import HttpCase
from tests.http_memory import HttpServer

KEY = "0123456789abcdef"
OTHER_KEY = "fedcba9876543210"


class CreateWithAllTests(HttpCase):
    FIELDS: dict[str, Any] = {
        "code": "ARENA1",
        "name": "Arena",
        "max_players": 4,
        "game": "chess",
        "version": "1.2",
        "metadata": {"map": "desert", "ranked": True, "level": 3},
        "member_metadata": {"seed": 42},
        "settings": {"start": "ready", "countdown": 5, "seat_hold": 10},
        "reserved": ["Bob"],
    }

    def test_everything_comes_back(self) -> None:
        lobby = self.create(**self.FIELDS)["lobby"]
        for name in ("code", "name", "max_players", "game", "version", "metadata"):
            self.assertEqual(lobby[name], self.FIELDS[name])
        for name, value in self.FIELDS["settings"].items():
            self.assertEqual(lobby["settings"][name], value)
        self.assertEqual(lobby["free_slots"], 3)

    def test_what_is_for_members_is_not_for_others(self) -> None:
        lobby = self.create(**self.FIELDS)["lobby"]
        self.assertEqual(lobby.keys() & {"member_metadata", "reserved"}, set())

    def test_with_a_player_it_is_one_round_trip(self) -> None:
        created = self.create(**self.FIELDS, player={"name": "Ann", "member_metadata": {"hp": 9}})
        self.assertEqual(
            created.keys(), {"lobby", "owner_token", "player", "player_token", "ticket"}
        )
        self.assertEqual(created["lobby"]["host_player_id"], created["player"]["player_id"])
        self.assertEqual(created["lobby"]["member_metadata"], {"seed": 42})
        self.assertEqual(created["lobby"]["reserved"], ["Bob"])
        self.assertEqual(created["player"]["member_metadata"], {"hp": 9})
        self.assertEqual(self.lobby("ARENA1", created["player_token"]), created["lobby"])

    def test_whoever_gets_no_place_makes_no_lobby(self) -> None:
        fields = {"code": "ARENA1", "max_players": 1, "reserved": ["Bob"], "player": {}}
        self.assertProblem(self.server.post("/lobbies", fields), 409, "lobby_full")
        self.assertProblem(self.server.get("/lobbies/ARENA1"), 404, "lobby_not_found")
        self.create(code="ARENA1")

    def test_drawn_codes_have_6_characters_in_public_and_8_in_private(self) -> None:
        for visibility, length in (("public", 6), ("private", 8)):
            code = self.create(visibility=visibility)["lobby"]["code"]
            self.assertEqual(len(code), length)

    def test_a_private_code_is_not_chosen(self) -> None:
        answer = self.server.post("/lobbies", {"code": "ARENA1", "visibility": "private"})
        self.assertProblem(answer, 400, "invalid_request", "code: ")

    def test_more_reservations_than_places_are_400(self) -> None:
        answer = self.server.post("/lobbies", {"max_players": 1, "reserved": ["Ann", "Bob"]})
        self.assertProblem(answer, 400, "invalid_request", "reserved: ")

    def test_bad_metadata_is_400_and_says_what_is_allowed(self) -> None:
        for metadata, detail in (
            ({"a": None}, "metadata.a: a text, a number"),
            ({"a": {"b": 1}}, "metadata.a: a text, a number"),
            ({"a b": 1}, "metadata: keys of 1 to 32 letters"),
            ({"a": "x" * 257}, "metadata.a: at most 256 bytes"),
            ({str(i): 1 for i in range(33)}, "metadata: at most 32 keys"),
            ({str(i): "x" * 256 for i in range(17)}, "metadata: at most 4096 bytes"),
            ({"a": "\ud800"}, "metadata.a: a text that has a form in UTF-8"),
        ):
            answer = self.server.post("/lobbies", {"metadata": metadata})
            self.assertProblem(answer, 400, "invalid_request", detail)

    def test_a_bad_setting_is_400_and_named(self) -> None:
        answer = self.server.post("/lobbies", {"settings": {"countdown": 61}})
        self.assertProblem(answer, 400, "invalid_request", "settings.countdown: ")

    def test_one_address_has_a_bound_of_its_own(self) -> None:
        self.server = HttpServer(max_per_address=1)
        self.create()
        answer = self.server.post("/lobbies", {})
        self.assertProblem(answer, 503, "too_many_lobbies", "from one address")
        other = self.server.call("POST", "/lobbies", {}, host="198.51.100.8")
        self.assertEqual(other.status, 201)


class ListTests(HttpCase):
    def list(self, query: str = "") -> list[str]:
        answer = self.server.get(f"/lobbies{query}")
        self.assertJSON(answer, 200)
        return [lobby["code"] for lobby in answer.json["lobbies"]]

    def test_it_tells_the_newest_first(self) -> None:
        for code in ("AAAA", "BBBB"):
            self.server.now += 1
            self.create(code=code)
        self.assertEqual(self.list(), ["BBBB", "AAAA", "TEST"])
        self.assertEqual(self.list("?sort=oldest"), ["TEST", "AAAA", "BBBB"])

    def test_each_filter_takes_what_fits(self) -> None:
        self.create(code="AAAA", game="chess", version="1", metadata={"map": "desert"})
        self.create(code="BBBB", game="go", version="2", name="Late night", password="x")
        self.create(code="CCCC", max_players=1)
        self.join("CCCC")
        for query, codes in (
            ("game=chess", ["AAAA"]),
            ("version=2", ["BBBB"]),
            ("game=chess&version=2", []),
            ("text=NIGHT", ["BBBB"]),
            ("text=bbb", ["BBBB"]),
            ("password=true", ["BBBB"]),
            ("meta.map=desert", ["AAAA"]),
            ("meta.map=forest", []),
            ("state=locked", ["CCCC"]),
            ("free_slots=9", ["TEST"]),
        ):
            self.assertEqual(self.list(f"?{query}"), codes, query)

    def test_private_lobbies_are_never_listed(self) -> None:
        self.create(visibility="private")
        self.assertEqual(self.list(), ["TEST"])

    def test_an_empty_lobby_leaves_the_list_after_30_s(self) -> None:
        self.create(code="AAAA")
        self.server.pass_time(29)
        self.assertIn("AAAA", self.list())
        self.server.pass_time(2)
        self.assertNotIn("AAAA", self.list())
        self.assertEqual(self.lobby("AAAA")["code"], "AAAA")

    def test_pages_have_each_lobby_once_while_others_come_and_go(self) -> None:
        for number in range(5):
            self.server.now += 1
            self.create(code=f"AAA{number}")
        first = self.server.get("/lobbies?limit=2").json
        self.assertEqual([lobby["code"] for lobby in first["lobbies"]], ["AAA4", "AAA3"])
        self.create(code="NEW1")
        self.server.pass_time(0)
        seen = []
        cursor = first["next_cursor"]
        while cursor is not None:
            page = self.server.get(f"/lobbies?limit=2&cursor={cursor}").json
            seen += [lobby["code"] for lobby in page["lobbies"]]
            cursor = page["next_cursor"]
        self.assertEqual(seen, ["AAA2", "AAA1", "AAA0", "TEST"])

    def test_bad_parameters_are_400_and_named(self) -> None:
        for query, detail in (
            ("colour=red", "colour: unknown parameter"),
            ("limit=0", "limit: a whole number from 1 to 100"),
            ("limit=101", "limit: "),
            ("limit=%C2%B2", "limit: "),
            ("limit=5&limit=6", "limit: give it once"),
            ("free_slots=-1", "free_slots: "),
            ("state=closed", "state: one of open, locked"),
            ("sort=best", "sort: one of newest, oldest, fullest"),
            ("password=yes", "password: one of true, false"),
            ("cursor=nonsense", "cursor: "),
            ("text=" + "x" * 65, "text: at most 64"),
            ("&".join(f"meta.k{i}=1" for i in range(9)), "meta.*: at most 8"),
        ):
            answer = self.server.get(f"/lobbies?{query}")
            self.assertProblem(answer, 400, "invalid_request", detail)

    def test_a_cursor_is_of_its_sort(self) -> None:
        self.create()
        cursor = self.server.get("/lobbies?limit=1").json["next_cursor"]
        answer = self.server.get(f"/lobbies?sort=oldest&cursor={cursor}")
        self.assertProblem(answer, 400, "invalid_request", "cursor: ")


class JoinTermsTests(HttpCase):
    def test_a_password_opens(self) -> None:
        self.create(code="AAAA", password="secret")
        wrong = self.server.post("/lobbies/AAAA/join", {"password": "guess"})
        self.assertProblem(wrong, 403, "wrong_password")
        self.assertProblem(self.server.post("/lobbies/AAAA/join"), 403, "wrong_password")
        self.join("AAAA", password="secret")

    def test_a_private_lobby_with_a_password_cannot_be_told_from_none(self) -> None:
        code = self.create(visibility="private", password="secret")["lobby"]["code"]
        missing = self.server.post("/lobbies/AAAAAAAA/join", {"password": "guess"})
        for answer in (
            self.server.post(f"/lobbies/{code}/join", {"password": "guess"}),
            self.server.get(f"/lobbies/{code}"),
            self.server.delete(f"/lobbies/{code}"),
        ):
            self.assertEqual((answer.status, answer.json), (404, missing.json))
        self.join(code, password="secret")

    def test_a_token_of_another_lobby_does_not_tell_a_private_one(self) -> None:
        stranger = self.create()["owner_token"]
        code = self.create(visibility="private")["lobby"]["code"]
        for method, path, content in (
            ("GET", "", None),
            ("DELETE", "", None),
            ("PATCH", "", {}),
            ("POST", "/chat", {"text": "hi"}),
            ("POST", "/leave", None),
            ("POST", "/rejoin", None),
        ):
            for token in (stranger, "nonsense"):
                hit = self.server.call(method, f"/lobbies/{code}{path}", content, token)
                miss = self.server.call(method, f"/lobbies/WXYZWXYZ{path}", content, token)
                self.assertEqual((hit.status, hit.body), (miss.status, miss.body), method + path)

    def test_a_locked_lobby_is_409_but_not_for_those_with_a_reservation(self) -> None:
        owner = self.create(code="AAAA", reserved=["Bob"])["owner_token"]
        self.assertEqual(self.server.patch("/lobbies/AAAA", {"locked": True}, owner).status, 200)
        self.assertProblem(self.server.post("/lobbies/AAAA/join"), 409, "lobby_locked")
        self.join("AAAA", name="bob")

    def test_a_lobby_in_game_is_409_but_not_for_spectators(self) -> None:
        host = self.create(code="AAAA", settings={"countdown": 0}, player={})["player_token"]
        self.assertEqual(self.server.post("/lobbies/AAAA/start", token=host).status, 200)
        self.assertProblem(self.server.post("/lobbies/AAAA/join"), 409, "lobby_in_game")
        spectator = self.join("AAAA", spectator=True)["player"]
        self.assertEqual((spectator["spectator"], spectator["slot"]), (True, 255))
        lobby = self.lobby("AAAA")
        self.assertEqual((lobby["member_count"], lobby["spectator_count"]), (1, 1))

    def test_spectators_have_a_bound(self) -> None:
        self.create(code="AAAA", settings={"max_spectators": 1})
        self.join("AAAA", spectator=True)
        answer = self.server.post("/lobbies/AAAA/join", {"spectator": True})
        self.assertProblem(answer, 409, "lobby_full", "spectators")


class BanTests(HttpCase):
    def setUp(self) -> None:
        super().setUp()
        self.host = self.create(code="AAAA", player={})["player_token"]

    def join_as(self, host: str, key: str = "") -> Any:
        headers = {"Lobbyd_Client_Key": key} if key else {}
        return self.server.call("POST", "/lobbies/AAAA/join", {}, host=host, **headers)

    def put_out(self, joined: Any, *, ban: bool) -> None:
        path = f"/lobbies/AAAA/players/{joined.json['player']['player_id']}/kick"
        answer = self.server.post(path, {"reason": "rude", "ban": ban}, self.host)
        self.assertEqual((answer.status, answer.body), (204, b""))

    def test_who_was_kicked_may_come_back(self) -> None:
        self.put_out(self.join_as("203.0.113.1"), ban=False)
        self.assertEqual(self.join_as("203.0.113.1").status, 201)

    def test_who_was_banned_may_not_from_the_same_address(self) -> None:
        self.put_out(self.join_as("203.0.113.1"), ban=True)
        self.assertProblem(self.join_as("203.0.113.1"), 403, "banned")
        self.assertEqual(self.join_as("203.0.113.2").status, 201)

    def test_an_address_is_free_again_after_10_minutes(self) -> None:
        self.put_out(self.join_as("203.0.113.1"), ban=True)
        self.server.now += 601
        self.assertEqual(self.join_as("203.0.113.1").status, 201)

    def test_a_ban_holds_for_the_client_key_wherever_it_comes_from(self) -> None:
        self.put_out(self.join_as("203.0.113.1", KEY), ban=True)
        self.server.now += 601
        self.assertProblem(self.join_as("203.0.113.2", KEY), 403, "banned")
        self.assertEqual(self.join_as("203.0.113.2", OTHER_KEY).status, 201)

    def test_a_neighbour_with_a_key_of_their_own_may_come(self) -> None:
        self.put_out(self.join_as("203.0.113.1", KEY), ban=True)
        self.assertProblem(self.join_as("203.0.113.1", KEY), 403, "banned")
        self.assertProblem(self.join_as("203.0.113.1"), 403, "banned")
        self.assertEqual(self.join_as("203.0.113.1", OTHER_KEY).status, 201)

    def test_the_token_of_who_was_put_out_is_good_for_nothing(self) -> None:
        joined = self.join_as("203.0.113.1")
        self.put_out(joined, ban=False)
        answer = self.server.post("/lobbies/AAAA/rejoin", token=joined.json["player_token"])
        self.assertProblem(answer, 401, "token_invalid", "no longer in the lobby")

    def test_a_key_that_can_be_none_is_400(self) -> None:
        for key in ("short", "x" * 129, "with a space in it", "\xe9" * 20):
            answer = self.server.call("GET", "/info", Lobbyd_Client_Key=key)
            self.assertProblem(answer, 400, "invalid_request", "Lobbyd-Client-Key: ")


class RejoinTests(HttpCase):
    def test_it_gives_a_new_ticket_for_the_same_seat(self) -> None:
        self.create(code="AAAA")
        joined = self.join("AAAA", name="Ann")
        answer = self.server.post("/lobbies/AAAA/rejoin", token=joined["player_token"])
        self.assertJSON(answer, 201)
        self.assertEqual(answer.json["player"], joined["player"])
        self.assertNotEqual(answer.json["ticket"]["token"], joined["ticket"]["token"])

    def test_without_a_token_it_is_401(self) -> None:
        answer = self.server.post("/lobbies/TEST/rejoin")
        self.assertProblem(answer, 401, "token_required", "Bearer")
        self.assertIn("www-authenticate", answer.headers)

    def test_with_the_owners_token_it_is_401(self) -> None:
        owner = self.create(code="AAAA")["owner_token"]
        answer = self.server.post("/lobbies/AAAA/rejoin", token=owner)
        self.assertProblem(answer, 401, "token_required", "player_token")

    def test_a_seat_that_lapsed_is_401(self) -> None:
        _, token = self.enter("TEST")
        self.server.pass_time(16)
        answer = self.server.post("/lobbies/TEST/rejoin", token=token)
        self.assertProblem(answer, 401, "token_invalid")


class LeaveTests(HttpCase):
    def test_the_seat_is_free_at_once(self) -> None:
        self.create(code="AAAA", max_players=1)
        _, token = self.enter("AAAA")
        answer = self.server.post("/lobbies/AAAA/leave", token=token)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.join("AAAA")

    def test_twice_is_401(self) -> None:
        _, token = self.enter("TEST")
        self.server.post("/lobbies/TEST/leave", token=token)
        answer = self.server.post("/lobbies/TEST/leave", token=token)
        self.assertProblem(answer, 401, "token_invalid")


class QuickJoinTests(HttpCase):
    def quick(self, **fields: Any) -> Any:
        answer = self.server.post("/quickjoin", fields)
        self.assertJSON(answer, 201)
        return answer.json

    def test_it_makes_a_lobby_where_none_fits(self) -> None:
        wanted = {"name": "Duel", "max_players": 2, "metadata": {"map": "desert"}}
        joined = self.quick(game="chess", version="1", create=wanted, player={"name": "Ann"})
        lobby = joined["lobby"]
        self.assertEqual((lobby["name"], lobby["game"], lobby["max_players"]), ("Duel", "chess", 2))
        self.assertEqual(joined["player"]["name"], "Ann")

    def test_it_takes_the_fullest_that_fits(self) -> None:
        self.create(code="AAAA", game="chess")
        self.create(code="BBBB", game="chess")
        self.create(code="CCCC", game="chess", max_players=1)
        for code in ("BBBB", "CCCC"):
            self.join(code)
        self.assertEqual(self.quick(game="chess")["lobby"]["code"], "BBBB")

    def test_it_takes_one_with_this_metadata_only(self) -> None:
        self.create(code="AAAA", metadata={"map": "forest", "level": 3})
        joined = self.quick(metadata={"map": "desert"})
        self.assertEqual(joined["lobby"]["metadata"], {"map": "desert"})
        self.assertEqual(self.quick(metadata={"level": 3})["lobby"]["code"], "AAAA")

    def test_metadata_of_both_kinds_has_one_bound(self) -> None:
        wanted = {f"a{i}": 1 for i in range(20)}
        given = {f"b{i}": 1 for i in range(20)}
        answer = self.server.post("/quickjoin", {"metadata": wanted, "create": {"metadata": given}})
        self.assertProblem(answer, 400, "invalid_request", "create.metadata: at most 32 keys")

    def test_a_spectator_cannot(self) -> None:
        answer = self.server.post("/quickjoin", {"player": {"spectator": True}})
        self.assertProblem(answer, 400, "invalid_request", "player.spectator: unknown field")

    def test_too_many_lobbies_are_503(self) -> None:
        self.server = HttpServer(max_lobbies=1)
        self.create(max_players=1, player={})
        self.assertProblem(self.server.post("/quickjoin"), 503, "too_many_lobbies")
