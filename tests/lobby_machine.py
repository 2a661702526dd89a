"""Six players do what they like to a server; what must always hold is checked after each step.

The model knows only what its players did and were told; it predicts whether a call is
granted, who must still be in, and which lobbies must be gone.
"""

from __future__ import annotations

from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lobbyd.wire.messages import ChatUp, Ready

from .http_memory import Answer
from .http_world import BAD_LINK, GOOD_LINK, HttpWorld
from .lobby_checks import check_gone, check_lists, check_records, check_seats, check_view
from .lobby_players import Membership, Person, Place

PEOPLE = 6
MOST_PLACES = 3
HOLD = 60.0
"""Seconds that a silent player's seat is held."""
FULL_CHECK = 8
"""Steps from one check of the lists to the next."""

people = st.integers(0, PEOPLE - 1)
places = st.integers(0, MOST_PLACES - 1)
starts = st.sampled_from(("host", "ready", "auto"))
seldom = st.sampled_from((False, False, False, True))


class LobbyMachine(RuleBasedStateMachine):
    """The rules are the players' deeds. ``steps`` has one count for each run."""

    steps: ClassVar[list[int]] = []

    @initialize(
        seed=st.integers(0, 2**16), crowd=st.integers(0, 5), start=starts, late=st.booleans()
    )
    def begin(self, seed: int, crowd: int, start: str, late: bool) -> None:
        """A server with one lobby, and perhaps people in it."""
        self.world = HttpWorld(seed=seed, seat_hold=HOLD)
        self.world.weather(GOOD_LINK)
        self.people = [Person(i) for i in range(PEOPLE)]
        self.places: list[Place] = []
        self.gone: list[Place] = []
        self.count = 0
        type(self).steps.append(0)
        body = {"max_players": 4, "settings": {"start": start, "late_join": late, "countdown": 1}}
        answer = self._once("/lobbies", body, self.people[0], False)
        self._found(answer, "oldest")
        for who in range(crowd):
            self.join(0, 0, spectator=who == 3, connects=True, retry=False)
        self.world.advance(0.5, 0.05)

    # -- coming --------------------------------------------------------------

    @precondition(lambda self: len(self.places) < MOST_PLACES)
    @rule(
        who=people,
        most=st.integers(1, 5),
        private=seldom,
        policy=st.sampled_from(("oldest", "oldest", "none")),
        start=starts,
        late=st.booleans(),
        auto_lock=st.booleans(),
        countdown=st.sampled_from((0, 1, 3)),
        joins=st.booleans(),
        retry=seldom,
    )
    def create(
        self,
        who: int,
        most: int,
        private: bool,
        policy: str,
        start: str,
        late: bool,
        auto_lock: bool,
        countdown: int,
        joins: bool,
        retry: bool,
    ) -> None:
        """Make a lobby, perhaps with a seat in it."""
        person = self.people[who]
        settings = {"host_migration": policy, "start": start, "late_join": late}
        settings |= {"auto_lock": auto_lock, "countdown": countdown}
        body: dict[str, Any] = {"max_players": most, "settings": settings}
        if private:
            body["visibility"] = "private"
        if joins and person.seat is None:
            body["player"] = {"name": f"P{person.index}"}
        answer = self._once("/lobbies", body, person, retry)
        assert answer.status == 201, answer.body
        place = self._found(answer, policy)
        if "ticket" in answer.json:
            self._sit(person, place, answer)

    @precondition(lambda self: self.places and self._outsiders())
    @rule(who=people, where=places, spectator=seldom, connects=st.booleans(), retry=seldom)
    def join(self, who: int, where: int, spectator: bool, connects: bool, retry: bool) -> None:
        """Join; the lobby as GET shows it foretells the answer."""
        person, place = _pick(self._outsiders(), who), _pick(self.places, where)
        lobby = self._look(place)
        expected = _verdict(lobby, place, person, spectator)
        body = {"name": f"P{person.index}", "spectator": spectator}
        answer = self._once(f"/lobbies/{place.code}/join", body, person, retry)
        assert _code(answer) in expected, f"{_code(answer)}, not {expected}"
        if answer.status == 201:
            self._sit(person, place, answer, connects=connects)

    @precondition(lambda self: self._outsiders() and len(self.places) < MOST_PLACES)
    @rule(who=people, connects=st.booleans(), retry=seldom)
    def quick_join(self, who: int, connects: bool, retry: bool) -> None:
        """A seat anywhere: in a lobby that is open, if there is one for this player."""
        person = _pick(self._outsiders(), who)
        looks = [(place, self._look(place)) for place in self.places]
        fit = {
            place.code: lobby["free_slots"]
            for place, lobby in looks
            if lobby["state"] == "open"
            and lobby["listed"]
            and lobby["free_slots"]
            and not place.unlisted(self.world.now)
            and person.index not in place.banned
        }
        answer = self._once("/quickjoin", {"player": {"name": f"P{person.index}"}}, person, retry)
        assert answer.status == 201, answer.body
        code = answer.json["lobby"]["code"]
        if fit:
            assert fit.get(code) == min(fit.values()), f"{code} is not the fullest of {fit}"
            place = next(p for p in self.places if p.code == code)
        else:
            assert code not in [p.code for p in self.places], f"{code} does not fit"
            place = self._found(answer, "oldest")
        self._sit(person, place, answer, connects=connects)

    @precondition(lambda self: self.places and self._outsiders())
    @rule(where=places, spectators=st.booleans())
    def gather(self, where: int, spectators: bool) -> None:
        """All who are outside come to one lobby, and connect."""
        for person in self._outsiders():
            watch = spectators and person.index % 2 == 0
            self.join(0, where, spectator=watch, connects=True, retry=False)
            if person.seat is None:
                return

    @precondition(lambda self: self._members())
    @rule(who=people)
    def connect(self, who: int) -> None:
        """Use the ticket, if that was not done."""
        seat = self._member(who)
        if seat.client is None:
            seat.open(self.world)

    @precondition(lambda self: self._members())
    @rule(who=people)
    def rejoin(self, who: int) -> None:
        """A new ticket for the seat, and a new connection with it."""
        seat = self._member(who)
        answer = self._call("POST", f"/lobbies/{seat.place.code}/rejoin", None, seat)
        if seat.sure(self.world.now):
            assert answer.status == 201, answer.body
        if answer.status == 201:
            player = answer.json["player"]
            assert (player["player_id"], player["slot"]) == (seat.player_id, seat.slot)
            seat.client = None
            seat.reopen(answer.json, self.world)
        else:
            assert _code(answer) in ("lobby_not_found", "token_invalid"), answer.body

    # -- going ---------------------------------------------------------------

    @precondition(lambda self: self._members())
    @rule(who=people, how=st.sampled_from(("leave", "goodbye", "forget")))
    def go(self, who: int, how: str) -> None:
        """Leave over HTTP, over UDP, or without a word."""
        seat = self._member(who)
        if how == "leave":
            sure = seat.sure(self.world.now)
            answer = self._call("POST", f"/lobbies/{seat.place.code}/leave", None, seat)
            assert answer.status == 204 or not sure, answer.body
        elif how == "goodbye" and seat.client is not None and seat.client.session.connected:
            for _ in range(8):
                self.world.inject(seat.client.session.close(self.world.now), seat.client.address)
            if not seat.ended:
                gone = self.world.lobbies.by_id.get(seat.place.lobby_id)
                assert gone is None or seat.player_id not in gone.players, "a goodbye is not heard"
        elif seat.client is not None:
            seat.client.online = False
        seat.person.seat = None

    @precondition(lambda self: self._members())
    @rule(who=people)
    def drop(self, who: int) -> None:
        """The network of a player is gone."""
        seat = self._member(who)
        if seat.client is not None and seat.client.online:
            seat.client.online = False
            if seat.offline_since is None:
                seat.offline_since = self.world.now

    @precondition(lambda self: self._members())
    @rule(who=people)
    def come_back(self, who: int) -> None:
        """The network of a player is there again."""
        clients = [seat.client for seat in self._members() if seat.client is not None]
        for client in [c for c in clients if not c.online][who % 2 :]:
            client.online = True

    # -- members -------------------------------------------------------------

    @precondition(lambda self: self._members())
    @rule(who=people, ready=st.booleans(), over_udp=st.booleans())
    def be_ready(self, who: int, ready: bool, over_udp: bool) -> None:
        """Set or take off the ready mark."""
        seat = self._member(who)
        if over_udp and seat.client is not None:
            if seat.client.session.connected:
                seat.client.session.message(Ready(int(ready)))
            return
        self._change(seat, {"ready": ready})

    @precondition(lambda self: self._members())
    @rule(who=people)
    def all_ready(self, who: int) -> None:
        """All players of a lobby are ready."""
        place = self._member(who).place
        for seat in self._members():
            if seat.place is place and not seat.spectator:
                self._change(seat, {"ready": True})

    @precondition(lambda self: self._members())
    @rule(who=people, team=st.integers(0, 3), rename=st.booleans())
    def change_player(self, who: int, team: int, rename: bool) -> None:
        """Another team, perhaps another name."""
        self.count += 1
        name = {"name": f"N{self.count}"} if rename else {}
        self._change(self._member(who), {"team": team, **name})

    @precondition(lambda self: self._members())
    @rule(who=people, over_udp=st.booleans())
    def chat(self, who: int, over_udp: bool) -> None:
        """Say something that was never said before."""
        seat = self._member(who)
        self.count += 1
        if over_udp:
            if seat.client is not None and seat.client.session.connected:
                seat.client.session.message(ChatUp(f"udp {self.count}"))
            return
        text = f"http {self.count}"
        answer = self._call("POST", f"/lobbies/{seat.place.code}/chat", {"text": text}, seat)
        if answer.status == 204:
            rev = self.world.lobbies.by_id[seat.place.lobby_id].rev
            seat.place.said.append((rev, seat.player_id, text))

    # -- the host ------------------------------------------------------------

    @precondition(lambda self: self._members())
    @rule(who=people, what=st.sampled_from(("start", "start", "cancel", "end")), on=st.booleans())
    def play(self, who: int, what: str, on: bool) -> None:
        """Start the game, call it off, end it: the host may, in the right state."""
        seat = self._host_or(who)
        lobby = self._look(seat.place)
        answer = self._call("POST", f"/lobbies/{seat.place.code}/{what}", None, seat)
        states = {"start": ("open", "locked"), "cancel": ("countdown",), "end": ("in_game",)}
        if on:
            # long enough for a countdown, too short for anybody to count as away
            self.world.advance(1.5, 0.05)
        if not self._rules_over(seat, lobby, answer):
            return
        if lobby["state"] not in states[what]:
            assert _code(answer) == "wrong_state", answer.body
            return
        players = [p for p in lobby["players"] if not p["spectator"]]
        waits = lobby["settings"]["start"] != "host" and any(
            not p["ready"] or p["state"] == "away" for p in players
        )
        assert _code(answer) == ("not_ready" if what == "start" and waits else "ok"), answer.body

    @precondition(lambda self: self._members())
    @rule(who=people, whom=people)
    def hand_over(self, who: int, whom: int) -> None:
        """Make another player host."""
        seat = self._host_or(who)
        lobby = self._look(seat.place)
        target = _pick(lobby["players"] or _NOTHING["players"], whom)
        path = f"/lobbies/{seat.place.code}/host"
        answer = self._call("POST", path, {"player_id": target["player_id"]}, seat)
        if self._rules_over(seat, lobby, answer):
            expected = "not_a_player" if target["spectator"] else "ok"
            assert _code(answer) == expected, answer.body

    @precondition(lambda self: self._members())
    @rule(who=people, whom=people, ban=st.booleans())
    def kick(self, who: int, whom: int, ban: bool) -> None:
        """Put a player out, perhaps for good."""
        seat = self._host_or(who)
        lobby = self._look(seat.place)
        target = _pick(lobby["players"] or _NOTHING["players"], whom)["player_id"]
        path = f"/lobbies/{seat.place.code}/players/{target}/kick"
        answer = self._call("POST", path, {"ban": ban}, seat)
        if self._rules_over(seat, lobby, answer):
            itself = target == lobby["host_player_id"]
            assert _code(answer) == ("not_allowed" if itself else "ok"), answer.body
        if answer.status == 204:
            self._put_out(seat.place, target, ban=ban)

    def _put_out(self, place: Place, player_id: int, *, ban: bool) -> None:
        """Note that a player was put out, and that its token is of no use."""
        owner = place.holders[player_id]
        if ban:
            place.banned.add(owner)
        seat = self.people[owner].seat
        if seat is not None and seat.key == (place.lobby_id, player_id):
            seat.put_out = True
            again = self._call("POST", f"/lobbies/{place.code}/rejoin", None, seat)
            assert _code(again) == "token_invalid", again.body

    @precondition(lambda self: self._members())
    @rule(
        who=people,
        locked=st.none() | st.booleans(),
        listed=st.none() | st.booleans(),
        most=st.none() | st.integers(1, 5),
    )
    def change_lobby(
        self, who: int, locked: bool | None, listed: bool | None, most: int | None
    ) -> None:
        """Lock, list, more or fewer places."""
        seat = self._host_or(who)
        lobby = self._look(seat.place)
        wanted = {"locked": locked, "listed": listed, "max_players": most}
        body = {name: value for name, value in wanted.items() if value is not None}
        answer = self._call("PATCH", f"/lobbies/{seat.place.code}", body, seat)
        if self._rules_over(seat, lobby, answer):
            small = most is not None and most < lobby["member_count"]
            assert _code(answer) == ("invalid_request" if small else "ok"), answer.body
        if answer.status == 200:
            place = seat.place
            place.locked = place.locked if locked is None else locked
            place.listed = place.listed if listed is None else listed

    @precondition(lambda self: self._members())
    @rule(who=people, host=seldom)
    def delete(self, who: int, host: bool) -> None:
        """The host ends the lobby; the others may not."""
        seat = self._host_or(1) if host else self._member(who)
        lobby = self._look(seat.place)
        answer = self._call("DELETE", f"/lobbies/{seat.place.code}", None, seat)
        seat.place.deleted |= answer.status == 204
        if not seat.sure(self.world.now):
            return
        if lobby["host_player_id"] == seat.player_id:
            assert answer.status == 204, answer.body
        else:
            assert _code(answer) == "lobby_not_empty", answer.body

    # -- the world -----------------------------------------------------------

    @rule(seconds=st.sampled_from((1.0, 2.0, 4.0, 7.0, 7.0, 16.0, 31.0, 70.0)))
    def wait(self, seconds: float) -> None:
        """Time passes."""
        self.world.advance(seconds, 0.05 if seconds < 5 else 0.25)

    @rule(bad=st.booleans())
    def weather(self, bad: bool) -> None:
        """The link loses, doubles and reorders datagrams, or does so no more."""
        self.world.weather(BAD_LINK if bad else GOOD_LINK)

    @rule()
    def rest(self) -> None:
        """Once the link is quiet, everybody knows everything."""
        self.world.weather(GOOD_LINK)
        self.world.advance(1.0, 0.05)
        before: dict[int, int] = {}
        for _ in range(20):
            now = {number: lobby.rev for number, lobby in self.world.lobbies.by_id.items()}
            if now == before:
                break
            before = now
            self.world.advance(0.5, 0.05)
        self._check(quiet=True)

    @invariant()
    def holds(self) -> None:
        """What must hold after each step."""
        self.world.advance(0.1, 0.05)
        type(self).steps[-1] += 1
        self._check(quiet=False)
        if type(self).steps[-1] % FULL_CHECK == 0:
            check_lists(self.world, self.places)
            check_records(self.world)

    def teardown(self) -> None:
        """The run ends in good weather."""
        if hasattr(self, "world"):
            self.rest()

    def _check(self, *, quiet: bool) -> None:
        self._bury(quiet=quiet)
        check_seats(self.world, self.places)
        for seat in self._members():
            check_view(self.world, seat, quiet=quiet)
            if seat.over:
                seat.person.seat = None
        if quiet:
            check_lists(self.world, self.places)
            check_records(self.world)
            for place in self.gone:
                check_gone(self.world, place)

    def _bury(self, *, quiet: bool) -> None:
        """Take leave of lobbies that ended, each for a reason."""
        now = self.world.now
        for place in list(self.places):
            if place.lobby_id in self.world.lobbies.by_id:
                assert not place.deleted, f"{place.code} was deleted and is there"
                lobby = self.world.lobbies.by_id[place.lobby_id]
                place.host, place.empty_since = lobby.host_player_id, lobby.empty_since
                continue
            seats = [p.seat for p in self.people if p.seat and p.seat.place is place]
            sure = [seat.player_id for seat in seats if seat.sure(now)]
            reason = (
                place.deleted or not sure or (place.policy == "none" and place.host not in sure)
            )
            assert reason, f"{place.code} is gone with {sure} in it, host {place.host}"
            for seat in seats:
                seat.put_out = True
            self.places.remove(place)
            self.gone.append(place)
            check_gone(self.world, place)

    # -- help ----------------------------------------------------------------

    def _outsiders(self) -> list[Person]:
        return [person for person in self.people if person.seat is None]

    def _members(self) -> list[Membership]:
        return [person.seat for person in self.people if person.seat is not None]

    def _member(self, who: int) -> Membership:
        seat: Membership = _pick(self._members(), who)
        return seat

    def _host_or(self, who: int) -> Membership:
        """A member: for most numbers one that is host."""
        hosts = [s for s in self._members() if s.player_id == s.place.host and not s.put_out]
        return _pick(hosts, who) if hosts and who else self._member(who)

    def _rules_over(self, seat: Membership, lobby: dict[str, Any], answer: Answer) -> bool:
        """Whether a seat is the host's; checks the refusal where it is not."""
        if not lobby or not seat.sure(self.world.now):
            return False
        if lobby["host_player_id"] == seat.player_id:
            return True
        assert _code(answer) == "not_allowed", answer.body
        return False

    def _look(self, place: Place) -> dict[str, Any]:
        answer = self.world.call("GET", f"/lobbies/{place.code}")
        if place in self.places:
            assert answer.status == 200, answer.body
        lobby: dict[str, Any] = answer.json.get("lobby", _NOTHING)
        return lobby

    def _change(self, seat: Membership, body: dict[str, Any]) -> None:
        path = f"/lobbies/{seat.place.code}/players/{seat.player_id}"
        answer = self._call("PATCH", path, body, seat)
        if seat.sure(self.world.now):
            refused = seat.spectator and "ready" in body
            assert _code(answer) == ("not_a_player" if refused else "ok"), answer.body

    def _call(self, method: str, path: str, body: Any, seat: Membership) -> Answer:
        token = {"Authorization": f"Bearer {seat.token}", **seat.person.headers}
        answer = self.world.ask(method, path, body, token).answer
        assert answer.status < 500, answer.body
        return answer

    def _once(self, path: str, body: Any, person: Person, retry: bool) -> Answer:
        """POST with an Idempotency-Key; a retry gives the same answer and no second seat."""
        self.count += 1
        headers = {**person.headers, "Idempotency-Key": f"model-request-{self.count:06}"}
        answer = self.world.ask("POST", path, body, headers).answer
        assert answer.status < 500, answer.body
        if retry and answer.status == 201:
            again = self.world.ask("POST", path, body, headers).answer
            assert (again.status, again.json) == (201, answer.json)
        return answer

    def _found(self, answer: Answer, policy: str) -> Place:
        lobby_id = self.world.lobbies.find(answer.json["lobby"]["code"]).lobby_id
        place = Place(answer.json, policy, lobby_id=lobby_id)
        self.places.append(place)
        return place

    def _sit(self, person: Person, place: Place, answer: Answer, *, connects: bool = True) -> None:
        assert person.index not in place.banned, f"{person.index} is banned from {place.code}"
        player_id = answer.json["player"]["player_id"]
        assert player_id not in place.holders, f"{player_id} was given before"
        place.holders[player_id] = person.index
        place.tickets.append(answer.json["ticket"]["conn_id"])
        seat = person.seat = Membership(person, place, answer.json)
        if connects:
            seat.open(self.world)


_NOTHING: dict[str, Any] = {
    "players": [{"player_id": 1, "spectator": False}],
    "host_player_id": None,
    "state": "",
}


def _pick(options: list[Any], number: int) -> Any:
    return options[number % len(options)]


def _code(answer: Answer) -> str:
    return "ok" if answer.status < 300 else str(answer.json["code"])


def _verdict(
    lobby: dict[str, Any], place: Place, person: Person, spectator: bool
) -> tuple[str, ...]:
    """What a join must be answered, by what everybody can see of the lobby."""
    if person.index in place.banned:
        return ("banned",)
    if spectator:
        return ("ok",)
    state, late = lobby["state"], lobby["settings"]["late_join"]
    if state == "countdown" or (state == "in_game" and not late):
        return ("lobby_in_game",)
    if not lobby["free_slots"]:
        return ("lobby_full",)
    if state == "in_game":
        return ("ok", "lobby_locked")
    return ("ok",) if state == "open" else ("lobby_locked",)
