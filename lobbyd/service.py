"""The wiring: everything is made and connected here, and only here."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import Logger

from .clock import Timeline
from .config import Config
from .errors import StartError
from .fairport import FairPort, accept_fairly
from .garbage import Garbage
from .http.api import LobbyApi
from .http.cors import Cors
from .http.site import MAX_CONNECTIONS_OF_ONE, LobbydSite
from .http.turns import Turns
from .lobby.directory import Directory, MemoryDirectory
from .lobby.lobbies import Lobbies
from .lobby.operations import LobbyOperations
from .lobby.store import Store
from .lobbylog import ASIDE
from .moverule import load_move_rule
from .opening import (
    at_once,
    http_endpoint,
    http_error,
    io_error,
    no_collections,
    open_store,
    place_of,
    udp_error,
    when_done,
)
from .relay.relay import Relay
from .state import StateDir, is_exposed, load_secret, load_token
from .stats import Stats
from .udp import RelayProtocol, Ticker
from .udpio import NoBatch
from .wire.keys import ServerKeys

log = Logger()

Listen = Callable[..., Any]


def build(config: Config, reactor: Any, **parts: Any) -> LobbydService:
    """The service of one server; ``parts`` are for tests (clock, listen, entropy)."""
    return LobbydService(config, reactor, **parts)


class CannotStart(SystemExit, Exception):
    """Ends the process with one line and status 1.

    An Exception too, because twistd tells the waiting parent of a daemon about those only.
    """


class LobbydService(Service):
    """One server: state directory, lobbies, relay, UDP port, HTTP port.

    ``garbage`` collects for the whole process; without it Python does as it likes.

    Ports are bound and the secret is read in ``privilegedStartService``, before
    twistd drops its rights. ``udp_port`` and ``http_port`` tell what was bound.
    """

    name = "lobbyd"

    def __init__(
        self,
        config: Config,
        reactor: Any,
        *,
        clock: Callable[[], float] | None = None,
        listen: Listen = FairPort.listen,
        entropy: Callable[[int], bytes] = secrets.token_bytes,
        make_store: Callable[[Config, Any], Store | None] = open_store,
        garbage: Garbage | None = None,
    ) -> None:
        self.config = config
        self.stats = Stats()
        self._reactor = reactor
        self._clock = clock or Timeline()
        self._listen = listen
        self._entropy = entropy
        self._make_store = make_store
        self._store: Store | None = None
        self._state: StateDir | None = None
        self._udp: Any = None
        self._http: Any = None
        self._site: LobbydSite | None = None
        self._ticker: Ticker | None = None
        self._garbage = garbage

    @property
    def udp_port(self) -> int:
        """The bound UDP port."""
        return int(self._udp.getHost().port)

    @property
    def http_port(self) -> int:
        """The bound HTTP port, where it is TCP."""
        return int(self._http.getHost().port)

    def privilegedStartService(self) -> None:
        """Open everything; ends the process with one line where that cannot be."""
        try:
            self._open()
        except StartError as error:
            self._close()
            raise CannotStart(f"lobbyd: {error}") from None

    def startService(self) -> None:
        """Begin to tick; opens first where nobody did."""
        if self._udp is None:
            self.privilegedStartService()
        super().startService()
        if self._store is not None:
            self._store.start()
        schedule = self._relay.schedule
        self._ticker = Ticker(self._reactor, self._tick, lambda: schedule.wait(self._clock()))
        self._ticker.start()
        if self._garbage is not None:
            self._garbage.start()
        self._api.streams.start(self._reactor)
        log.info(
            "lobbyd is up: HTTP on {http}, UDP on {udp}",
            http=place_of(self._http.getHost()),
            udp=place_of(self._udp.getHost()),
        )

    def stopService(self) -> Deferred[None]:
        """Say goodbye to every client, then close."""
        super().stopService()
        if self._ticker is not None:
            self._ticker.stop()
            if self._garbage is not None:
                self._garbage.stop()
        if self._udp is not None:
            self._api.streams.stop()
            self._protocol.shut_down()
        return ensureDeferred(self._shut())

    def _open(self) -> None:
        config, now = self.config, self._clock()
        self._state = StateDir(config.state_dir)
        secret, made = load_secret(config.secret_file, self._entropy)
        if made:
            log.info("made a server secret in {path}; keep it", path=config.secret_file)
        admin_token = load_token(config.admin_token_file)
        for path in (config.secret_file, config.admin_token_file):
            if path and is_exposed(path):
                log.warn("others can read {path}: chmod 600 it", path=path)
        if config.allow_conditions:
            log.warn("--allow-conditions on: players can make their network bad, hosts everybody's")
        move_rule = load_move_rule(config.move_rule, self._clock)
        keys = ServerKeys(secret)
        lobbies = Lobbies(
            seat_hold=config.seat_hold,
            max_lobbies=config.max_lobbies,
            max_players=config.max_players,
            # --rate-limit off lifts all limits by address
            max_per_address=config.max_lobbies_per_address if config.rate_limit else 2**31,
            entropy=self._entropy,
        )
        directory: Directory = MemoryDirectory()
        self._store = self._make_store(config, self._reactor)
        server_id = lobbies.new_id()
        self.lobbies = lobbies
        self._operations = LobbyOperations(
            lobbies,
            directory,
            keys,
            server_id=server_id,
            entropy=self._entropy,
            store=self._store,
            admin_token=admin_token,
        )
        self._relay = Relay(
            lobbies,
            keys,
            self.stats,
            tick_hz=config.tick_hz,
            seat_hold=config.seat_hold,
            entropy=self._entropy,
            now=now,
            move_rule=move_rule,
            server_id=server_id,
        )
        self._protocol = RelayProtocol(self._relay, self._clock, self._reactor.callLater)
        self._restore(now)
        self._open_udp()
        self._open_http()

    def _restore(self, now: float) -> None:
        """Go on with the lobbies of before; nobody can come in yet."""
        test_lobby = self.config.test_lobby
        with no_collections():
            loaded, damaged = at_once(self._operations.restore(now, test_lobby=test_lobby))
        if damaged:
            log.warn("lobby records of no use: {n}; see {file}", n=damaged, file=ASIDE)
        if loaded:
            log.info("lobbies that go on: {n}", n=loaded)
        if test_lobby:
            at_once(self._operations.open_test_lobby(now))

    def _open_udp(self) -> None:
        config = self.config
        try:
            self._udp = self._listen(
                self._reactor,
                config.udp_port,
                self._protocol,
                config.udp_interface,
                lambda what: self.stats.count(f"{what}_errors"),
                config.udp_io,
            )
        except NoBatch as error:
            raise io_error(error) from None
        except CannotListenError as error:
            raise udp_error(config, error) from None

    def _open_http(self) -> None:
        turns = Turns(self._reactor)
        self._api = api = LobbyApi(
            self._operations, self.config, self._clock, lambda: self.udp_port, turns.breathe
        )
        root: Any = api.resource
        endpoint = http_endpoint(self.config, self._reactor)
        self._site = LobbydSite(
            root,
            reactor=self._reactor,
            cors=Cors(self.config.cors_origins),
            turns=turns,
            per_address=MAX_CONNECTIONS_OF_ONE if self.config.rate_limit else None,
            proxies=self.config.trusted_proxies,
        )
        try:
            self._http = at_once(endpoint.listen(self._site))
        except Exception as error:
            raise http_error(self.config, error) from None
        accept_fairly(self._http)

    def _tick(self) -> None:
        self._protocol.tick()
        if self.lobbies.removed:
            self._run(self._operations.release_removed())
        now = self._clock()
        self._operations.keeper.keep(now)
        if self._garbage is not None:
            self._garbage.look(now, alone=not self._relay.connections)

    def _run(self, work: Any) -> None:
        ensureDeferred(work).addErrback(lambda f: log.failure("mistake in the background", f))

    def _close(self) -> None:
        for port in (self._udp, self._http):
            if port is not None:
                port.stopListening()
        self._udp = self._http = None
        self._close_state()

    def _close_state(self) -> None:
        if self._store is not None:
            self._store.stop()
            self._store = None
        if self._state is not None:
            self._state.close()

    async def _shut(self) -> None:
        if self._site is not None:
            self._site.shut()
        for port in (self._udp, self._http):
            if port is not None:
                await when_done(port.stopListening())
        self._udp = self._http = None
        if self._store is not None:
            self._operations.keeper.keep_all()
        self._close_state()
