"""HTTP calls of members and of the host."""

from __future__ import annotations

from typing import Any

from lobbyd.dummy import Circle
from tests.http_case import HttpCase
from tests.http_memory import Answer


class MemberCase(HttpCase):
    """A lobby AAAA with the host Ann and the player Bob."""

    settings: dict[str, Any] = {"countdown": 3}

    def setUp(self) -> None:
        super().setUp()
        created = self.create(code="AAAA", settings=self.settings)
        self.owner = created["owner_token"]
        self.ann_id, self.ann = self.enter("AAAA", "Ann")
        self.bob_id, self.bob = self.enter("AAAA", "Bob")

    def post(self, path: str, content: object = None, token: str | None = None) -> Answer:
        return self.server.post(f"/lobbies/AAAA{path}", content, token)

    def patch_lobby(self, content: object, token: str | None, **headers: str) -> Answer:
        return self.server.call("PATCH", "/lobbies/AAAA", content, token, **headers)

    def patch_player(self, player_id: int, content: object, token: str | None) -> Answer:
        return self.server.patch(f"/lobbies/AAAA/players/{player_id}", content, token)


class ChangeLobbyTests(MemberCase):
    def test_the_host_changes_what_it_names_and_nothing_else(self) -> None:
        before = self.lobby("AAAA")
        answer = self.patch_lobby({"name": "New", "settings": {"start": "ready"}}, self.ann)
        self.assertJSON(answer, 200)
        after = answer.json["lobby"]
        self.assertEqual((after["name"], after["settings"]["start"]), ("New", "ready"))
        self.assertEqual(after["settings"]["countdown"], 3)
        self.assertEqual(after["max_players"], before["max_players"])

    def test_lock_and_list_are_changed(self) -> None:
        lobby = self.patch_lobby({"locked": True, "listed": False}, self.ann).json["lobby"]
        self.assertEqual((lobby["state"], lobby["listed"]), ("locked", False))
        codes = [entry["code"] for entry in self.server.get("/lobbies").json["lobbies"]]
        self.assertNotIn("AAAA", codes)

    def test_a_password_is_set_and_taken_off(self) -> None:
        self.patch_lobby({"password": "secret"}, self.ann)
        self.assertProblem(self.post("/join"), 403, "wrong_password")
        self.patch_lobby({"password": ""}, self.ann)
        self.assertEqual(self.post("/join").status, 201)

    def test_fewer_places_than_players_are_400_and_change_nothing(self) -> None:
        answer = self.patch_lobby({"name": "New", "max_players": 1}, self.ann)
        self.assertProblem(answer, 400, "invalid_request", "max_players: not below")
        self.assertEqual(self.lobby("AAAA")["name"], "AAAA")

    def test_others_may_not(self) -> None:
        self.assertProblem(self.patch_lobby({}, None), 401, "token_required")
        self.assertProblem(self.patch_lobby({}, self.bob), 403, "not_allowed")
        self.assertProblem(self.patch_lobby({}, "nonsense"), 401, "token_invalid")

    def test_the_owner_may_while_nobody_is_in(self) -> None:
        self.assertProblem(self.patch_lobby({}, self.owner), 403, "not_allowed")
        for token in (self.ann, self.bob):
            self.post("/leave", token=token)
        self.assertEqual(self.patch_lobby({"name": "New"}, self.owner).status, 200)

    def test_no_lobby_is_404(self) -> None:
        answer = self.server.patch("/lobbies/WXYZ", {}, self.ann)
        self.assertProblem(answer, 404, "lobby_not_found")

    def test_a_code_or_a_visibility_is_not_changed(self) -> None:
        for field in ("code", "visibility", "game", "version"):
            answer = self.patch_lobby({field: "private"}, self.ann)
            self.assertProblem(answer, 400, "invalid_request", f"{field}: unknown field")


