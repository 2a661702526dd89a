"""A player of a lobbyd server, for Twisted: lobbies over HTTP, the game over UDP.

The names are those of the Godot client. Calls are coroutines, to be awaited or given to
``ensureDeferred``; they raise LobbydProblem, and can be cancelled.
"""

from __future__ import annotations

import ipaddress
import time
from collections.abc import Callable
from typing import Any, TypeVar, Unpack

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IResolutionReceiver
from twisted.web.client import HTTPConnectionPool
from zope.interface import implementer

from ..wire.catalogue import TO_ALL, DeniedCode
from ..wire.quantise import Quaternion
from .calls import LobbyCalls
from .events import Connected, Corrected, Denied, Disconnected
from .fields import SeatFields
from .http import LobbydHttp
from .problem import NO_ADDRESS, NO_TICKET, TIMEOUT, LobbydProblem
from .results import Joined
from .retries import Retries
from .session import ClientSession
from .udp import UdpClient
from .waiting import Inbox, TookTooLong, bounded

KEEP = 4096
"""Events of a connection that are kept for ``wait_for``."""

Pose = tuple[tuple[float, float, float], Quaternion, int]
T = TypeVar("T")


class LobbydClient(LobbyCalls):
    """One player; make as many as you like, with one ``pool`` for all.

    ``client_key`` is what bans stick to: keep it for the player (16 to 128 characters).
    ``agent`` and ``clock`` (seconds) are for tests.
    """

    def __init__(
        self,
        reactor: Any,
        url: str,
        *,
        client_key: str = "",
        retries: Retries | None = None,
        pool: HTTPConnectionPool | None = None,
        agent: Any = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        http = LobbydHttp(
            reactor, url, client_key=client_key, retries=retries, pool=pool, agent=agent
        )
        super().__init__(reactor, http)
        self._clock = clock
        self._link: UdpClient | None = None
        self._inboxes: list[tuple[tuple[type, ...], Inbox]] = []
        self._counter = 0
        self._closing: set[Deferred[None]] = set()
        self._pose: Pose | None = None
        self._posed_at = 0.0

    @property
    def session(self) -> ClientSession | None:
        """The UDP session; None without one."""
        return None if self._link is None else self._link.session

    @property
    def is_online(self) -> bool:
        """Whether the UDP connection stands."""
        session = self.session
        return session is not None and session.connected and not session.over

    async def enter_lobby(self, code: str, name: str = "", **fields: Unpack[SeatFields]) -> Joined:
        """Join a lobby and connect to it: ``join_lobby``, then ``connect_udp``."""
        joined = await self.join_lobby(code, name, **fields)
        await self.connect_udp()
        return joined

    async def connect_udp(self, host: str = "", port: int = 0) -> Connected:
        """Take the seat of the last join; ``host`` and ``port`` stand in for the ticket's.

        Codes: "timeout", "no_address", "no_ticket", or the refusal ("token_expired", ...).
        """
        if self.joined is None:
            raise LobbydProblem(NO_TICKET, "join a lobby first")
        await self.disconnect()
        ticket = self.joined.ticket
        host = host or ticket["udp"]["host"] or self._http.host
        port = port or ticket["udp"]["port"]
        address = await self._address_of(host)
        place = {**ticket, "udp": {"host": address, "port": port}}
        link = self._link = UdpClient(place, self._clock, counter=self._counter, keep=KEEP)
        link.on_event = self._heard
        link.before_poll = self._send_pose
        link.open(self._reactor)
        try:
            answer = await link.wait(
                lambda event: isinstance(event, (Connected, Denied, Disconnected))
            )
        except CancelledError:
            await self.disconnect()
            raise
        if isinstance(answer, Connected):
            return answer
        hint = link.session.attempts.hint
        await self.disconnect()
        if isinstance(answer, Denied):
            code = DeniedCode(answer.code).name.lower()
            raise LobbydProblem(code, "the server refused the connection")
        said = "" if hint is None else f"; somebody says {DeniedCode(hint).name.lower()}"
        raise LobbydProblem(TIMEOUT, f"no answer over UDP from {address}:{port}{said}")

    async def disconnect(self, *, goodbye: bool = False) -> None:
        """End the UDP connection; without ``goodbye`` the server holds the seat for a while.

        Does not wait: a goodbye is repeated in the background, ``close`` waits for it.
        """
        link, self._link = self._link, None
        self._pose = None
        if link is not None:
            # the server takes no counter twice, and a second may be shorter than a connection
            self._counter = link.session.connect_counter
            closing = link.hang_up(goodbye=goodbye)
            self._closing.add(closing)
            closing.addBoth(lambda _: self._closing.discard(closing))
            self._end_inboxes()

    async def leave(self) -> None:
        """Give up the seat, if there is one, and close the connection."""
        try:
            await super().leave()
        finally:
            await self.disconnect(goodbye=True)

    async def close(self) -> None:
        """Leave over UDP, if connected, and close every connection: a third of a second."""
        await self.disconnect(goodbye=True)
        for closing in list(self._closing):
            await closing
        await self._http.close()

    # -- the game ------------------------------------------------------------

    def send_pose(
        self,
        position: tuple[float, float, float],
        rotation: Quaternion = (0.0, 0.0, 0.0, 1.0),
        input: int = 0,
    ) -> None:
        """Tell where this player is; call it as often as you like, the newest leaves.

        Metres; ``input`` is 16 bits of the game's own.
        """
        self._pose = position, rotation, input

    def send_custom(self, payload: bytes, to: int = TO_ALL, channel: int = 0) -> bool:
        """The game's own message, reliable, to a slot, TO_HOST or TO_ALL.

        False when too many wait for the server's word (or nobody is connected): try later.
        """
        return self._online(lambda session: session.custom(payload, to, channel))

    def send_unreliable(self, payload: bytes, to: int = TO_ALL, channel: int = 0) -> bool:
        """The game's own message, sent once and perhaps lost; at most 512 bytes."""

        def send(session: ClientSession) -> bool:
            session.unreliable(payload, to, channel)
            return True

        return self._online(send)

    def send_chat(self, text: str) -> bool:
        """A line of chat over UDP; False as for ``send_custom``."""
        return self._online(lambda session: session.chat(text))

    def send_ready(self, ready: bool = True) -> bool:
        """The ready mark over UDP; False as for ``send_custom``."""
        return self._online(lambda session: session.ready(ready))

    def events(self, *kinds: type) -> UdpEvents:
        """What the connection tells from now on, as an async iterator; ends with it.

        ``kinds`` are classes of ``lobbyd.wire.messages`` and ``lobbyd.client.events``; without
        any everything comes, snapshots included.
        """
        inbox = Inbox()
        self._inboxes.append((kinds or (object,), inbox))
        if self._link is None:
            inbox.end()
        return UdpEvents(inbox)

    def heard(self) -> list[Any]:
        """The newest events of this connection, up to 4096, in order."""
        return [] if self._link is None else list(self._link.events)

    def wait_for(self, kind: type[T], seconds: float = 10.0, **values: Any) -> Deferred[T]:
        """The first event of a class with these attributes, of this connection, past or future.

        Fails with LobbydProblem "timeout", or "no_ticket" without a connection.
        """
        if self._link is None:
            raise LobbydProblem(NO_TICKET, "connect first")

        def fits(event: Any) -> bool:
            return isinstance(event, kind) and all(
                getattr(event, name) == value for name, value in values.items()
            )

        def late(failure: Any) -> Any:
            failure.trap(TookTooLong)
            raise LobbydProblem(TIMEOUT, f"no {kind.__name__} {values or ''} in {seconds:g} s")

        found = bounded(self._reactor, self._link.wait(fits), seconds)
        return found.addErrback(late)

    def _online(self, send: Callable[[ClientSession], bool]) -> bool:
        session = self.session
        return session is not None and self.is_online and send(session)

    def _heard(self, event: Any) -> None:
        self._inboxes = [entry for entry in self._inboxes if not entry[1].over]
        for kinds, inbox in self._inboxes:
            if isinstance(event, kinds):
                inbox.put(event)
        if isinstance(event, Corrected):
            # it was meant from where the player is not
            self._pose = None
        if isinstance(event, (Disconnected, Denied)):
            self._end_inboxes()

    def _end_inboxes(self) -> None:
        for _, inbox in self._inboxes:
            inbox.end()
        self._inboxes = []

    def _send_pose(self, now: float) -> None:
        session = self.session
        if self._pose is None or session is None or not session.connected:
            return
        if now - self._posed_at >= 1 / session.welcome["tick_hz"]:
            position, rotation, bits = self._pose
            session.sample(position, rotation, now, input=bits)
            self._pose, self._posed_at = None, now

    async def _address_of(self, host: str) -> str:
        try:
            return str(ipaddress.ip_address(host))
        except ValueError:
            receiver = _Addresses()
            self._reactor.nameResolver.resolveHostName(receiver, host, 0)
        found = await receiver.done
        if not found:
            raise LobbydProblem(NO_ADDRESS, f"{host} is no host name that leads somewhere")
        return str(found[0])


class UdpEvents:
    """Events of a connection, one by one."""

    def __init__(self, inbox: Inbox) -> None:
        self._inbox = inbox

    def __aiter__(self) -> UdpEvents:
        return self

    async def __anext__(self) -> Any:
        return await self._inbox.take()

    def close(self) -> None:
        """Listen no longer."""
        self._inbox.end()


@implementer(IResolutionReceiver)
class _Addresses:
    """The addresses of a host name."""

    def __init__(self) -> None:
        self.done: Deferred[list[str]] = Deferred()
        self._found: list[str] = []

    def resolutionBegan(self, resolutionInProgress: Any) -> None:
        """The lookup began."""

    def addressResolved(self, address: Any) -> None:
        """One address."""
        self._found.append(address.host)

    def resolutionComplete(self) -> None:
        """That was all."""
        self.done.callback(self._found)
