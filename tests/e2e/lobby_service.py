"""Scenarios of the lobby service: LobbydClients against a server, over real sockets."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from unittest import SkipTest

from twisted.internet.defer import CancelledError, ensureDeferred

from lobbyd.client.client import LobbydClient
from lobbyd.client.events import Disconnected, Snapshot, Unreliable
from lobbyd.client.problem import LobbydProblem
from lobbyd.wire.catalogue import (
    NO_SLOT,
    TO_HOST,
    DisconnectReason,
    LeftReason,
    LobbyStateCode,
    WelcomeFlags,
)
from lobbyd.wire.messages import (
    ChatDown,
    CustomDown,
    HostChanged,
    Kicked,
    LobbyState,
    PlayerChanged,
    PlayerJoined,
    PlayerLeft,
)

from .support import ROOT, has_ipv6, server, until, within

EXAMPLE = re.compile(r"```python\n(.*?)```", re.DOTALL)


@asynccontextmanager
async def players(reactor: Any, url: str, count: int) -> AsyncIterator[list[LobbydClient]]:
    """Clients of one server, which are closed whatever happens."""
    clients = [LobbydClient(reactor, url) for _ in range(count)]
    async with AsyncExitStack() as stack:
        for client in clients:
            stack.push_async_callback(client.close)
        yield clients


async def refused(call: Awaitable[Any]) -> LobbydProblem:
    """The problem that a call ends with."""
    try:
        result = await call
    except LobbydProblem as problem:
        return problem
    raise AssertionError(f"it was granted: {result}")


async def a_match_from_its_making_to_its_end(reactor: Any) -> None:
    """Create, browse, join, ready, countdown, start, talk, hand over, kick, ban, end, delete."""
    async with server(reactor) as (_, url), players(reactor, url, 4) as clients:
        ann, bob, cid, dora = clients
        code = await _gather(ann, bob, cid)
        ids = [c.joined.player.player_id for c in (ann, bob, cid) if c.joined is not None]
        assert ids == [1, 2, 3]
        await _start_twice(ann, bob, cid)
        late = await refused(dora.join_lobby(code, "Dora", password="sesame"))
        assert (late.status, late.code) == (409, "lobby_in_game"), late
        await _talk(ann, bob, cid)
        await _rule(ann, bob, cid, code)
        lobby = await bob.end()
        assert lobby.state == "open" and not any(p.ready for p in lobby.players), lobby
        await bob.delete_lobby(code)
        for client in (ann, bob):
            over = await client.wait_for(Disconnected)
            assert over.reason == DisconnectReason.CLOSED
        gone = await refused(dora.get_lobby(code))
        assert (gone.status, gone.code) == (404, "lobby_not_found")


async def _gather(ann: LobbydClient, bob: LobbydClient, cid: LobbydClient) -> str:
    """Three players come into a lobby with a password; returns its code."""
    made = await ann.create_lobby(
        name="Friday",
        password="sesame",
        game="duel",
        version="2",
        max_players=4,
        metadata={"map": "castle"},
        settings={"start": "auto", "min_players": 3, "countdown": 1.0},
        player={"name": "Ann"},
    )
    code = made.lobby.code
    assert made.joined is not None and "sesame" not in repr(made)
    await ann.connect_udp()
    listed = await bob.list_lobbies(game="duel", free_slots=1, metadata={"map": "castle"})
    assert [(lobby.code, lobby.password) for lobby in listed.lobbies] == [(code, True)]
    assert [lobby.code async for lobby in bob.find_lobbies(limit=1)] == [code, "TEST"]
    other = await bob.list_lobbies(game="duel", version="1")
    assert other.lobbies == ()
    wrong = await refused(bob.enter_lobby(code, "Bob", password="open"))
    assert (wrong.status, wrong.code, wrong.attempts) == (403, "wrong_password", 1)
    for client, name in ((bob, "Bob"), (cid, "Cid")):
        joined = await client.enter_lobby(code.lower(), name, password="sesame")
        assert joined.player.name == name
        met = await ann.wait_for(PlayerJoined, name=name)
        assert met.player_id == joined.player.player_id
    return code


async def _start_twice(ann: LobbydClient, bob: LobbydClient, cid: LobbydClient) -> None:
    """All ready starts a countdown, one takes it back, and the second one ends in the game."""
    assert ann.send_ready() and bob.send_ready()
    await cid.change_player(ready=True)
    counting = await bob.wait_for(LobbyState, state=LobbyStateCode.COUNTDOWN)
    assert counting.countdown_ms == 1000
    assert ann.joined is not None
    hidden = await ann.list_lobbies(game="duel")
    assert hidden.lobbies == (), "a countdown takes the lobby off the list"
    bob.send_ready(False)
    back = await cid.wait_for(LobbyState, state=LobbyStateCode.OPEN, rev=counting.rev + 2)
    assert back.countdown_ms == 0
    shown = await ann.list_lobbies(game="duel")
    assert len(shown.lobbies) == 1
    bob.send_ready()
    running = await ann.wait_for(LobbyState, state=LobbyStateCode.IN_GAME)
    assert running.rev > back.rev


async def _talk(ann: LobbydClient, bob: LobbydClient, cid: LobbydClient) -> None:
    """Chat both ways, messages of the game's own, and positions."""
    everybody = (ann, bob, cid)
    await ann.say("over HTTP")
    assert bob.send_chat("over UDP")
    for client in everybody:
        first = await client.wait_for(ChatDown, text="over HTTP")
        second = await client.wait_for(ChatDown, text="over UDP")
        assert (first.player_id, second.player_id) == (1, 2)
    assert bob.send_custom(b"to all", channel=5) and cid.send_custom(b"to host", TO_HOST)
    assert ann.send_custom(b"to two", 2) and bob.send_unreliable(b"quick", 2)
    for client in (ann, cid):
        told = await client.wait_for(CustomDown, payload=b"to all")
        assert (told.from_slot, told.channel) == (1, 5)
    await ann.wait_for(CustomDown, payload=b"to host")
    await cid.wait_for(CustomDown, payload=b"to two")
    await cid.wait_for(Unreliable, payload=b"quick")
    heard = [e.payload for e in bob.heard() if isinstance(e, (CustomDown, Unreliable))]
    assert heard == [], heard
    snapshots = ann.events(Snapshot)
    cid.send_pose((1.0, 2.0, -3.0))
    async for snapshot in snapshots:
        places = {r.slot: (r.x, r.y, r.z) for r in snapshot.records}
        if places.get(2) == (512, 1024, -1536):
            break
    snapshots.close()