class VersionTests(MemberCase):
    """ETag and If-Match: of two who decide on the same state one learns of it."""

    def tag(self) -> str:
        return self.server.get("/lobbies/AAAA").headers["etag"]

    def test_the_etag_of_a_get_fits(self) -> None:
        answer = self.patch_lobby({"name": "New"}, self.ann, If_Match=self.tag())
        self.assertEqual(answer.status, 200)

    def test_a_change_has_a_new_one(self) -> None:
        before = self.tag()
        answer = self.patch_lobby({"name": "New"}, self.ann)
        self.assertNotEqual(answer.headers["etag"], before)
        self.assertEqual(answer.headers["etag"], self.tag())

    def test_an_old_one_is_412_and_nothing_changes(self) -> None:
        old = self.tag()
        self.patch_lobby({"name": "First"}, self.ann)
        answer = self.patch_lobby({"name": "Second"}, self.ann, If_Match=old)
        self.assertProblem(answer, 412, "precondition_failed")
        self.assertEqual(self.lobby("AAAA")["name"], "First")

    def test_what_the_host_did_not_change_keeps_it(self) -> None:
        before = self.tag()
        self.enter("AAAA", "Cid")
        self.patch_player(self.bob_id, {"ready": True}, self.bob)
        self.assertEqual(self.tag(), before)

    def test_a_list_fits_where_one_of_it_does(self) -> None:
        listed = f'"777", {self.tag()}, W/"5"'
        self.assertEqual(self.patch_lobby({}, self.ann, If_Match=listed).status, 200)

    def test_a_star_fits_always(self) -> None:
        self.assertEqual(self.patch_lobby({}, self.ann, If_Match="*").status, 200)

    def test_what_is_none_of_ours_is_412(self) -> None:
        tag = self.tag()
        for value in (f"W/{tag}", tag.strip('"'), '"', '"abc"', "nonsense", '"9999999999999999"'):
            answer = self.patch_lobby({}, self.ann, If_Match=value)
            self.assertProblem(answer, 412, "precondition_failed")


class ChangePlayerTests(MemberCase):
    def test_a_player_changes_itself(self) -> None:
        wanted = {"name": "Rob", "ready": True, "team": 2, "metadata": {"hat": "red"}}
        answer = self.patch_player(self.bob_id, wanted, self.bob)
        self.assertJSON(answer, 200)
        for name, value in wanted.items():
            self.assertEqual(answer.json["player"][name], value)
        self.assertIn(answer.json["player"], self.lobby("AAAA", self.ann)["players"])

    def test_metadata_for_members_is_for_members(self) -> None:
        self.patch_player(self.bob_id, {"member_metadata": {"hp": 7}}, self.bob)
        inside = {p["name"]: p for p in self.lobby("AAAA", self.ann)["players"]}
        self.assertEqual(inside["Bob"]["member_metadata"], {"hp": 7})
        for player in self.lobby("AAAA")["players"]:
            self.assertNotIn("member_metadata", player)

    def test_not_even_the_host_changes_another(self) -> None:
        answer = self.patch_player(self.bob_id, {"ready": True}, self.ann)
        self.assertProblem(answer, 403, "not_allowed")

    def test_without_a_players_token_it_is_401(self) -> None:
        for token in (None, self.owner):
            answer = self.patch_player(self.bob_id, {}, token)
            self.assertProblem(answer, 401, "token_required")

    def test_a_spectator_cannot_be_ready(self) -> None:
        player_id, token = self.enter("AAAA", "Eve", spectator=True)
        answer = self.patch_player(player_id, {"ready": True}, token)
        self.assertProblem(answer, 409, "not_a_player")

    def test_an_id_that_can_be_none_is_404(self) -> None:
        answer = self.patch_player(2**32, {}, self.bob)
        self.assertProblem(answer, 404, "player_not_found")


class KickTests(MemberCase):
    def kick(self, player_id: int, content: object, token: str | None) -> Answer:
        return self.post(f"/players/{player_id}/kick", content, token)

    def test_the_host_puts_a_player_out(self) -> None:
        answer = self.kick(self.bob_id, {"reason": "rude"}, self.ann)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual([p["name"] for p in self.lobby("AAAA")["players"]], ["Ann"])

    def test_a_body_is_not_needed(self) -> None:
        self.assertEqual(self.kick(self.bob_id, None, self.ann).status, 204)

    def test_others_may_not(self) -> None:
        self.assertProblem(self.kick(self.ann_id, {}, self.bob), 403, "not_allowed")
        self.assertProblem(self.kick(self.ann_id, {}, None), 401, "token_required")

    def test_the_host_cannot_kick_itself(self) -> None:
        self.assertProblem(self.kick(self.ann_id, {}, self.ann), 403, "not_allowed", "leaves")

    def test_nobody_of_that_id_is_404(self) -> None:
        for player_id in (99, 2**32, 10**30):
            self.assertProblem(self.kick(player_id, {}, self.ann), 404, "player_not_found")

    def test_a_long_reason_is_400(self) -> None:
        answer = self.kick(self.bob_id, {"reason": "x" * 201}, self.ann)
        self.assertProblem(answer, 400, "invalid_request", "reason: ")


