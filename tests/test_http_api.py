"""HTTP through the real Klein application, Site and channel, in memory.

Every case also holds that nothing was logged as an error: a logged error that a
test does not take back fails it, in both runners.
"""

from __future__ import annotations

import base64
import json
import tempfile
from io import BytesIO
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from lobbyd import __version__
from lobbyd.errors import PROBLEMS
from lobbyd.http.site import MAX_BODY, MAX_DISCARDED
from lobbyd.lobby.operations import LobbyOperations
from lobbyd.testing import START
from lobbyd.wire.catalogue import WIRE_VERSION
from tests.http_case import HttpCase
from tests.http_memory import UDP_PORT, Answer, HttpServer, answers

JSON_TYPE = {"Content-Type": "application/json"}


class CreateTests(HttpCase):
    def test_it_answers_201_with_the_lobby_and_its_owners_token(self) -> None:
        answer = self.server.post("/lobbies", {"name": "Arena", "max_players": 4})
        self.assertJSON(answer, 201)
        self.assertEqual(answer.json.keys(), {"lobby", "owner_token"})
        lobby = answer.json["lobby"]
        self.assertEqual((lobby["name"], lobby["max_players"]), ("Arena", 4))

    def test_location_is_where_the_lobby_is(self) -> None:
        answer = self.server.post("/lobbies", {})
        location = answer.headers["location"]
        self.assertEqual(location, f"/lobbies/{answer.json['lobby']['code']}")
        self.assertEqual(self.server.get(location).json["lobby"], answer.json["lobby"])

    def test_a_body_is_not_needed(self) -> None:
        self.assertJSON(self.server.post("/lobbies"), 201)

    def test_a_code_may_be_asked_for(self) -> None:
        self.assertEqual(self.create(code="arena1")["lobby"]["code"], "ARENA1")

    def test_a_code_in_use_is_409(self) -> None:
        self.create(code="ABCD")
        answer = self.server.post("/lobbies", {"code": "abcd"})
        self.assertProblem(answer, 409, "code_taken", "ABCD")

    def test_test_is_in_use(self) -> None:
        self.assertProblem(self.server.post("/lobbies", {"code": "TEST"}), 409, "code_taken")

    def test_a_bad_field_is_400_and_named(self) -> None:
        answer = self.server.post("/lobbies", {"max_players": 65})
        self.assertProblem(answer, 400, "invalid_request", "max_players: ")

    def test_an_unknown_field_is_400_and_named(self) -> None:
        answer = self.server.post("/lobbies", {"colour": "red"})
        self.assertProblem(answer, 400, "invalid_request", "colour: unknown field")

    def test_an_array_is_400(self) -> None:
        self.assertProblem(self.server.post("/lobbies", []), 400, "invalid_request", "body: ")

    def test_names_come_back_as_they_were(self) -> None:
        name = 'Caf\u00e9 \u65e5\u672c \U0001f600 "\\'
        self.assertEqual(self.create(name=name)["lobby"]["name"], name)

    def test_too_many_lobbies_are_503_with_a_time_to_try_again(self) -> None:
        self.server = HttpServer(max_lobbies=1)
        self.create()
        answer = self.server.post("/lobbies", {})
        self.assertProblem(answer, 503, "too_many_lobbies")
        self.assertEqual(answer.headers["retry-after"], "30")
        self.assertEqual(answer.json["retry_after"], 30)


