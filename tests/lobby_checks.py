"""What must hold of a server at any time, as the model's tests check it."""

from __future__ import annotations

from lobbyd.lobby.model import Lobby, Player, SeatState
from lobbyd.lobby.record import decode, encode
from lobbyd.testing import run
from lobbyd.wire.catalogue import NO_SLOT, LobbyStateCode

from .http_world import HttpWorld
from .lobby_players import UNLISTED, Membership, Place
from .test_lobby_record import contents

JOIN_HOLD = 15.0
MIGRATES_AFTER = 5.0
SLACK = 0.6
"""Seconds that a deadline may be late in steps of virtual time."""


def check_seats(world: HttpWorld, places: list[Place]) -> None:
    """Slots, hosts, and an owner and a ticket for each seat."""
    seats = 0
    for lobby in world.lobbies.by_id.values():
        (place,) = (p for p in places if p.lobby_id == lobby.lobby_id)
        players = [p for p in lobby.members() if not p.spectator]
        assert len(players) <= lobby.max_players, f"{len(players)} in {lobby.max_players} slots"
        slots = [p.slot for p in players]
        assert len(set(slots)) == len(slots), f"slots {slots}"
        assert NO_SLOT not in slots, f"slots {slots}"
        hosts = [p.player_id for p in players if p.player_id == lobby.host_player_id]
        assert len(hosts) == min(1, len(players)), f"{hosts} of {len(players)} host"
        assert players or lobby.host_player_id == 0, "a host without players"
        _check_host(lobby, players, world.now)
        if lobby.state in (LobbyStateCode.OPEN, LobbyStateCode.LOCKED):
            wanted = place.locked, place.listed
            assert (lobby.locked, not lobby.hidden) == wanted, f"locked and listed are not {wanted}"
        for player in lobby.members():
            seat = player.seat
            assert seat is not None
            seats += 1
            assert player.player_id in place.holders, f"{player.player_id} was given to nobody"
            assert world.lobbies.seat(seat.conn_id) == (lobby, player)
            _check_life(world, lobby, seat.state, world.now - seat.since)
            if seat.state is SeatState.CONNECTED:
                assert seat.conn_id in world.relay.connections, "connected without a connection"
        life = lobby.settings.empty_life + SLACK
        assert (lobby.empty_since is None) == bool(list(lobby.members()))
        assert lobby.empty_since is None or world.now - lobby.empty_since <= life
    assert seats == len(world.lobbies._seats), "a seat of nobody is kept"


def check_records(world: HttpWorld) -> None:
    """A record says all of a lobby, and what changed since it was written is noted."""
    store, keeper = world.store, world.operations.keeper
    for lobby_id, lobby in world.lobbies.by_id.items():
        again = decode(encode(lobby))
        assert contents(again) == contents(lobby), f"{again} instead of {lobby}"
        if lobby_id in world.lobbies.unsaved or lobby_id in keeper._batch:
            continue
        written = store._given.get(lobby_id) or store.records[lobby_id]
        kept, now = _steady(decode(written)), _steady(again)
        assert kept == now, f"{kept} is kept of {now}"
    ids = {*store.records, *store._given} - {i for i, record in store._given.items() if not record}
    gone = ids - set(world.lobbies.by_id) - set(world.lobbies.ended)
    assert not gone, f"records of {gone}, which ended"


def _steady(lobby: Lobby) -> object:
    """A lobby without what every datagram changes."""
    for player in lobby.players.values():
        player.last_update = None
    return contents(lobby)


def _check_host(lobby: Lobby, players: list[Player], now: float) -> None:
    """Nobody waits for a host that is away, but where the lobby ends with it."""
    if lobby.settings.host_migration == "none":
        return
    seats = {p.player_id: p.seat for p in players if p.seat is not None}
    host = seats.get(lobby.host_player_id)
    present = any(seat.state is SeatState.CONNECTED for seat in seats.values())
    if host is not None and host.state is SeatState.AWAY and present:
        assert now - host.since <= MIGRATES_AFTER + SLACK, "the host is away for long"


def _check_life(world: HttpWorld, lobby: Lobby, state: SeatState, age: float) -> None:
    if state is SeatState.RESERVED:
        assert age <= JOIN_HOLD + SLACK, f"reserved for {age} s"
    if state is SeatState.AWAY:
        assert age <= 60 + SLACK, f"away for {age} s"
    if lobby.state is LobbyStateCode.COUNTDOWN:
        assert lobby.countdown_end > world.now - SLACK, "the countdown is over"


def check_view(world: HttpWorld, seat: Membership, *, quiet: bool) -> None:
    """A player's own view: complete, without doubles, and of a lobby that it is in."""
    seat.follow(world.now)
    client = seat.client
    lobby = world.lobbies.by_id.get(seat.place.lobby_id)
    player = None if lobby is None else lobby.players.get(seat.player_id)
    if seat.sure(world.now):
        assert player is not None, f"{seat.key} lost its seat"
        assert player.slot == seat.slot
    if seat.put_out:
        assert player is None, f"{seat.key} was put out and is in"
    if client is None or not client.online or not client.session.connected:
        return
    if quiet and player is None:
        assert seat.ended, f"{seat.key} is out and was not told"
    if player is None or lobby is None or seat.ended or seat.view.rev is None:
        return
    if quiet:
        assert seat.view.rev == lobby.rev, f"{seat.key} is at {seat.view.rev} of {lobby.rev}"
    if seat.view.rev == lobby.rev:
        seat.view.check(lobby)
    spoken = [(who, text) for who, text in seat.view.chat if text.startswith("http")]
    said = [(who, text) for _, who, text in seat.place.said]
    assert len(set(seat.view.chat)) == len(seat.view.chat), "a line of chat came twice"
    assert not quiet or said[len(said) - len(spoken) :] == spoken, f"{spoken} of {said}"


def check_lists(world: HttpWorld, places: list[Place]) -> None:
    """GET /lobbies has what it should, by state and free slots too."""
    expected = {}
    unsure = set()
    for place in places:
        lobby = world.lobbies.by_id[place.lobby_id]
        since = world.now if lobby.empty_since is None else lobby.empty_since
        if abs(world.now - since - UNLISTED) < SLACK:
            unsure.add(place.code)
        shown = lobby.visibility == "public" and not lobby.hidden
        if shown and world.now - since < UNLISTED:
            expected[place.code] = lobby
    joinable = {
        code
        for code, lobby in expected.items()
        if lobby.state is LobbyStateCode.OPEN and lobby.member_count < lobby.max_players
    }
    for path, codes in (
        ("/lobbies", set(expected)),
        ("/lobbies?state=open&free_slots=1", joinable),
    ):
        listed = world.call("GET", path).json["lobbies"]
        found = [entry["code"] for entry in listed]
        assert len(set(found)) == len(found), f"{path} has {found}"
        assert set(found) - unsure == codes - unsure, f"{path} has {found}, not {codes}"


def check_gone(world: HttpWorld, place: Place) -> None:
    """A lobby that ended is nowhere, and its code is free."""
    assert world.call("GET", f"/lobbies/{place.code}").status == 404
    assert place.code not in [e["code"] for e in world.call("GET", "/lobbies").json["lobbies"]]
    assert place.lobby_id not in world.lobbies.index
    assert place.code not in world.lobbies.by_code
    for conn_id in place.tickets:
        assert world.lobbies.seat(conn_id) is None, "a seat of a lobby that is gone"
        assert conn_id not in world.relay.connections, "a connection to a lobby that is gone"
    assert run(world.directory.claim(place.code, 1)), f"{place.code} is still taken"
    run(world.directory.release(place.code, 1))