async def _rule(ann: LobbydClient, bob: LobbydClient, cid: LobbydClient, code: str) -> None:
    """Hand over, be refused what the host may, change with a version, kick, ban."""
    lobby = await ann.hand_over(2)
    assert lobby.host_player_id == 2
    await cid.wait_for(HostChanged, player_id=2)
    forbidden = await refused(ann.kick(3))
    assert (forbidden.status, forbidden.code) == (403, "not_allowed")
    seen = await bob.get_lobby(code)
    changed = await bob.change_lobby(match=seen.etag, name="Saturday", settings={"late_join": True})
    assert (changed.name, changed.settings["late_join"]) == ("Saturday", True)
    stale = await refused(bob.change_lobby(match=seen.etag, name="Sunday"))
    assert (stale.status, stale.code) == (412, "precondition_failed")
    await ann.change_player(team=7)
    await cid.wait_for(PlayerChanged, player_id=1, team=7)
    await bob.kick(3, "language")
    assert (await cid.wait_for(Kicked)).text == "language"
    assert (await cid.wait_for(Disconnected)).reason == DisconnectReason.KICKED
    left = await ann.wait_for(PlayerLeft, player_id=3)
    assert left.reason == LeftReason.KICKED
    assert (await refused(cid.rejoin())).code == "token_invalid"
    assert (await refused(cid.connect_udp())).code == "kicked"
    # a kick alone does not keep out, a ban does
    again = await cid.enter_lobby(code, "Cid", password="sesame")
    assert again.player.player_id == 4, "player ids are not used twice"
    await bob.kick(4, "again", ban=True)
    await cid.wait_for(Disconnected)
    assert (await refused(cid.join_lobby(code, "Cid", password="sesame"))).code == "banned"
    assert (await refused(cid.connect_udp())).code == "banned"


async def a_dropped_player_comes_back_to_its_seat(reactor: Any) -> None:
    """The socket goes without a goodbye: rejoin gives the same seat, slot and player id."""
    async with server(reactor) as (_, url), players(reactor, url, 2) as (ann, bob):
        made = await ann.create_lobby(player={"name": "Ann"})
        await ann.connect_udp()
        before = await bob.enter_lobby(made.lobby.code, "Bob", team=3)
        await ann.wait_for(PlayerJoined, name="Bob")
        # nobody says goodbye
        await bob.disconnect()
        assert ann.send_chat("are you there?")
        await ann.wait_for(ChatDown)
        after = await bob.rejoin()
        same = (before.player.player_id, before.player.slot, before.player.name)
        assert (after.player.player_id, after.player.slot, after.player.name) == same
        connected = await bob.connect_udp()
        assert connected.welcome["player_id"] == before.player.player_id
        assert connected.welcome["flags"] & WelcomeFlags.RESUMED
        roster = await bob.wait_for(PlayerJoined, name="Bob")
        assert roster.team == 3
        # who comes back hears the others again, and the others never lost it
        assert ann.send_custom(b"welcome back", before.player.slot)
        await bob.wait_for(CustomDown, payload=b"welcome back")
        assert not [e for e in ann.heard() if isinstance(e, PlayerLeft)]
        await bob.leave()
        await ann.wait_for(PlayerLeft, player_id=before.player.player_id)
        assert (await refused(bob.rejoin())).code == "no_ticket"