class GetTests(HttpCase):
    def test_it_answers_200_with_the_lobby(self) -> None:
        answer = self.server.get("/lobbies/TEST")
        self.assertJSON(answer, 200)
        lobby = answer.json["lobby"]
        self.assertEqual((lobby["code"], lobby["member_count"]), ("TEST", 0))

    def test_test_has_a_dummy_that_is_marked(self) -> None:
        (dummy,) = self.server.get("/lobbies/TEST").json["lobby"]["players"]
        self.assertTrue(dummy["dummy"])

    def test_a_code_is_read_forgivingly(self) -> None:
        self.create(code="AB01")
        self.assertEqual(self.server.get("/lobbies/abol").json["lobby"]["code"], "AB01")

    def test_a_percent_encoded_code_is_the_same(self) -> None:
        self.assertJSON(self.server.get("/lobbies/T%45ST"), 200)

    def test_an_unknown_code_is_404(self) -> None:
        self.assertProblem(self.server.get("/lobbies/WXYZ"), 404, "lobby_not_found")

    def test_what_can_be_no_code_is_404(self) -> None:
        for path in ("/lobbies/a", "/lobbies/Events", "/lobbies/%00", "/lobbies/%F0%9F%98%80"):
            self.assertProblem(self.server.get(path), 404, "lobby_not_found")

    def test_a_joined_player_is_seen(self) -> None:
        code = self.create()["lobby"]["code"]
        self.join(code, name="Ada")
        lobby = self.server.get(f"/lobbies/{code}").json["lobby"]
        self.assertEqual([p["name"] for p in lobby["players"]], ["Ada"])

    def test_an_unknown_parameter_is_400_and_named(self) -> None:
        answer = self.server.get("/lobbies/TEST?colour=red")
        self.assertProblem(answer, 400, "invalid_request", "colour: this call takes no parameters")

    def test_it_has_an_etag(self) -> None:
        self.assertEqual(self.server.get("/lobbies/TEST").headers["etag"], '"1"')


class JoinTests(HttpCase):
    def test_it_answers_201_with_lobby_player_token_and_ticket(self) -> None:
        answer = self.server.post("/lobbies/TEST/join", {"name": "Ada"})
        self.assertJSON(answer, 201)
        self.assertEqual(answer.json.keys(), {"lobby", "player", "player_token", "ticket"})
        self.assertEqual(answer.json["player"]["name"], "Ada")
        self.assertIn(answer.json["player"], answer.json["lobby"]["players"])

    def test_the_ticket_is_complete(self) -> None:
        ticket = self.join("TEST")["ticket"]
        fields = "token session_key reset_key conn_id protocol_id udp expires_at"
        self.assertEqual(ticket.keys(), set(fields.split()))
        self.assertEqual(ticket["udp"], {"host": "game.example", "port": UDP_PORT})
        self.assertEqual(ticket["expires_at"], START + 15)

    def test_the_tickets_keys_are_base64url_of_32_bytes(self) -> None:
        ticket = self.join("TEST")["ticket"]
        for name in ("session_key", "reset_key"):
            self.assertEqual(len(base64.urlsafe_b64decode(ticket[name] + "=")), 32)

    def test_a_body_is_not_needed(self) -> None:
        self.assertJSON(self.server.post("/lobbies/TEST/join"), 201)

    def test_an_unknown_lobby_is_404(self) -> None:
        answer = self.server.post("/lobbies/WXYZ/join", {})
        self.assertProblem(answer, 404, "lobby_not_found")

    def test_a_bad_field_is_400_and_named(self) -> None:
        answer = self.server.post("/lobbies/TEST/join", {"name": ""})
        self.assertProblem(answer, 400, "invalid_request", "name: ")

    def test_a_bad_request_takes_no_seat(self) -> None:
        self.server.post("/lobbies/TEST/join", {"name": ""})
        lobby = self.server.get("/lobbies/TEST").json["lobby"]
        self.assertEqual(lobby["member_count"], 0)

    def test_a_full_lobby_is_409(self) -> None:
        code = self.create(max_players=1)["lobby"]["code"]
        self.join(code)
        answer = self.server.post(f"/lobbies/{code}/join", {})
        self.assertProblem(answer, 409, "lobby_full", "All 1 places")


