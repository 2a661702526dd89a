"""PUT, GET and DELETE of conditions: who may, what is answered, and what it does."""

from __future__ import annotations

from typing import Any

from lobbyd.client.events import Snapshot
from lobbyd.lobby import in_force
from lobbyd.netsim.conditions import NAMES, PRESETS
from tests.http_case import HttpCase
from tests.http_memory import Answer, Headers, HttpServer
from tests.http_world import HttpWorld

ADMIN = "correct-horse-battery-staple"
PATH = "/lobbies/AAAA/conditions"


class ConditionCase(HttpCase):
    """A lobby AAAA with the host Ann and the player Bob."""

    hosts = "on"

    def setUp(self) -> None:
        super().setUp()
        self.owner = self.create(code="AAAA")["owner_token"]
        self.ann_id, self.ann = self.enter("AAAA", "Ann")
        self.bob_id, self.bob = self.enter("AAAA", "Bob")

    def make_server(self) -> HttpServer:
        return HttpServer(rate_limit="off", allow_conditions=self.hosts, admin_token=ADMIN)

    def put(self, token: str | None, path: str = PATH, **content: Any) -> Answer:
        return self.server.call("PUT", path, content, token)

    def ask(self, **content: Any) -> list[Any]:
        answer = self.put(self.ann, **content)
        self.assertJSON(answer, 200)
        conditions: list[Any] = answer.json["conditions"]
        return conditions

    def told(self) -> list[Any]:
        answer = self.server.get(PATH, self.ann)
        self.assertJSON(answer, 200)
        conditions: list[Any] = answer.json["conditions"]
        return conditions


class PutTests(ConditionCase):
    def test_what_is_asked_for_is_told(self) -> None:
        (one,) = self.ask(player_id=self.bob_id, preset="poor", up={"loss": 0.5}, seconds=30)
        self.assertEqual((one["player_id"], one["preset"]), (self.bob_id, "poor"))
        self.assertEqual(one["ends_at"], self.server.now + 30)
        self.assertEqual(one["up"], PRESETS["poor"].up.as_json() | {"loss": 0.5})
        self.assertEqual(one["down"], PRESETS["poor"].down.as_json())
        self.assertEqual(self.told(), [one])

    def test_nothing_asked_for_is_the_whole_lobby_in_perfect_conditions(self) -> None:
        (one,) = self.ask()
        self.assertEqual((one["player_id"], one["preset"]), (None, "perfect"))
        self.assertEqual(one["ends_at"], self.server.now + 600)
        self.assertEqual(one["up"].keys(), set(NAMES))

    def test_the_same_one_is_replaced(self) -> None:
        self.ask(preset="lan")
        self.ask(player_id=self.bob_id, preset="poor")
        answer = self.ask(preset="awful")
        self.assertEqual(
            {(one["player_id"], one["preset"]) for one in answer},
            {(None, "awful"), (self.bob_id, "poor")},
        )

    def test_they_end_with_their_time(self) -> None:
        self.ask(preset="lan", seconds=10)
        self.ask(player_id=self.ann_id, seconds=20)
        self.server.now += 9.9
        self.assertEqual(len(self.told()), 2)
        self.server.now += 0.1
        self.assertEqual([one["player_id"] for one in self.told()], [self.ann_id])

    def test_another_lobbys_are_not_told(self) -> None:
        self.create(code="BBBB")
        admin = self.put(ADMIN, "/lobbies/BBBB/conditions", preset="lan")
        self.assertEqual(len(admin.json["conditions"]), 1)
        self.assertEqual(self.told(), [])

    def test_delete_ends_all(self) -> None:
        self.ask(preset="lan")
        self.ask(player_id=self.bob_id)
        answer = self.server.call("DELETE", PATH, None, self.ann)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual(self.told(), [])
        self.assertEqual(self.server.call("DELETE", PATH, None, self.ann).status, 204)

    def test_a_bad_body_is_400_with_the_field(self) -> None:
        for content, detail in (
            ({"preset": "5g"}, "preset: one of perfect, lan"),
            ({"seconds": 0}, "seconds: a number from 1 to 3600"),
            ({"seconds": 3601}, "seconds: a number from 1 to 3600"),
            ({"player_id": 0}, "player_id: a whole number"),
            ({"player_id": None}, "player_id: a whole number"),
            ({"up": {"loss": 1.1}}, "up.loss: a number from 0 to 1"),
            ({"down": {"lag": 1}}, "down.lag: unknown field"),
            ({"up": []}, "up: a JSON object"),
            ({"up": {"jitter_shape": "square"}}, "up.jitter_shape: one of uniform"),
            ({"up": {"rate": 10}}, "up.rate: 0 for all, or at least 1000"),
            ({"down": {"blackhole": 2}}, "down.blackhole: at most blackhole_every"),
            ({"down": {"burst_loss": 0.9}}, "down.burst_loss: at most 0.8"),
            ({"loss": 0.5}, "loss: unknown field"),
        ):
            self.assertProblem(self.put(self.ann, **content), 400, "invalid_request", detail)
        self.assertEqual(self.told(), [])

    def test_only_who_has_a_seat_can_be_under_conditions(self) -> None:
        answer = self.put(self.ann, player_id=77)
        self.assertProblem(answer, 404, "player_not_found")
        (dummy,) = self.lobby("TEST")["players"]
        answer = self.put(ADMIN, "/lobbies/TEST/conditions", player_id=dummy["player_id"])
        self.assertProblem(answer, 404, "player_not_found")

    def test_there_are_only_so_many(self) -> None:
        self.patch(in_force, "MOST_ASKED", 2)
        self.ask()
        self.ask(player_id=self.ann_id)
        answer = self.put(self.ann, player_id=self.bob_id)
        self.assertProblem(answer, 503, "server_busy", "2 players and lobbies")
        self.assertEqual(answer.headers["retry-after"], "60")
        self.ask(player_id=self.ann_id, preset="poor")

    def test_pages_of_other_origins_may_put(self) -> None:
        server = HttpServer(cors_origins="*")
        headers: Headers = {"Origin": "https://a.example", "Access-Control-Request-Method": "PUT"}
        answer = server.request("OPTIONS", PATH, b"", headers)
        self.assertIn("PUT", answer.headers["access-control-allow-methods"])