class HandOverTests(MemberCase):
    def test_the_host_names_another(self) -> None:
        answer = self.post("/host", {"player_id": self.bob_id}, self.ann)
        self.assertJSON(answer, 200)
        self.assertEqual(answer.json["lobby"]["host_player_id"], self.bob_id)
        self.assertEqual(self.patch_lobby({"name": "New"}, self.bob).status, 200)
        self.assertProblem(self.patch_lobby({}, self.ann), 403, "not_allowed")

    def test_others_may_not(self) -> None:
        answer = self.post("/host", {"player_id": self.bob_id}, self.bob)
        self.assertProblem(answer, 403, "not_allowed")

    def test_the_id_is_needed(self) -> None:
        answer = self.post("/host", {}, self.ann)
        self.assertProblem(answer, 400, "invalid_request", "player_id: this field is needed")

    def test_nobody_of_that_id_is_404(self) -> None:
        self.assertProblem(self.post("/host", {"player_id": 9}, self.ann), 404, "player_not_found")

    def test_a_spectator_cannot_be_host(self) -> None:
        player_id, _ = self.enter("AAAA", "Eve", spectator=True)
        answer = self.post("/host", {"player_id": player_id}, self.ann)
        self.assertProblem(answer, 409, "not_a_player")


class ChatTests(MemberCase):
    def test_a_line_is_a_change_that_members_hear(self) -> None:
        before = self.lobby("AAAA")["rev"]
        answer = self.post("/chat", {"text": "hello"}, self.bob)
        self.assertEqual((answer.status, answer.body), (204, b""))
        (_, line) = self.server.lobbies.by_code["AAAA"].changes[-1]
        self.assertEqual((line.player_id, line.text), (self.bob_id, "hello"))
        self.assertEqual(self.lobby("AAAA")["rev"], before + 1)

    def test_it_has_1_to_400_bytes(self) -> None:
        for text in ("", " ", "x" * 401, "\u00e4" * 201, "two\nlines"):
            answer = self.post("/chat", {"text": text}, self.bob)
            self.assertProblem(answer, 400, "invalid_request", "text: ")
        self.assertEqual(self.post("/chat", {"text": "x" * 400}, self.bob).status, 204)

    def test_only_members_speak(self) -> None:
        for token in (None, self.owner):
            answer = self.post("/chat", {"text": "hi"}, token)
            self.assertProblem(answer, 401, "token_required")


class GameTests(MemberCase):
    def test_start_begins_a_countdown_that_runs_out(self) -> None:
        lobby = self.post("/start", token=self.ann).json["lobby"]
        self.assertEqual(
            (lobby["state"], lobby["countdown"], lobby["listed"]), ("countdown", 3, False)
        )
        self.server.pass_time(3)
        lobby = self.lobby("AAAA")
        self.assertEqual(lobby["state"], "in_game")
        self.assertNotIn("countdown", lobby)

    def test_cancel_calls_it_off(self) -> None:
        self.post("/start", token=self.ann)
        lobby = self.post("/cancel", token=self.ann).json["lobby"]
        self.assertEqual((lobby["state"], lobby["listed"]), ("open", True))

    def test_who_leaves_calls_it_off(self) -> None:
        self.post("/start", token=self.ann)
        self.post("/leave", token=self.bob)
        self.assertEqual(self.lobby("AAAA")["state"], "open")

    def test_end_brings_everybody_back(self) -> None:
        self.post("/start", token=self.ann)
        self.server.pass_time(3)
        lobby = self.post("/end", token=self.ann).json["lobby"]
        self.assertEqual((lobby["state"], lobby["member_count"]), ("open", 2))

    def test_each_needs_its_state(self) -> None:
        for name in ("cancel", "end"):
            self.assertProblem(self.post(f"/{name}", token=self.ann), 409, "wrong_state")
        self.post("/start", token=self.ann)
        self.assertProblem(self.post("/start", token=self.ann), 409, "wrong_state", "countdown")

    def test_each_is_the_hosts(self) -> None:
        for name in ("start", "cancel", "end"):
            self.assertProblem(self.post(f"/{name}", token=self.bob), 403, "not_allowed")
            self.assertProblem(self.post(f"/{name}"), 401, "token_required")