class DeleteTests(HttpCase):
    def setUp(self) -> None:
        super().setUp()
        created = self.create()
        self.owner = created["owner_token"]
        self.path = f"/lobbies/{created['lobby']['code']}"

    def test_it_answers_204_without_a_body(self) -> None:
        answer = self.server.delete(self.path, self.owner)
        self.assertEqual((answer.status, answer.body), (204, b""))
        self.assertProblem(self.server.get(self.path), 404, "lobby_not_found")

    def test_the_scheme_is_read_in_any_case(self) -> None:
        headers: dict[str, str | bytes] = {"Authorization": f"bEARER   {self.owner} "}
        self.assertEqual(self.server.request("DELETE", self.path, headers=headers).status, 204)

    def test_a_young_one_without_a_token_is_401(self) -> None:
        answer = self.server.delete(self.path)
        self.assertProblem(answer, 401, "token_required", "owner_token")
        self.assertEqual(answer.headers["www-authenticate"], 'Bearer realm="lobbyd"')

    def test_an_old_one_needs_no_token(self) -> None:
        self.server.now += 31
        self.assertEqual(self.server.delete(self.path).status, 204)

    def test_a_wrong_token_is_401(self) -> None:
        answer = self.server.delete(self.path, "wrong")
        self.assertProblem(answer, 401, "token_invalid")
        self.assertIn("www-authenticate", answer.headers)

    def test_an_authorization_that_is_no_bearer_token_is_401(self) -> None:
        for value in (
            "Basic YTpi",
            "Bearer",
            "Bearer ",
            self.owner,
            b"Bearer \xff\xfe",
            "Bearer a b",
        ):
            answer = self.server.request("DELETE", self.path, headers={"Authorization": value})
            self.assertProblem(answer, 401, "token_invalid")

    def test_with_a_player_it_is_409(self) -> None:
        self.server.post(f"{self.path}/join", {})
        self.assertProblem(self.server.delete(self.path, self.owner), 409, "lobby_not_empty")

    def test_with_the_hosts_token_it_is_204(self) -> None:
        host = self.server.post(f"{self.path}/join", {}).json["player_token"]
        self.assertEqual(self.server.delete(self.path, host).status, 204)

    def test_with_the_udp_token_it_is_401(self) -> None:
        ticket = self.server.post(f"{self.path}/join", {}).json["ticket"]
        self.assertProblem(self.server.delete(self.path, ticket["token"]), 401, "token_invalid")

    def test_test_is_403(self) -> None:
        self.assertProblem(self.server.delete("/lobbies/TEST"), 403, "lobby_permanent")

    def test_an_unknown_code_is_404(self) -> None:
        self.assertProblem(self.server.delete("/lobbies/WXYZ"), 404, "lobby_not_found")

    def test_the_code_can_be_taken_again(self) -> None:
        self.server.delete(self.path, self.owner)
        code = self.path.rpartition("/")[2]
        self.assertEqual(self.create(code=code)["lobby"]["code"], code)


class InfoTests(HttpCase):
    def test_it_tells_version_wire_udp_time_and_limits(self) -> None:
        answer = self.server.get("/info")
        self.assertJSON(answer, 200)
        self.assertEqual(answer.json["version"], __version__)
        self.assertEqual(answer.json["wire"], WIRE_VERSION)
        self.assertEqual(answer.json["udp"], {"host": "game.example", "port": UDP_PORT})
        self.assertEqual(answer.json["time"], START)

    def test_its_limits_are_the_real_ones(self) -> None:
        limits = self.server.get("/info").json["limits"]
        self.assertEqual(limits["tick_hz"], 20)
        longest = "a" * limits["max_lobby_name"]
        self.create(name=longest, max_players=limits["max_players"])
        for field, value in (("name", longest + "a"), ("max_players", limits["max_players"] + 1)):
            answer = self.server.post("/lobbies", {field: value})
            self.assertProblem(answer, 400, "invalid_request", field)
        self.join("TEST", name="a" * limits["max_player_name"])
        answer = self.server.post(
            "/lobbies/TEST/join", {"name": "a" * (limits["max_player_name"] + 1)}
        )
        self.assertProblem(answer, 400, "invalid_request", "name")
        self.assertEqual(limits["max_body"], MAX_BODY)

    def test_healthz_is_200(self) -> None:
        answer = self.server.get("/healthz")
        self.assertJSON(answer, 200)
        self.assertEqual(answer.json, {"status": "ok"})


