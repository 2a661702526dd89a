"""A real ``twistd lobbyd`` that is killed with signal 9 and started again, and its players."""

from __future__ import annotations

import resource
import socket
import tempfile
from functools import partial
from pathlib import Path
from typing import Any
from unittest import SkipTest

from lobbyd.client.session import Connected, Denied, Snapshot
from lobbyd.client.udp import UdpClient
from lobbyd.lobbylog import NAME
from lobbyd.wire.catalogue import DeniedCode, WelcomeFlags
from lobbyd.wire.messages import PlayerJoined, Resume
from lobbyd.wire.quantise import quantise_position

from .support import Process, call, ended_well, join, pause, spawn, twistd, until, within

KILLS = 3
PLAYERS = 6
UPRIGHT = (0.0, 0.0, 0.0, 1.0)


def free_port(kind: socket.SocketKind) -> int:
    """A port that nobody uses now; a server that is started anew has to have the same."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A server on fixed ports and one state directory, one process after the other."""

    def __init__(self, reactor: Any, state: str, *more: str) -> None:
        self._reactor = reactor
        self.state = state
        http = free_port(socket.SOCK_STREAM)
        self.udp_port = free_port(socket.SOCK_DGRAM)
        self.url = f"http://127.0.0.1:{http}"
        self._command = (
            *(twistd(), "--nodaemon", "--pidfile=", "lobbyd", "--state-dir", state),
            *("--http", f"tcp:{http}:interface=127.0.0.1", "--udp-interface", "127.0.0.1"),
            *("--udp-port", str(self.udp_port)),
            *more,
        )

    async def start(self) -> Process:
        self.process = spawn(self._reactor, *self._command)
        await within(self._reactor, self.process.line("lobbyd is up"))
        return self.process

    async def kill(self) -> None:
        self.process.stop("KILL")
        await within(self._reactor, self.process.ended)
        assert self.process.status == -9, self.process.status
        assert "Traceback" not in self.process.output, self.process.output

    async def stop(self) -> None:
        self.process.stop()
        await within(self._reactor, self.process.ended)


class Somebody:
    """A player at a place, of which it tells once: after a restart only its token knows it."""

    def __init__(self, joined: Any, client: UdpClient) -> None:
        self.joined, self.client = joined, client
        self.place = (0, 0, 0)
        self._next: tuple[float, float, float] | None = None
        client.before_poll = self._tell_place

    @property
    def slot(self) -> int:
        slot: int = self.joined["player"]["slot"]
        return slot

    def go(self, x: float, y: float, z: float) -> None:
        self._next = x, y, z
        self.place = quantise_position(x), quantise_position(y), quantise_position(z)

    def _tell_place(self, now: float) -> None:
        if self._next is not None and self.client.session.connected:
            self.client.session.sample(self._next, UPRIGHT, now)
            self._next = None

    def since(self, kind: type, number: int) -> list[Any]:
        """The events of a class behind the ``number``-th Connected."""
        events = list(self.client.events)
        at = [i for i, event in enumerate(events) if isinstance(event, Connected)]
        if len(at) < number:
            return []
        return [event for event in events[at[number - 1] :] if isinstance(event, kind)]

    def welcomes(self) -> list[dict[str, Any]]:
        return [event.welcome for event in self.client.events if isinstance(event, Connected)]

    def has_fresh_token(self) -> bool:
        return bool(self.since(Resume, 1))

    def sees(self, everybody: list[Somebody], number: int) -> bool:
        """Whether the newest snapshot of its ``number``-th connection has all in their places."""
        snapshots = self.since(Snapshot, number)
        if not snapshots:
            return False
        records = {r.slot: (r.x, r.y, r.z) for r in snapshots[-1].records}
        return records == {one.slot: one.place for one in everybody}


async def players_go_on_after_kill_9(reactor: Any) -> None:
    """Three kills: same lobby, seat, slot, player id and place; who was kicked stays out."""
    with tempfile.TemporaryDirectory() as state:
        server = Server(reactor, state)
        await server.start()
        try:
            await _play(reactor, server)
        finally:
            await server.stop()
        ended_well(server.process)


async def a_full_disk_refuses_joins_until_there_is_room(reactor: Any) -> None:
    """The kernel's own refusal to let the file grow; players who are in play on."""
    if not hasattr(resource, "prlimit"):
        raise SkipTest("this system cannot limit another process")
    with tempfile.TemporaryDirectory() as state:
        server = Server(reactor, state)
        await server.start()
        try:
            joined, client = await join(reactor, server.url, "TEST", "Ann")
            await within(reactor, client.wait(lambda event: isinstance(event, Snapshot)))
            _let_files_grow_to(server.process, Path(state, NAME).stat().st_size + 100)
            for _ in range(2):
                status, refused, headers = await _join_test(reactor, server.url)
                assert (status, refused["code"]) == (503, "storage_unavailable"), refused
                assert headers.getRawHeaders("retry-after") == ["1"]
            status, lobby, _ = await call(reactor, "GET", f"{server.url}/lobbies/TEST")
            assert lobby["lobby"]["member_count"] == 1, lobby
            seen = len(client.events)
            await until(reactor, lambda: len(client.events) > seen + 5, "snapshots")
            _let_files_grow_to(server.process, resource.RLIM_INFINITY)
            status, second, _ = await _join_test(reactor, server.url)
            assert status == 201, second
            await server.kill()
            await server.start()
            status, lobby, _ = await call(reactor, "GET", f"{server.url}/lobbies/TEST")
            ids = {p["player_id"] for p in lobby["lobby"]["players"] if not p["dummy"]}
            assert ids == {joined["player"]["player_id"], second["player"]["player_id"]}, ids
            await client.close()
        finally:
            await server.stop()
        ended_well(server.process)