async def two_quick_joins_and_a_spectator_meet(reactor: Any) -> None:
    """Quick join makes a lobby for the first and finds it for the second; a third one watches."""
    async with server(reactor) as (_, url), players(reactor, url, 3) as (ann, bob, eve):
        first = await ann.quick_join(game="duel", player={"name": "Ann"}, create={"max_players": 2})
        second = await bob.quick_join(game="duel", player={"name": "Bob"})
        assert first.lobby.code == second.lobby.code
        await ann.connect_udp()
        await bob.connect_udp()
        watching = await eve.enter_lobby(first.lobby.code, "Eve", spectator=True)
        assert watching.player.slot == NO_SLOT and watching.lobby.member_count == 2
        assert ann.send_custom(b"for all")
        await eve.wait_for(CustomDown, payload=b"for all")
        mine = await refused(eve.change_player(ready=True))
        assert mine.code == "not_a_player"


async def event_streams_tell_what_udp_tells(reactor: Any) -> None:
    """The list for everybody and a lobby for its members, with the revisions of UDP."""
    async with server(reactor) as (_, url), players(reactor, url, 3) as (ann, bob, eve):
        listed = eve.list_events(game="duel")
        assert (await within(reactor, ensureDeferred(_next(listed)))).event == "ready"
        made = await ann.create_lobby(game="duel", player={"name": "Ann"})
        code = made.lobby.code
        shown = await within(reactor, ensureDeferred(_next(listed)))
        assert (shown.event, shown.data["code"]) == ("lobby", code)
        told = ann.lobby_events()
        state = await within(reactor, ensureDeferred(_next(told)))
        assert (state.event, state.data["code"]) == ("state", code)
        await ann.connect_udp()
        await bob.enter_lobby(code, "Bob")
        assert bob.send_chat("hello")
        chat = await ann.wait_for(ChatDown)
        lines: list[Any] = []
        while not lines or lines[-1].event != "chat":
            lines.append(await within(reactor, ensureDeferred(_next(told))))
        assert lines[-1].data["text"] == "hello" and lines[-1].data["rev"] == chat.rev
        revs = [int(line.id) for line in lines]
        assert revs == list(range(int(state.id) + 1, chat.rev + 1)), revs
        await ann.delete_lobby(code)
        rest = [event.event async for event in told]
        assert rest[-1] == "closed", rest
        gone = await within(reactor, ensureDeferred(_next(listed)))
        while gone.event != "gone":
            gone = await within(reactor, ensureDeferred(_next(listed)))
        assert gone.data == {"code": code}
        listed.close()
        assert [event async for event in listed] == []


async def _next(stream: Any) -> Any:
    return await stream.__anext__()


async def a_call_can_be_cancelled(reactor: Any) -> None:
    """Cancelling ends the request, and the client goes on working."""
    async with server(reactor) as (_, url), players(reactor, url, 1) as (ann,):
        call = ensureDeferred(ann.create_lobby())
        call.cancel()
        try:
            await call
        except CancelledError:
            pass
        else:
            raise AssertionError("it went on")
        assert (await ann.get_info()).wire == 1
        await ann.join_lobby("TEST", "Ann")
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as silent:
            silent.bind(("127.0.0.1", 0))
            connecting = ensureDeferred(ann.connect_udp(port=silent.getsockname()[1]))
            await until(reactor, lambda: ann.session is not None, "a handshake")
            connecting.cancel()
            try:
                await connecting
            except CancelledError:
                pass
            else:
                raise AssertionError("it went on")
        assert ann.session is None
        await ann.connect_udp()
        assert ann.is_online


async def a_client_over_ipv6(reactor: Any) -> None:
    """An IPv6 address in the URL, and in the ticket."""
    if not has_ipv6():
        raise SkipTest("this machine has no IPv6 loopback")
    places = {"http": "tcp:0:interface=\\:\\:1", "udp_interface": "::1"}
    async with server(reactor, **places) as (_, url), players(reactor, url, 1) as (ann,):
        joined = await ann.enter_lobby("TEST", "Six")
        assert joined.ticket["udp"]["host"] == "::1"
        await ann.wait_for(Snapshot)


async def the_example_of_the_python_client_plays(reactor: Any) -> None:
    """docs/python-client.md, as it stands there."""
    text = (ROOT / "docs/python-client.md").read_text()
    [source] = EXAMPLE.findall(text)
    lines: list[str] = []
    names: dict[str, Any] = {"__name__": "example", "print": lambda *a: lines.append(" ".join(a))}
    exec(compile(source, "docs/python-client.md", "exec"), names)
    async with server(reactor) as (_, url):
        await within(reactor, ensureDeferred(names["main"](reactor, url)))
    assert lines == ["Ann: hello", "Bob left"], lines


SCENARIOS = [
    a_match_from_its_making_to_its_end,
    a_dropped_player_comes_back_to_its_seat,
    two_quick_joins_and_a_spectator_meet,
    event_streams_tell_what_udp_tells,
    a_call_can_be_cancelled,
    a_client_over_ipv6,
    the_example_of_the_python_client_plays,
]