class HostTests(HttpCase):
    """The UDP host that a client is told is the one that it used for HTTP."""

    def udp(self, host: str | bytes, version: bytes = b"1.1") -> tuple[str, int]:
        raw = host if isinstance(host, bytes) else host.encode()
        line = b"Host: " + raw + b"\r\n" if raw else b""
        written = self.server.raw(b"GET /info HTTP/" + version + b"\r\n" + line + b"\r\n")
        (answer,) = answers(written)
        self.assertJSON(answer, 200)
        return answer.json["udp"]["host"], answer.json["udp"]["port"]

    def test_a_name_is_told_without_its_port(self) -> None:
        self.assertEqual(self.udp("game.example:8080"), ("game.example", UDP_PORT))
        self.assertEqual(self.udp("game.example"), ("game.example", UDP_PORT))

    def test_an_ipv4_address_is_told_without_its_port(self) -> None:
        self.assertEqual(self.udp("203.0.113.9:8080")[0], "203.0.113.9")

    def test_an_ipv6_address_is_told_without_brackets_and_port(self) -> None:
        self.assertEqual(self.udp("[2001:db8::1]:8080")[0], "2001:db8::1")
        self.assertEqual(self.udp("[2001:db8::1]")[0], "2001:db8::1")

    def test_without_a_host_header_it_is_the_address_that_was_reached(self) -> None:
        self.assertEqual(self.udp("")[0], "192.0.2.1")
        self.assertEqual(self.udp("", b"1.0")[0], "192.0.2.1")

    def test_what_can_be_no_host_is_not_told(self) -> None:
        for garbage in (
            b":8080",
            b"::1",
            b"[",
            b"[]",
            b"[]:80",
            b"[nonsense]:80",
            b"a b",
            b"<script>",
            b"\xff\xfe",
            b"caf\xc3\xa9",
            b"a/b",
            b"user@host",
            b"a" * 300,
        ):
            self.assertEqual(self.udp(garbage)[0], "192.0.2.1", garbage)

    def test_odd_names_are_told_without_a_mistake(self) -> None:
        """Klein and Werkzeug parse the header too, and refuse some names with an exception."""
        for name in ("a..b", "a" * 64, "-", ".", "xn--a", "1.2.3.4.5"):
            self.assertEqual(self.udp(name)[0], name)

    def test_every_route_bears_an_odd_host(self) -> None:
        for host in (b"\xff", b"a..b", b"[", b"a" * 64):
            answer = self.server.request("POST", "/lobbies/TEST/join", headers={"Host": host})
            self.assertJSON(answer, 201)

    def test_the_ticket_tells_the_same(self) -> None:
        headers: dict[str, str | bytes] = {"Host": "[2001:db8::1]:8080"}
        answer = self.server.request("POST", "/lobbies/TEST/join", headers=headers)
        self.assertEqual(answer.json["ticket"]["udp"], {"host": "2001:db8::1", "port": UDP_PORT})

    def test_an_advertised_host_wins(self) -> None:
        self.server = HttpServer(advertise_host="play.example")
        self.assertEqual(self.udp("game.example:8080"), ("play.example", UDP_PORT))

    def test_an_advertised_port_wins(self) -> None:
        self.server = HttpServer(advertise_port="40000")
        self.assertEqual(self.udp("game.example"), ("game.example", 40000))

    def test_tickets_tell_what_is_advertised(self) -> None:
        self.server = HttpServer(advertise_host="[2001:db8::2]", advertise_port="40000")
        self.create(code="ABCD")
        udp = self.join("ABCD")["ticket"]["udp"]
        self.assertEqual(udp, {"host": "2001:db8::2", "port": 40000})


