"""Event streams over the real HTTP channel, in memory and in virtual time."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.http import outlet, streams
from lobbyd.http.streams import HEARTBEAT, LIST_EVERY, PUMP
from lobbyd.lobby import feeds
from lobbyd.lobby.model import RING

from .http_memory import Answer, Connection, HttpServer
from .sse import ChunkReader, EventReader

LIST = "/lobbies/events"
LIST_TIME = PUMP * LIST_EVERY


class Stream(EventReader):
    """A reader of an event stream on a connection of its own."""

    def __init__(self, connection: Connection, path: str, **fields: str) -> None:
        super().__init__()
        self.connection = connection
        self.chunks = ChunkReader()
        names = {"Host": "a", **{name.replace("_", "-"): value for name, value in fields.items()}}
        head = "".join(f"{name}: {value}\r\n" for name, value in names.items())
        connection.send(f"GET {path} HTTP/1.1\r\n{head}\r\n".encode())
        head_bytes, _, self._body = connection.read().partition(b"\r\n\r\n")
        lines = head_bytes.decode().split("\r\n")
        self.status = int(lines[0].split(" ")[1]) if head_bytes else 0
        pairs = (line.partition(": ") for line in lines[1:])
        self.headers = {name.lower(): value for name, _, value in pairs}

    def read(self) -> list[str]:
        """Names of the events that came since the last call."""
        before = len(self.events)
        self.feed(self.chunks.feed(self._body + self.connection.read()))
        self._body = b""
        return self.names()[before:]

    @property
    def ended(self) -> bool:
        """Whether the server ended the response in order."""
        self.read()
        return self.chunks.done


class StreamCase(SynchronousTestCase):
    settings: dict[str, Any] = {}

    def setUp(self) -> None:
        self.server = HttpServer(**self.settings)
        self.api = self.server.api
        self.api.streams.start(self.server.reactor)

    def advance(self, seconds: float = PUMP) -> None:
        """Let time pass, in the steps of the pump."""
        for _ in range(round(seconds / PUMP)):
            self.server.now += PUMP
            self.server.reactor.advance(PUMP)

    def open(self, path: str = LIST, token: str | None = None, **fields: str) -> Stream:
        if token is not None:
            fields["Authorization"] = f"Bearer {token}"
        stream = Stream(self.server.connect(), path, **fields)
        self.server.reactor.advance(0)
        return stream

    def refusal(self, path: str, **fields: Any) -> Answer:
        return self.server.request("GET", path, headers=fields)

    def create(self, **wanted: Any) -> Any:
        answer = self.server.post("/lobbies", wanted)
        self.assertEqual(answer.status, 201, answer.body)
        return answer.json

    def member(self, code: str = "ABCD", **player: Any) -> str:
        """A new member's token; the lobby is made where it is not there."""
        if code not in self.server.lobbies.by_code:
            self.create(code=code)
        answer = self.server.post(f"/lobbies/{code}/join", player)
        self.assertEqual(answer.status, 201, answer.body)
        token: str = answer.json["player_token"]
        return token

    def say(self, token: str, *texts: str) -> None:
        for text in texts:
            answer = self.server.post("/lobbies/ABCD/chat", {"text": text}, token)
            self.assertEqual(answer.status, 204, answer.body)
            # the limits of chat are not what is tested
            self.server.now += 10