class ReadyTests(MemberCase):
    settings = {"start": "ready", "countdown": 0, "min_players": 2}

    def test_start_waits_for_all_to_be_ready(self) -> None:
        self.patch_player(self.ann_id, {"ready": True}, self.ann)
        self.assertProblem(self.post("/start", token=self.ann), 409, "not_ready", "Bob")
        self.patch_player(self.bob_id, {"ready": True}, self.bob)
        lobby = self.post("/start", token=self.ann).json["lobby"]
        self.assertEqual(lobby["state"], "in_game")

    def test_start_waits_for_enough_players(self) -> None:
        self.post("/leave", token=self.bob)
        self.assertProblem(self.post("/start", token=self.ann), 409, "not_ready", "2 players")


class TeleportTests(MemberCase):
    def teleport(self, player_id: int, content: object, token: str | None) -> Answer:
        return self.post(f"/players/{player_id}/teleport", content, token)

    def wanted(self) -> dict[int, Any]:
        wanted: dict[int, Any] = self.server.lobbies.find("AAAA").teleports
        return wanted

    def test_the_host_puts_a_player_somewhere(self) -> None:
        answer = self.teleport(self.bob_id, {"position": [1, 2.5, -3]}, self.ann)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(self.wanted(), {self.bob_id: ((1.0, 2.5, -3.0), None)})

    def test_the_last_wish_counts(self) -> None:
        for x in (1, 2):
            self.teleport(self.bob_id, {"position": [x, 0, 0]}, self.ann)
        self.assertEqual(self.wanted(), {self.bob_id: ((2.0, 0.0, 0.0), None)})

    def test_a_rotation_of_any_length_is_one(self) -> None:
        content = {"position": [0, 0, 0], "rotation": [0, 0.3, 0, 0.4]}
        self.teleport(self.bob_id, content, self.ann)
        [(_, rotation)] = self.wanted().values()
        for part, expected in zip(rotation, (0, 0.6, 0, 0.8), strict=True):
            self.assertAlmostEqual(part, expected)

    def test_a_rotation_without_a_length_says_nothing(self) -> None:
        self.teleport(self.bob_id, {"position": [0, 0, 0], "rotation": [0, 0, 0, 0]}, self.ann)
        self.assertEqual(self.wanted(), {self.bob_id: ((0.0, 0.0, 0.0), None)})

    def test_others_may_not(self) -> None:
        place = {"position": [0, 0, 0]}
        self.assertProblem(self.teleport(self.bob_id, place, self.bob), 403, "not_allowed")
        self.assertProblem(self.teleport(self.bob_id, place, None), 401, "token_required")
        self.assertEqual(self.wanted(), {})

    def test_who_is_not_there_is_404(self) -> None:
        answer = self.teleport(99, {"position": [0, 0, 0]}, self.ann)
        self.assertProblem(answer, 404, "player_not_found")

    def test_who_has_no_place_is_409(self) -> None:
        watcher = self.post("/join", {"spectator": True}).json["player"]["player_id"]
        answer = self.teleport(watcher, {"position": [0, 0, 0]}, self.ann)
        self.assertProblem(answer, 409, "not_a_player", "spectator")
        lobby = self.server.lobbies.find("AAAA")
        dummy = self.server.lobbies.add_dummy(lobby, "D", Circle(), self.server.now)
        answer = self.teleport(dummy.player_id, {"position": [0, 0, 0]}, self.ann)
        self.assertProblem(answer, 409, "not_a_player", "dummy")
        self.assertEqual(self.wanted(), {})

    def test_a_position_is_three_numbers_inside_the_bounds(self) -> None:
        for wrong in ([0, 0], [0, 0, "0"], [0, 0, 16384], None):
            answer = self.teleport(self.bob_id, {"position": wrong}, self.ann)
            self.assertProblem(answer, 400, "invalid_request", "position")
        self.assertProblem(self.teleport(self.bob_id, {}, self.ann), 400, "invalid_request")
        self.patch_lobby({"settings": {"bounds": [0, 0, 0, 9, 9, 9]}}, self.ann)
        for outside in ([9.1, 0, 0], [0, -0.1, 0]):
            answer = self.teleport(self.bob_id, {"position": outside}, self.ann)
            self.assertProblem(answer, 400, "invalid_request", "bounds")
        self.assertEqual(self.teleport(self.bob_id, {"position": [9, 0, 9]}, self.ann).status, 204)