class MayTests(ConditionCase):
    def end(self, token: str | None, player_id: int) -> Answer:
        path = f"/lobbies/AAAA/players/{player_id}/conditions"
        return self.server.call("DELETE", path, None, token)

    def test_strangers_may_not(self) -> None:
        for token, status, code in (
            (None, 401, "token_required"),
            ("nonsense", 401, "token_invalid"),
            (self.owner, 403, "not_allowed"),
        ):
            self.assertProblem(self.put(token), status, code)
            self.assertProblem(self.put(token, player_id=self.bob_id), status, code)
            self.assertProblem(self.server.get(PATH, token), status, code)
            self.assertProblem(self.server.call("DELETE", PATH, None, token), status, code)
            self.assertProblem(self.end(token, self.bob_id), status, code)

    def test_a_player_may_for_itself_only(self) -> None:
        answer = self.put(self.bob, player_id=self.bob_id, preset="poor")
        self.assertJSON(answer, 200)
        self.assertEqual([one["player_id"] for one in answer.json["conditions"]], [self.bob_id])
        self.assertEqual(self.server.get(PATH, self.bob).json, answer.json)
        self.ask(player_id=self.ann_id, preset="lan")
        for refused in (
            self.put(self.bob),
            self.put(self.bob, player_id=self.ann_id),
            self.put(self.bob, player_id=77),
            self.server.call("DELETE", PATH, None, self.bob),
            self.end(self.bob, self.ann_id),
            self.end(self.bob, 77),
        ):
            self.assertProblem(refused, 403, "not_allowed")
        self.assertEqual([one["preset"] for one in self.told()], ["poor", "lan"])
        self.assertEqual(self.end(self.bob, self.bob_id).status, 204)
        self.assertEqual([one["preset"] for one in self.told()], ["lan"])
        self.assertEqual(self.end(self.bob, self.bob_id).status, 204)

    def test_the_host_may_end_those_of_one(self) -> None:
        """Those of the whole lobby stay."""
        for content in ({}, {"player_id": self.bob_id}, {"player_id": self.ann_id}):
            self.ask(**content)
        answer = self.end(self.ann, self.bob_id)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertEqual([one["player_id"] for one in self.told()], [None, self.ann_id])
        for nobody in (0, 77):
            self.assertProblem(self.end(self.ann, nobody), 404, "player_not_found")
        self.assertEqual(len(self.told()), 2)

    def test_in_the_test_lobby_everybody_can_try_a_bad_network(self) -> None:
        """Who is alone there is its host; a second window is not, and has its own network."""
        path = "/lobbies/TEST/conditions"
        first_id, first = self.enter("TEST", "first")
        second_id, second = self.enter("TEST", "second")
        self.assertEqual(self.lobby("TEST")["host_player_id"], first_id)
        for token, player_id in ((first, first_id), (second, second_id)):
            answer = self.put(token, path, player_id=player_id, preset="train")
            self.assertJSON(answer, 200)
        where = {"position": [1, 0, 2]}
        answer = self.server.post(f"/lobbies/TEST/players/{first_id}/teleport", where, first)
        self.assertEqual(answer.status, 204, answer.body)
        self.assertProblem(self.put(second, path), 403, "not_allowed")

    def test_an_admin_may_everywhere(self) -> None:
        self.assertEqual(self.put(ADMIN, preset="lan").status, 200)
        code = self.create(visibility="private", password="x")["lobby"]["code"]
        path = f"/lobbies/{code}/conditions"
        self.assertEqual(self.put(ADMIN, path, preset="lan").status, 200)
        self.assertProblem(self.put(ADMIN + "r", path), 404, "lobby_not_found")

    def test_an_admin_is_no_host(self) -> None:
        for method, path in (
            ("PATCH", "/lobbies/AAAA"),
            ("POST", f"/lobbies/AAAA/players/{self.bob_id}/kick"),
        ):
            answer = self.server.call(method, path, {}, ADMIN)
            self.assertProblem(answer, 403, "not_allowed")

    def test_no_lobby_is_404(self) -> None:
        answer = self.put(ADMIN, "/lobbies/WXYZ/conditions")
        self.assertProblem(answer, 404, "lobby_not_found")