class ListStreamTests(StreamCase):
    def test_it_begins_with_the_list(self) -> None:
        self.create(code="AAAA")
        self.create(code="BBBB")
        stream = self.open()
        self.assertEqual(stream.status, 200)
        self.assertEqual(stream.headers["content-type"], "text/event-stream")
        self.assertEqual(stream.headers["cache-control"], "no-store")
        self.assertEqual(stream.read(), ["lobby", "lobby", "ready"])
        self.assertEqual(stream.retry, 3000)
        self.assertEqual({e.data["code"] for e in stream.events[:2]}, {"AAAA", "BBBB"})

    def test_a_lobby_is_told_as_the_list_tells_it(self) -> None:
        stream = self.open()
        self.create(code="ABCD", metadata={"map": "x"})
        self.advance(LIST_TIME)
        listed = self.server.get("/lobbies").json["lobbies"]
        self.assertEqual(stream.read(), ["ready", "lobby"])
        self.assertEqual(stream.events[-1].data, listed[0])

    def test_a_lobby_appears_fills_and_vanishes(self) -> None:
        stream = self.open()
        owner = self.create(code="ABCD", max_players=1)["owner_token"]
        self.advance(LIST_TIME)
        host = self.member()
        self.advance(LIST_TIME)
        self.server.post("/lobbies/ABCD/leave", None, host)
        self.advance(LIST_TIME)
        self.server.delete("/lobbies/ABCD", owner)
        self.advance(LIST_TIME)
        self.assertEqual(stream.read(), ["ready", "lobby", "lobby", "lobby", "gone"])
        counts = [event.data["member_count"] for event in stream.events[1:4]]
        self.assertEqual(counts, [0, 1, 0])
        self.assertEqual(stream.events[-1].data, {"code": "ABCD"})

    def test_ids_rise(self) -> None:
        stream = self.open()
        for _ in range(5):
            self.create()
        self.advance(LIST_TIME)
        stream.read()
        ids = [int(event.id) for event in stream.events]
        self.assertEqual(len(ids), 6)
        self.assertEqual(ids, sorted(set(ids)))

    def test_a_lobby_is_told_twice_a_second_at_most(self) -> None:
        stream = self.open()
        token = self.member()
        for number in range(30):
            self.server.request(
                "PATCH",
                "/lobbies/ABCD",
                b'{"name": "%d"}' % number,
                {"Authorization": f"Bearer {token}"},
            )
            self.advance(PUMP)
        names = stream.read()
        self.assertEqual(names.count("lobby"), 30 * PUMP // LIST_TIME)
        self.assertEqual(stream.events[-1].data["name"], "29")

    def test_filters(self) -> None:
        stream = self.open(LIST + "?game=chess&free_slots=1&meta.map=x")
        self.create(code="AAAA", game="chess", metadata={"map": "x"})
        self.create(code="BBBB", game="chess")
        self.create(code="CCCC", game="go", metadata={"map": "x"})
        self.advance(LIST_TIME)
        stream.read()
        codes = [event.data["code"] for event in stream.events if event.name == "lobby"]
        self.assertEqual(codes, ["AAAA"])

    def test_the_first_page_is_bounded_and_later_changes_are_not(self) -> None:
        for _ in range(120):
            self.server.now += 10
            self.create()
        stream = self.open()
        for _ in range(20):
            self.server.reactor.advance(0)
        self.assertEqual(stream.read(), ["lobby"] * 100 + ["ready"])
        shown = {event.data["code"] for event in stream.events[:100]}
        (other, *_) = set(self.server.lobbies.by_code) - shown
        self.member(other)
        self.advance(LIST_TIME)
        stream.read()
        told = [event.data["code"] for event in stream.events[101:]]
        self.assertIn(other, told)

    def test_private_lobbies_leave_no_trace(self) -> None:
        stream = self.open()
        made = self.create(visibility="private")
        self.advance(LIST_TIME)
        self.server.delete(f"/lobbies/{made['lobby']['code']}", made["owner_token"])
        self.advance(LIST_TIME)
        self.assertEqual(stream.read(), ["ready"])

    def test_pages_and_sorts_are_refused(self) -> None:
        for name, value in (("limit", "5"), ("sort", "newest"), ("cursor", "x"), ("token", "x")):
            answer = self.refusal(f"{LIST}?{name}={value}")
            self.assertEqual((answer.status, answer.json["code"]), (400, "invalid_request"))
            self.assertIn(name, answer.json["detail"])

    def test_more_shown_than_are_kept_ends_the_stream(self) -> None:
        self.patch(feeds, "MOST_SHOWN", 3)
        stream = self.open()
        for _ in range(4):
            self.create()
        self.advance(LIST_TIME)
        self.assertTrue(stream.ended)
        self.assertEqual(stream.names().count("lobby"), 4)

    def test_after_its_end_the_connection_serves_on(self) -> None:
        stream = self.open()
        stream.connection.send(b"GET /healthz HTTP/1.1\r\n\r\n")
        self.assertNotIn(b"HTTP/1.1", stream.connection.written)
        self.api.streams.stop()
        ended, _, answer = stream.connection.read().partition(b"HTTP/1.1 ")
        self.assertTrue(ended.endswith(b"0\r\n\r\n"), ended)
        self.assertTrue(answer.startswith(b"200 "), answer)
        self.assertFalse(stream.connection.closed)


class MemberStreamTests(StreamCase):
    path = "/lobbies/ABCD/events"

    def test_it_begins_with_the_state(self) -> None:
        token = self.member(name="Ann")
        stream = self.open(self.path, token)
        self.assertEqual(stream.read(), ["state"])
        told = self.server.request(
            "GET", "/lobbies/ABCD", headers={"Authorization": f"Bearer {token}"}
        )
        self.assertEqual(stream.events[0].data, told.json["lobby"])
        self.assertEqual(stream.events[0].id, str(told.json["lobby"]["rev"]))

    def test_each_change_is_an_event_with_its_revision(self) -> None:
        token = self.member(name="Ann")
        stream = self.open(self.path, token)
        lobby = self.server.lobbies.by_code["ABCD"]
        ann = next(lobby.members())
        self.server.lobbies.connect(lobby, ann, self.server.now)
        self.say(token, "hello")
        self.server.lobbies.silent(lobby, ann, self.server.now)
        self.server.lobbies.connect(lobby, ann, self.server.now)
        self.advance()
        self.assertEqual(stream.read(), ["state", "player_joined", "chat", "away", "back"])
        revs = [event.data["rev"] for event in stream.events]
        self.assertEqual([event.id for event in stream.events], [str(rev) for rev in revs])
        self.assertEqual(revs, list(range(lobby.rev - 4, lobby.rev + 1)))
        self.assertEqual(stream.events[2].data["text"], "hello")

    def test_it_goes_on_where_it_was(self) -> None:
        """Nothing is lost between two connections, nothing comes twice."""
        token = self.member()
        first = self.open(self.path, token)
        self.say(token, "1", "2")
        self.advance()
        first.read()
        first.connection.lose()
        self.say(token, "3", "4")
        second = self.open(self.path, token, Last_Event_ID=first.last_id)
        self.assertEqual(second.read(), ["chat", "chat"])
        self.say(token, "5")
        self.advance()
        second.read()
        texts = [e.data["text"] for e in first.events + second.events if e.name == "chat"]
        self.assertEqual(texts, ["1", "2", "3", "4", "5"])

    def test_a_reader_that_is_up_to_date_gets_nothing(self) -> None:
        token = self.member()
        first = self.open(self.path, token)
        first.read()
        second = self.open(self.path, token, Last_Event_ID=first.last_id)
        self.advance(1)
        self.assertEqual(second.read(), [])

    def test_a_cursor_that_is_too_old_gets_the_state(self) -> None:
        token = self.member()
        self.say(token, "1")
        self.say(token, *("x" * (RING + 1)))
        lobby = self.server.lobbies.by_code["ABCD"]
        for cursor in ("1", str(lobby.rev + 1), "nonsense", "-1", "99999999999999999999", "1.0"):
            stream = self.open(self.path, token, Last_Event_ID=cursor)
            self.assertEqual(stream.read(), ["state"], cursor)
            self.assertEqual(stream.last_id, str(lobby.rev))
            stream.connection.lose()

    def test_a_reader_that_fell_behind_the_ring_gets_the_state(self) -> None:
        token = self.member()
        stream = self.open(self.path, token)
        stream.read()
        self.say(token, *("x" * (RING + 1)))
        self.advance()
        self.assertEqual(stream.read(), ["state"])

    def test_it_ends_after_closed(self) -> None:
        token = self.member()
        stream = self.open(self.path, token)
        self.server.delete("/lobbies/ABCD", token)
        self.advance()
        self.assertEqual(stream.read(), ["state", "closed"])
        self.assertEqual(stream.events[-1].data["reason"], "closed")
        self.assertTrue(stream.ended)
        self.assertFalse(stream.connection.closed, "the connection may serve another request")

    def test_it_ends_with_the_seat(self) -> None:
        host, guest = self.member(), self.member()
        lobby = self.server.lobbies.by_code["ABCD"]
        for player in list(lobby.members()):
            self.server.lobbies.connect(lobby, player, self.server.now)
        mine, other = self.open(self.path, guest), self.open(self.path, host)
        self.server.post("/lobbies/ABCD/players/2/kick", {"reason": "rude"}, host)
        self.advance()
        self.assertEqual(mine.read(), ["state", "player_left"])
        self.assertEqual(mine.events[-1].data["reason"], "kicked")
        self.assertTrue(mine.ended)
        self.assertEqual(other.read(), ["state", "player_left"])
        self.assertFalse(other.ended)

    def test_it_ends_with_a_seat_that_nobody_heard_of(self) -> None:
        self.member()
        guest = self.member()
        stream = self.open(self.path, guest)
        self.server.post("/lobbies/ABCD/leave", None, guest)
        self.advance()
        self.assertEqual(stream.read(), ["state"])
        self.assertTrue(stream.ended)

    def test_a_change_is_made_once_for_all_members(self) -> None:
        tokens = [self.member(name=f"P{n}") for n in range(4)]
        opened = [self.open(self.path, token) for token in tokens]
        made: list[int] = []

        def make(rev: int, change: Any) -> bytes:
            made.append(rev)
            return feeds.change_event(rev, change)

        self.patch(streams, "change_event", make)
        self.say(tokens[0], "hello")
        self.advance()
        self.assertEqual([stream.read() for stream in opened], [["state", "chat"]] * 4)
        self.assertEqual(len(made), 1)

    def test_who_may_not_watch(self) -> None:
        token = self.member()
        other = self.member("WXYZ")
        owner = self.create()["owner_token"]
        self.server.post("/lobbies/ABCD/leave", None, self.member())
        for headers, status, code in (
            ({}, 401, "token_required"),
            ({"Authorization": f"Bearer {other}"}, 401, "token_invalid"),
            ({"Authorization": f"Bearer {owner}"}, 401, "token_invalid"),
            ({"Authorization": f"Bearer {token[:-4]}AAAA"}, 401, "token_invalid"),
        ):
            answer = self.refusal(self.path, **headers)
            self.assertEqual((answer.status, answer.json["code"]), (status, code))
        answer = self.refusal("/lobbies/ZZZZ/events", Authorization=f"Bearer {token}")
        self.assertEqual((answer.status, answer.json["code"]), (404, "lobby_not_found"))

    def test_a_token_in_the_address_is_refused(self) -> None:
        """Addresses end up in logs."""
        token = self.member()
        answer = self.refusal(f"{self.path}?token={token}")
        self.assertEqual(answer.status, 401)
        answer = self.refusal(f"{self.path}?token={token}", Authorization=f"Bearer {token}")
        self.assertEqual((answer.status, answer.json["code"]), (400, "invalid_request"))


class LifeTests(StreamCase):
    def test_a_quiet_stream_shows_that_it_is_alive(self) -> None:
        stream = self.open()
        self.advance(HEARTBEAT - 1)
        stream.read()
        self.assertEqual(stream.comments, 0)
        self.advance(HEARTBEAT * 3 + 2)
        stream.read()
        self.assertEqual((stream.comments, stream.names()), (4, ["ready"]))

    def test_an_open_stream_has_no_deadline(self) -> None:
        stream = self.open()
        self.advance(120)
        self.assertFalse(stream.connection.closed)
        self.create()
        self.advance(LIST_TIME)
        self.assertEqual(stream.read()[-1], "lobby")

    def test_streams_of_one_address(self) -> None:
        opened = [self.open() for _ in range(streams.MAX_STREAMS_OF_ONE)]
        refused = self.refusal(LIST)
        self.assertEqual((refused.status, refused.json["code"]), (429, "rate_limited"))
        self.assertIn("retry-after", refused.headers)
        other = Stream(self.server.connect("198.51.100.99"), LIST)
        self.assertEqual(other.status, 200)
        opened[0].connection.lose()
        self.assertEqual(self.open().status, 200)

    def test_streams_in_all(self) -> None:
        self.patch(streams, "MAX_STREAMS", 2)
        opened = [self.open() for _ in range(2)]
        refused = self.refusal(LIST)
        self.assertEqual((refused.status, refused.json["code"]), (503, "server_busy"))
        opened[0].connection.lose()
        self.assertEqual(self.open().status, 200)

    def test_different_filters_in_all(self) -> None:
        self.patch(streams, "MAX_FILTERS", 2)
        first = self.open(LIST + "?game=a")
        self.open(LIST + "?game=b")
        refused = self.refusal(LIST + "?game=c")
        self.assertEqual((refused.status, refused.json["code"]), (503, "server_busy"))
        self.assertEqual(self.open(LIST + "?game=b").status, 200)
        first.connection.lose()
        self.assertEqual(self.open(LIST + "?game=c").status, 200)

    def test_nothing_is_kept_of_readers_that_went(self) -> None:
        token = self.member()
        for _ in range(3):
            for stream in (self.open(), self.open("/lobbies/ABCD/events", token)):
                stream.connection.lose()
        self.advance(HEARTBEAT + 1)
        kept = self.api.streams
        self.assertEqual((len(kept), len(kept._members), kept._feed.filters), (0, 0, 0))
        self.assertEqual((len(kept._of_address), len(kept._beats)), (0, 0))

    def test_head_tells_the_headers_and_takes_no_place(self) -> None:
        answer = self.server.request("HEAD", LIST)
        self.assertEqual((answer.status, answer.body), (200, b""))
        self.assertEqual(answer.headers["content-type"], "text/event-stream")
        self.assertEqual(len(self.api.streams), 0)

    def test_a_reader_that_pauses_gets_everything_later(self) -> None:
        stream = self.open()
        stream.read()
        stream.connection.stall()
        codes = [self.create()["lobby"]["code"] for _ in range(3)]
        self.advance(LIST_TIME)
        self.assertEqual(stream.read(), [])
        stream.connection.drain()
        stream.read()
        self.assertEqual([e.data["code"] for e in stream.events[1:]], codes)

    def test_a_reader_that_is_too_slow_is_cut_off(self) -> None:
        self.patch(outlet, "MOST_QUEUED", 5000)
        slow, quick = self.open(), self.open()
        slow.connection.stall()
        self.assertFalse(slow.connection.cut)
        while not slow.connection.cut:
            self.create()
            self.advance(LIST_TIME)
            self.assertLess(len(self.server.lobbies.by_code), 20, "it is never cut off")
        self.assertEqual(len(quick.read()) - 1, len(self.server.lobbies.by_code))
        slow.connection.lose()
        self.assertEqual(len(self.api.streams), 1)

    def test_what_waits_for_a_slow_reader_is_bounded(self) -> None:
        self.assertEqual(outlet.MOST_QUEUED, 256 * 1024)

    def test_stopping_ends_every_stream(self) -> None:
        token = self.member()
        opened = [self.open(), self.open("/lobbies/ABCD/events", token)]
        self.api.streams.stop()
        self.assertEqual([stream.ended for stream in opened], [True, True])
        self.assertEqual(len(self.api.streams), 0)

    def test_a_mistake_in_the_pump_does_not_stop_it(self) -> None:
        stream = self.open()

        def broken(most: int, now: float) -> Any:
            raise ZeroDivisionError

        feed = self.api.streams._feed
        self.patch(feed, "step", broken)
        self.create()
        self.advance(LIST_TIME)
        self.assertEqual(len(self.flushLoggedErrors(ZeroDivisionError)), 1)
        del feed.step
        self.create()
        self.advance(LIST_TIME)
        self.assertEqual(stream.read().count("lobby"), 2)

    def test_http_1_0(self) -> None:
        """No chunks: the events as they are."""
        connection = self.server.connect()
        connection.send(b"GET /lobbies/events HTTP/1.0\r\n\r\n")
        head, _, body = connection.written.partition(b"\r\n\r\n")
        reader = EventReader()
        reader.feed(body)
        self.assertNotIn(b"chunked", head)
        self.assertEqual(reader.names(), ["ready"])
        self.api.streams.stop()
        self.assertTrue(connection.closed)


class UnlimitedTests(StreamCase):
    settings = {"rate_limit": "off"}

    def test_an_address_may_have_as_many_as_it_likes(self) -> None:
        for _ in range(streams.MAX_STREAMS_OF_ONE + 1):
            self.assertEqual(self.open().status, 200)


class CorsStreamTests(StreamCase):
    settings = {"cors_origins": "https://a.example"}

    def test_a_page_may_read_it(self) -> None:
        stream = self.open(Origin="https://a.example")
        self.assertEqual(stream.headers["access-control-allow-origin"], "https://a.example")