class RoutingTests(HttpCase):
    def test_a_wrong_method_is_405_with_those_that_fit(self) -> None:
        for path, wrong, allowed in (
            ("/lobbies", "PUT PATCH DELETE OPTIONS", "GET, HEAD, POST"),
            ("/lobbies/TEST", "POST PUT OPTIONS", "DELETE, GET, HEAD, PATCH"),
            ("/lobbies/TEST/join", "GET PUT DELETE", "POST"),
            ("/lobbies/TEST/players/1", "GET PUT POST DELETE", "PATCH"),
            ("/quickjoin", "GET PUT DELETE", "POST"),
            ("/info", "POST PUT DELETE BREW", "GET, HEAD"),
            ("/healthz", "POST PUT DELETE", "GET, HEAD"),
        ):
            for method in wrong.split():
                answer = self.server.request(method, path)
                self.assertEqual(answer.headers["allow"], allowed, (method, path))
                if method != "HEAD":
                    self.assertProblem(answer, 405, "method_not_allowed", allowed)

    def test_an_unknown_path_is_404(self) -> None:
        for path in (
            "/",
            "/nothing",
            "/lobbies/",
            "/lobbies/TEST/",
            "/lobbies/TEST/kick",
            "/info/",
            "/lobbies/TEST/players/me/kick",
            "/lobbies/TEST/players/-1/kick",
        ):
            self.assertProblem(self.server.get(path), 404, "not_found")

    def test_slashes_too_many_are_404(self) -> None:
        for path in ("/lobbies//TEST", "/lobbies/TE%2FST"):
            self.assertProblem(self.server.get(path), 404, "not_found")
        self.assertProblem(self.server.post("/lobbies/TEST//join"), 404, "not_found")

    def test_a_path_that_is_not_utf8_is_404(self) -> None:
        for path in ("/lobbies/%ff", "/%c3%28", "/lobbies/%ed%a0%80/join", "/%ff?a=%ff"):
            self.assertProblem(self.server.get(path), 404, "not_found")

    def test_a_target_that_is_no_path_is_404(self) -> None:
        for target in ("*", "Xinfo", "game.example:80", "http://game.example/info"):
            self.assertProblem(self.server.get(target), 404, "not_found")

    def test_a_method_that_is_no_token_is_refused(self) -> None:
        """By Twisted with 400 where it looks, and by us with 405 where it is an old one."""
        for method in (b"\xff", b"G\x00T", b"(x)", b"\xc3\xa9"):
            written = self.server.raw(method + b" /info HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(answers(written)[0].status, (400, 405))

    def test_bytes_that_are_no_http_are_400(self) -> None:
        for garbage in (b"\0\1\2\r\n\r\n", b"hello\r\n\r\n", b"\x16\x03\x01\r\n\r\n"):
            self.assertEqual(answers(self.server.raw(garbage))[0].status, 400)


class HeadTests(HttpCase):
    def test_it_is_get_without_a_body(self) -> None:
        for path in ("/info", "/healthz", "/lobbies/TEST"):
            got, head = self.server.get(path), self.server.request("HEAD", path)
            self.assertEqual((head.status, head.body), (200, b""))
            self.assertEqual(head.headers["content-length"], str(len(got.body)))

    def test_a_refusal_has_no_body_either(self) -> None:
        for path in ("/lobbies/WXYZ", "/nothing", "/%ff"):
            head = self.server.request("HEAD", path)
            self.assertEqual((head.status, head.body), (404, b""))


class BodyTests(HttpCase):
    def post(self, body: bytes, **headers: str | bytes) -> Answer:
        fields = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.server.request("POST", "/lobbies", body, fields)

    def test_malformed_json_is_400_with_the_place(self) -> None:
        self.assertProblem(self.post(b'{"name": }'), 400, "invalid_json", "column 10")

    def test_what_is_nearly_json_is_400(self) -> None:
        for body in (b"{", b"}", b"{'name': 1}", b'{"a":1,}', b"{} {}", b"// x\n{}", b'"', b"tru"):
            self.assertProblem(self.post(body), 400, "invalid_json")

    def test_spaces_alone_are_400(self) -> None:
        self.assertProblem(self.post(b"  \r\n"), 400, "invalid_json")

    def test_invalid_utf8_is_400(self) -> None:
        for body in (b'{"name": "\xff"}', b"\xff\xfe{\0}\0", b'{"name": "\xed\xa0\x80"}'):
            self.assertProblem(self.post(body), 400, "invalid_json")

    def test_a_byte_order_mark_is_400(self) -> None:
        self.assertProblem(self.post(b"\xef\xbb\xbf{}"), 400, "invalid_json")

    def test_nan_and_infinity_are_400(self) -> None:
        for word in (b"NaN", b"Infinity", b"-Infinity"):
            answer = self.post(b'{"max_players": ' + word + b"}")
            self.assertProblem(answer, 400, "invalid_json", f"{word.decode()} is not JSON")

    def test_a_float_too_large_is_400(self) -> None:
        answer = self.post(b'{"max_players": 1e999}')
        self.assertProblem(answer, 400, "invalid_request", "max_players")

    def test_a_large_whole_number_is_400(self) -> None:
        answer = self.post(b'{"max_players": 100000000000000000000}')
        self.assertProblem(answer, 400, "invalid_request", "max_players")

    def test_a_number_of_thousands_of_digits_is_400_without_talk_of_python(self) -> None:
        answer = self.post(b'{"max_players": ' + b"9" * 10_000 + b"}")
        self.assertProblem(answer, 400, "invalid_json", "digits")
        self.assertNotIn("sys.", answer.json["detail"])

    def test_deep_nesting_is_400(self) -> None:
        for body in (b"[" * 16_000, b'{"a":' * 3_000, b"[" * 8_000 + b"]" * 8_000):
            answer = self.post(body)
            self.assertProblem(answer, 400, answer.json["code"])
            self.assertIn(answer.json["code"], ("invalid_json", "invalid_request"))

    def test_of_two_equal_keys_the_last_counts(self) -> None:
        answer = self.post(b'{"name": "First", "name": "Last"}')
        self.assertEqual(answer.json["lobby"]["name"], "Last")

    def test_escaped_and_plain_keys_are_equal(self) -> None:
        answer = self.post(b'{"n\\u0061me": "Arena"}')
        self.assertEqual(answer.json["lobby"]["name"], "Arena")

    def test_a_lone_surrogate_is_400_in_values_and_in_keys(self) -> None:
        self.assertProblem(self.post(b'{"name": "\\ud800"}'), 400, "invalid_request", "name: ")
        self.assertProblem(self.post(b'{"\\ud800": 1}'), 400, "invalid_request", "unknown field")

    def test_a_content_type_may_have_parameters_and_any_case(self) -> None:
        answer = self.post(b"{}", Content_Type="Application/JSON; charset=utf-8")
        self.assertJSON(answer, 201)

    def test_another_content_type_is_415(self) -> None:
        for kind in ("text/plain", "application/jsonx", "application/problem+json", ";", b"\xff"):
            answer = self.post(b"{}", Content_Type=kind)
            self.assertProblem(answer, 415, "unsupported_media_type", "application/json")

    def test_none_at_all_is_415(self) -> None:
        self.assertProblem(self.post(b"{}", Content_Type=""), 415, "unsupported_media_type")

    def test_a_form_is_415_whether_it_is_well_formed_or_not(self) -> None:
        """Twisted parses forms by itself, and answers a bad one without a document."""
        good = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--\r\n'
        for kind, body in (
            ("application/x-www-form-urlencoded", b"name=Arena"),
            ("multipart/form-data; boundary=x", good),
            ("multipart/form-data; boundary=x", b"garbage"),
            ("multipart/form-data", b"garbage"),
            (b"multipart/form-data; boundary=\xff", b"garbage"),
            ("multipart/form-data; boundary=x", b"--x\r\nContent-Disp: x\r\n\r\n\r\n--x--"),
        ):
            answer = self.post(body, Content_Type=kind)
            self.assertProblem(answer, 415, "unsupported_media_type")

    def test_a_chunked_body_is_read(self) -> None:
        written = self.server.raw(
            b"POST /lobbies HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n",
            b'8\r\n{"name":\r\n',
            b'8\r\n"Arena"}\r\n0\r\n\r\n',
        )
        self.assertEqual(answers(written)[0].json["lobby"]["name"], "Arena")

    def test_a_body_in_single_bytes_is_read(self) -> None:
        request = (
            b"POST /lobbies HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
            b'Content-Length: 16\r\n\r\n{"name":"Arena"}'
        )
        written = self.server.raw(*(bytes([byte]) for byte in request))
        self.assertEqual(answers(written)[0].json["lobby"]["name"], "Arena")

    def test_a_body_where_none_is_asked_for_does_not_matter(self) -> None:
        self.assertJSON(self.server.request("GET", "/info", b"garbage"), 200)

    def test_two_requests_on_one_connection_have_two_answers(self) -> None:
        get = b"GET /lobbies/TEST HTTP/1.1\r\nHost: a\r\n\r\n"
        bad = b"GET /%ff HTTP/1.1\r\nHost: a\r\n\r\n"
        statuses = [answer.status for answer in answers(self.server.raw(get + bad + get))]
        self.assertEqual(statuses, [200, 404, 200])


class LargeBodyTests(HttpCase):
    """Over 16 KiB is 413, whatever the client announced, and nothing goes to disk."""

    def setUp(self) -> None:
        super().setUp()
        self.files: list[Any] = []
        for name in ("TemporaryFile", "NamedTemporaryFile", "SpooledTemporaryFile", "mkstemp"):
            self.patch(tempfile, name, self.make_file)

    def make_file(self, *args: Any, **more: Any) -> BytesIO:
        """In place of a temporary file."""
        self.files.append(args)
        return BytesIO()

    def tearDown(self) -> None:
        self.assertEqual(self.files, [])

    def head(self, *lines: bytes) -> bytes:
        fixed = (b"POST /lobbies HTTP/1.1", b"Host: a", b"Content-Type: application/json")
        return b"\r\n".join((*fixed, *lines)) + b"\r\n\r\n"

    def chunk(self, size: int) -> bytes:
        return b"%x\r\n" % size + b" " * size + b"\r\n"

    def the(self, written: bytes) -> Answer:
        (only,) = answers(written)
        return only

    def test_16_kib_fit(self) -> None:
        body = b'{"name": "Arena"}'.ljust(MAX_BODY)
        self.assertEqual(MAX_BODY, 16 * 1024)
        self.assertJSON(self.server.request("POST", "/lobbies", body), 201)

    def test_one_byte_more_is_413(self) -> None:
        body = b"{}".ljust(MAX_BODY + 1)
        answer = self.server.request("POST", "/lobbies", body)
        self.assertProblem(answer, 413, "body_too_large", "16 KiB")

    def test_it_is_413_on_every_path(self) -> None:
        body = b"{}".ljust(MAX_BODY + 1)
        for path in ("/lobbies/TEST/join", "/info", "/nothing", "/%ff"):
            self.assertProblem(self.server.request("POST", path, body), 413, "body_too_large")

    def test_the_connection_can_be_used_again_after_it(self) -> None:
        large = self.head(b"Content-Length: 20000") + b" " * 20000
        get = b"GET /info HTTP/1.1\r\nHost: a\r\n\r\n"
        statuses = [answer.status for answer in answers(self.server.raw(large, get))]
        self.assertEqual(statuses, [413, 200])

    def test_100_kb_are_413(self) -> None:
        """Twisted spools from there on."""
        body = b"{}".ljust(200_000)
        self.assertProblem(self.server.request("POST", "/lobbies", body), 413, "body_too_large")

    def test_chunks_are_counted(self) -> None:
        head = self.head(b"Transfer-Encoding: chunked")
        fits = b"2\r\n{}\r\n" + self.chunk(MAX_BODY - 2) + b"0\r\n\r\n"
        self.assertJSON(self.the(self.server.raw(head + fits)), 201)
        large = b"2\r\n{}\r\n" + self.chunk(MAX_BODY - 1) + b"0\r\n\r\n"
        self.assertProblem(self.the(self.server.raw(head + large)), 413, "body_too_large")

    def test_a_long_announcement_is_answered_before_the_body_comes(self) -> None:
        connection = self.server.connect()
        connection.send(self.head(b"Content-Length: %d" % (MAX_DISCARDED + 1)))
        answer = self.the(connection.written)
        self.assertProblem(answer, 413, "body_too_large")
        self.assertEqual(answer.headers["connection"], "close")
        self.assertTrue(connection.closed)

    def test_a_long_body_is_answered_once_when_it_comes_at_once(self) -> None:
        head = self.head(b"Content-Length: 2000000")
        answer = self.the(self.server.raw(head + b" " * 2_000_000))
        self.assertProblem(answer, 413, "body_too_large")

    def test_chunks_without_an_end_are_cut_off(self) -> None:
        connection = self.server.connect()
        connection.send(self.head(b"Transfer-Encoding: chunked"))
        sent = 0
        while not connection.closed:
            connection.send(self.chunk(60_000))
            sent += 60_000
            self.assertLess(sent, MAX_DISCARDED + 120_000)
        self.assertProblem(self.the(connection.written), 413, "body_too_large")

    def test_one_chunk_of_2_mb_with_its_end_is_answered_once(self) -> None:
        head = self.head(b"Transfer-Encoding: chunked")
        written = self.server.raw(head + self.chunk(2_000_000) + b"0\r\n\r\n")
        self.assertProblem(self.the(written), 413, "body_too_large")

    def test_what_is_thrown_away_is_not_kept(self) -> None:
        connection = self.server.connect()
        connection.send(self.head(b"Content-Length: 1000000"))
        for _ in range(10):
            connection.send(b" " * 60_000)
        self.assertEqual(connection.kept, MAX_BODY // 60_000 * 60_000)


class MistakeTests(HttpCase):
    """A mistake of our own: the log has all of it, the caller a code."""

    def break_operation(self, name: str) -> None:
        async def broken(self: Any, *args: Any) -> None:
            raise ZeroDivisionError("a private matter")

        self.patch(LobbyOperations, name, broken)

    def assertMistake(self, answer: Answer) -> None:
        self.assertProblem(answer, 500, "internal_error")
        self.assertNotIn(b"private", answer.body)
        self.assertNotIn(b"ZeroDivision", answer.body)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)

    def test_in_a_get(self) -> None:
        self.break_operation("find")
        self.assertMistake(self.server.get("/lobbies/TEST"))

    def test_in_a_post(self) -> None:
        self.break_operation("create")
        self.assertMistake(self.server.post("/lobbies", {}))

    def test_in_a_delete(self) -> None:
        self.break_operation("delete")
        self.assertMistake(self.server.delete("/lobbies/TEST"))

    def test_in_what_is_not_awaited(self) -> None:
        def broken() -> float:
            raise ZeroDivisionError

        self.server.api._clock = broken
        self.assertMistake(self.server.get("/info"))

    def test_the_next_request_is_answered(self) -> None:
        self.break_operation("create")
        self.server.post("/lobbies", {})
        self.flushLoggedErrors(ZeroDivisionError)
        self.assertJSON(self.server.get("/info"), 200)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["code", "name", "max_players"]) | st.text(max_size=8),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda content: json.dumps(content).encode())
