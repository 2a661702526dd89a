"""Opening what the settings name: the store, the ports, and the one line where that cannot be."""

from __future__ import annotations

import errno
import gc
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from twisted.internet.defer import ensureDeferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.python.failure import Failure

from .config import Config
from .errors import StartError
from .filestore import FileStore
from .lobby.store import Store
from .lobbylog import LobbyLog
from .udpio import NoBatch

T = TypeVar("T")

BACKLOG = 1024
"""Connections that wait to be accepted."""


def open_store(config: Config, reactor: Any) -> Store | None:
    """The store that the settings name, None where lobbies live in memory alone."""
    if config.store == "memory":
        return None
    return FileStore(LobbyLog(config.state_dir), reactor.callFromThread)


def http_endpoint(config: Config, reactor: Any) -> Any:
    """The endpoint of a setting; raises StartError."""
    try:
        return serverFromString(reactor, _with_backlog(config.http))
    except Exception as error:
        # whatever an endpoint plugin makes of a bad string or a missing file
        raise StartError(
            f"--http: {config.http!r} cannot be used ({_reason(error)}); give a Twisted "
            "server endpoint such as tcp:8080 or tcp:8080:interface=127.0.0.1."
        ) from None


def http_error(config: Config, error: BaseException) -> StartError:
    """Why the HTTP port cannot be bound."""
    cause = error.socketError if isinstance(error, CannotListenError) else error
    return StartError(
        f"--http: {config.http} cannot be bound ({_reason(cause)}); stop what uses it or "
        "give another Twisted endpoint such as tcp:8080."
    )


def udp_error(config: Config, error: CannotListenError) -> StartError:
    """Why the UDP port cannot be bound."""
    cause = _reason(error.socketError)
    if getattr(error.socketError, "errno", None) == errno.EADDRNOTAVAIL:
        return StartError(
            f"--udp-interface: {config.udp_interface} cannot be bound ({cause}); "
            "give an address of this machine."
        )
    return StartError(
        f"--udp-port: {config.udp_interface or '*'}:{config.udp_port} cannot be bound "
        f"({cause}); stop what uses it or give another port."
    )


def io_error(error: NoBatch) -> StartError:
    """Why datagrams cannot be read and written many at a time."""
    return StartError(f"--udp-io: batched cannot be used ({error}); give auto or plain.")


def at_once(work: Awaitable[T]) -> T:
    """What becomes of work that waits for nothing; raises what it raises."""
    outcome: list[T] = []
    failures: list[Failure] = []
    ensureDeferred(_awaited(work)).addCallbacks(outcome.append, failures.append)
    if failures:
        failures[0].raiseException()
    return outcome[0]


@contextmanager
def no_collections() -> Iterator[None]:
    """A time in which much is made that stays: looking through it for garbage is in vain."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


async def when_done(outcome: Any) -> None:
    """Wait for what may be a Deferred or nothing."""
    if outcome is not None:
        await outcome


def place_of(address: Any) -> str:
    """An address as people write it; other than IP ones as they are."""
    host = getattr(address, "host", None)
    if host is None:
        return str(address)
    return f"[{host}]:{address.port}" if ":" in host else f"{host}:{address.port}"


async def _awaited(work: Awaitable[T]) -> T:
    return await work


def _with_backlog(endpoint: str) -> str:
    """An endpoint whose queue of connections is long enough for a flood.

    Where the queue is full a client tries again after a second, which is a slow join.
    """
    takes_it = endpoint.partition(":")[0] in ("tcp", "ssl", "unix")
    return f"{endpoint}:backlog={BACKLOG}" if takes_it and "backlog=" not in endpoint else endpoint


def _reason(error: Any) -> str:
    """Why, in one line."""
    return " ".join(str(getattr(error, "strerror", None) or error).split())