class OffTests(ConditionCase):
    hosts = "off"

    def test_players_may_not(self) -> None:
        for method in ("PUT", "GET", "DELETE"):
            content: Any = {} if method == "PUT" else None
            answer = self.server.call(method, PATH, content, self.ann)
            self.assertProblem(answer, 403, "conditions_off", "--allow-conditions on")
        answer = self.put(self.bob, player_id=self.bob_id)
        self.assertProblem(answer, 403, "conditions_off")

    def test_an_admin_may(self) -> None:
        self.assertEqual(len(self.put(ADMIN, preset="lan").json["conditions"]), 1)

    def test_off_is_the_default_and_without_a_token_nobody_is_admin(self) -> None:
        server = HttpServer(rate_limit="off")
        body = {"code": "AAAA", "player": {"name": "Ann"}}
        token = server.post("/lobbies", body).json["player_token"]
        self.assertProblem(server.call("PUT", PATH, {}, token), 403, "conditions_off")
        self.assertProblem(server.call("PUT", PATH, {}, ADMIN), 401, "token_invalid")


class EffectTests(HttpCase):
    def test_a_players_snapshots_stop_and_come_back(self) -> None:
        world = HttpWorld(seed=3)
        made = world.call("POST", "/lobbies", {"player": {"name": "Ann"}}).json
        code, token = made["lobby"]["code"], made["player_token"]
        bob = world.call("POST", f"/lobbies/{code}/join", {"name": "Bob"}).json
        clients = [world.attach(seat["ticket"]) for seat in (made, bob)]
        path, bearer = f"/lobbies/{code}/conditions", f"Bearer {token}"

        def snapshots() -> list[int]:
            before = [len(client.seen(Snapshot)) for client in clients]
            for step in range(20):
                clients[0].walk = (step * 0.5, 0.0, 0.0)
                world.advance(0.05)
            after = [len(client.seen(Snapshot)) for client in clients]
            return [b - a for a, b in zip(before, after, strict=True)]

        world.advance(1)
        self.assertEqual(snapshots(), [20, 20])
        wanted = {"player_id": bob["player"]["player_id"], "down": {"loss": 1}}
        answer = world.call("PUT", path, wanted, Authorization=bearer)
        self.assertEqual(answer.status, 200, answer.body)
        self.assertEqual(snapshots(), [20, 0])
        self.assertEqual(world.call("DELETE", path, Authorization=bearer).status, 204)
        world.advance(0.1)
        self.assertEqual(snapshots(), [20, 20])