POST_PATHS = st.sampled_from(["/lobbies", "/lobbies/TEST/join", "/lobbies/WXYZ/join"])
PATHS = st.one_of(
    st.binary(max_size=40),
    st.text(max_size=20).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.binary(max_size=20).map(lambda raw: b"".join(b"%%%02x" % byte for byte in raw)),
    st.lists(
        st.sampled_from([b"lobbies", b"TEST", b"join", b"", b"..", b"%2f", b"%ff", b"info"])
    ).map(b"/".join),
).map(lambda path: b"/" + path)
METHODS = st.sampled_from(["GET", "POST", "DELETE", "HEAD", "PUT", "OPTIONS"])


class AnyInputTests(SynchronousTestCase):
    """Whatever a caller sends: an answer below 500, and nothing in the log."""

    def setUp(self) -> None:
        self.server = HttpServer(max_lobbies=1_000_000, max_per_address=1_000_000, rate_limit="off")
        self.server.open_test_lobby()

    def assertBelow500(self, written: bytes) -> None:
        status = int(written.split(b" ", 2)[1])
        self.assertTrue(200 <= status < 500, written)
        self.assertEqual(self.flushLoggedErrors(), [])

    @given(POST_PATHS, BODIES)
    @example("/lobbies", b'{"name":"\\ud800"}')
    @example("/lobbies", b"-" + b"1" * 5000)
    def test_any_body(self, path: str, body: bytes) -> None:
        head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        length = f"Content-Length: {len(body)}\r\n\r\n"
        self.assertBelow500(self.server.raw(head.encode() + length.encode() + body))

    @given(POST_PATHS, JSON)
    def test_any_json_is_taken_or_refused_with_a_document(self, path: str, content: Any) -> None:
        answer = self.server.request("POST", path, json.dumps(content).encode())
        if answer.status != 201:
            self.assertIn(answer.json["code"], PROBLEMS)
            self.assertEqual(PROBLEMS[answer.json["code"]].status, answer.status)
        self.assertEqual(self.flushLoggedErrors(), [])

    @given(METHODS, PATHS)
    @example("GET", b"/lobbies/%ff")
    @example("GET", b"//")
    def test_any_path(self, method: str, path: bytes) -> None:
        request = method.encode() + b" " + path + b" HTTP/1.1\r\nHost: a\r\n\r\n"
        written = self.server.raw(request)
        # a line break in the path leaves a request that is not complete
        if written:
            self.assertBelow500(written)

    @given(st.binary(max_size=60))
    @example(b"a..b")
    @example(b"\xff")
    @example(b"[")
    def test_any_host(self, host: bytes) -> None:
        written = self.server.raw(b"GET /info HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        if written:
            self.assertBelow500(written)

    @given(st.binary(max_size=60))
    def test_any_authorization(self, value: bytes) -> None:
        head = b"DELETE /lobbies/TEST HTTP/1.1\r\nHost: a\r\nAuthorization: " + value
        written = self.server.raw(head + b"\r\n\r\n")
        if written:
            self.assertBelow500(written)

    @given(st.binary(max_size=60))
    def test_any_content_type(self, value: bytes) -> None:
        head = b"POST /lobbies HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Type: " + value
        written = self.server.raw(head + b"\r\n\r\n{}")
        if written:
            self.assertBelow500(written)

    @given(st.binary(max_size=200))
    def test_any_bytes(self, raw: bytes) -> None:
        written = self.server.raw(raw)
        if written:
            self.assertBelow500(written)