def _let_files_grow_to(process: Process, size: int) -> None:
    resource.prlimit(process.transport.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


async def _join_test(reactor: Any, url: str) -> tuple[int, Any, Any]:
    return await call(reactor, "POST", f"{url}/lobbies/TEST/join", {"name": "Ben"})


async def _play(reactor: Any, server: Server) -> None:
    url = server.url
    status, made, _ = await call(reactor, "POST", f"{url}/lobbies", {"metadata": {"map": "x"}})
    assert status == 201, made
    code = made["lobby"]["code"]
    people = []
    for number in range(PLAYERS):
        somebody = Somebody(*await join(reactor, url, code, f"player {number}"))
        # in the first datagram, so that it is sealed in the first token
        somebody.go(number + 0.5, 0.25, -number)
        people.append(somebody)
    victim = Somebody(*await join(reactor, url, code, "victim"))
    await _all_see(reactor, people, 1, besides=[victim])
    # who has only the ticket of the join is not told RESUMED if the disk did not hear of it either
    for somebody in [*people, victim]:
        await until(reactor, somebody.has_fresh_token, "a token to resume with")
    for kill in range(1, KILLS + 1):
        if kill == 2:
            # the kill comes with the answer, so only the record can keep it out
            await _kick(reactor, url, code, people[0], victim)
        elif kill == 3:
            status, _, _ = await call(
                reactor,
                "PATCH",
                f"{url}/lobbies/{code}",
                {"name": "renamed"},
                authorization=_bearer(people[0]),
            )
            assert status == 200
            # this is on the disk within a second
            await pause(reactor, 1.0)
        await server.kill()
        await server.start()
        stays = [*people, victim] if kill == 1 else people
        await _all_see(reactor, people, kill + 1, besides=[victim] if kill == 1 else [])
        for somebody in stays:
            _same(somebody, kill + 1)
    await _stays_out(reactor, victim)
    status, lobby, _ = await call(
        reactor, "GET", f"{url}/lobbies/{code}", authorization=_bearer(people[0])
    )
    assert (status, lobby["lobby"]["name"]) == (200, "renamed"), lobby
    assert lobby["lobby"]["metadata"] == {"map": "x"}
    told = {(p["player_id"], p["slot"], p["name"]) for p in lobby["lobby"]["players"]}
    asked = [somebody.joined["player"] for somebody in people]
    assert told == {(p["player_id"], p["slot"], p["name"]) for p in asked}, told
    # ids are not given out again, not even that of who was kicked
    people[0].go(9.5, 0.0, 0.0)
    await _all_see(reactor, people, KILLS + 1, besides=[])
    joined, late = await join(reactor, url, code, "late")
    assert joined["player"]["player_id"] == PLAYERS + 2, joined
    assert Path(server.state, NAME).stat().st_mode & 0o777 == 0o600
    for client in (late, *(somebody.client for somebody in people), victim.client):
        await client.close()


async def _all_see(
    reactor: Any, people: list[Somebody], number: int, *, besides: list[Somebody]
) -> None:
    """Wait until all are connected for the ``number``-th time and see all in their places."""
    for somebody in [*people, *besides]:
        await until(
            reactor,
            partial(somebody.sees, people, number),
            f"connection {number} of {somebody.joined['player']['name']}",
        )


def _same(somebody: Somebody, number: int) -> None:
    """Check what the ``number``-th WELCOME said against the first."""
    first, last = somebody.welcomes()[0], somebody.welcomes()[-1]
    assert len(somebody.welcomes()) == number, somebody.welcomes()
    for name in ("lobby_id", "player_id", "slot", "max_players"):
        assert first[name] == last[name], (name, first, last)
    assert last["player_id"] == somebody.joined["player"]["player_id"]
    assert last["flags"] == WelcomeFlags.RESUMED, last
    told = {e.player_id: e.slot for e in somebody.since(PlayerJoined, number)}
    assert told[last["player_id"]] == last["slot"], told


async def _kick(reactor: Any, url: str, code: str, host: Somebody, victim: Somebody) -> None:
    player_id = victim.joined["player"]["player_id"]
    status, answer, _ = await call(
        reactor,
        "POST",
        f"{url}/lobbies/{code}/players/{player_id}/kick",
        {},
        authorization=_bearer(host),
    )
    assert status == 204, answer


async def _stays_out(reactor: Any, victim: Somebody) -> None:
    """It knocks with its ticket, as one that never heard of the kick would."""
    knock = UdpClient(victim.joined["ticket"], counter=2**31)
    knock.open(reactor)
    denied = await within(reactor, knock.wait(lambda event: isinstance(event, Denied)))
    assert denied.code == DeniedCode.KICKED, denied
    await knock.close()


def _bearer(somebody: Somebody) -> str:
    return f"Bearer {somebody.joined['player_token']}"


SCENARIOS = (players_go_on_after_kill_9, a_full_disk_refuses_joins_until_there_is_room)
