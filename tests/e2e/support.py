"""What the scenarios share: servers in this process and as twistd, HTTP, subprocesses."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import treq
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol
from twisted.internet.task import deferLater
from twisted.python.failure import Failure
from twisted.web.client import Agent, FileBodyProducer
from twisted.web.http_headers import Headers

from lobbyd import config
from lobbyd.client.udp import UdpClient
from lobbyd.service import LobbydService, build

ROOT = Path(__file__).resolve().parent.parent.parent
DEADLINE = 30.0
"""Seconds after which a scenario that waits has failed; far above what it needs."""


def within(reactor: Any, waiting: Deferred[Any], seconds: float = DEADLINE) -> Deferred[Any]:
    """``waiting`` with a deadline."""
    waiting.addTimeout(seconds, reactor)
    return waiting


def pause(reactor: Any, seconds: float) -> Deferred[None]:
    """Let real time pass, where time is what is tested."""
    return deferLater(reactor, seconds, lambda: None)


async def until(reactor: Any, holds: Callable[[], bool], what: str) -> None:
    """Wait for a condition that events bring about."""
    for _ in range(int(DEADLINE / 0.02)):
        if holds():
            return
        await pause(reactor, 0.02)
    raise AssertionError(f"{what} did not come about in {DEADLINE:g} s")


def has_ipv6() -> bool:
    """Whether this machine has an IPv6 loopback."""
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@asynccontextmanager
async def server(reactor: Any, **flags: str) -> AsyncIterator[tuple[LobbydService, str]]:
    """A server in this process on free ports; gives it and its URL."""
    with tempfile.TemporaryDirectory() as state:
        given = {
            "http": "tcp:0:interface=127.0.0.1",
            "udp-port": "0",
            "udp-interface": "127.0.0.1",
            "state-dir": state,
            **{name.replace("_", "-"): value for name, value in flags.items()},
        }
        service = build(config.load(given, {}), reactor)
        service.startService()
        host = re.search(r"interface=([^:]+|\\:|\\:\\:1)$", given["http"])
        name = "[::1]" if host and "\\:" in given["http"] else "127.0.0.1"
        try:
            yield service, f"http://{name}:{service.http_port}"
        finally:
            await service.stopService()


async def call(
    reactor: Any, method: str, url: str, body: Any = None, **headers: str
) -> tuple[int, Any, Any]:
    """(status, decoded JSON or None, headers) of a request on a connection of its own."""
    # treq's own request would be shorter, but cannot be given an IPv6 address in a URL
    names = {name.replace("_", "-"): [value] for name, value in headers.items()}
    producer: Any = None
    if body is not None:
        names.setdefault("content-type", ["application/json"])
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        producer = FileBodyProducer(BytesIO(raw))
    request = Agent(reactor).request(method.encode(), url.encode(), Headers(names), producer)
    response = await within(reactor, request)
    raw = await within(reactor, treq.content(response))
    return response.code, json.loads(raw) if raw else None, response.headers


async def join(reactor: Any, url: str, code: str, name: str) -> tuple[Any, UdpClient]:
    """Join over HTTP and begin the UDP connection; gives the join's answer and the client."""
    status, joined, _ = await call(reactor, "POST", f"{url}/lobbies/{code}/join", {"name": name})
    assert status == 201, (status, joined)
    client = UdpClient(joined["ticket"])
    client.open(reactor)
    return joined, client


class Process(ProcessProtocol):
    """A child process; ``output`` is stdout and stderr together, ``ended`` its exit status."""

    transport: Any

    def __init__(self, command: tuple[str, ...]) -> None:
        self.command = command
        self.output = ""
        self.errors = ""
        self.ended: Deferred[int] = Deferred()
        self.status: int | None = None
        self._waiting: list[tuple[re.Pattern[str], Deferred[re.Match[str]]]] = []

    def outReceived(self, data: bytes) -> None:
        """stdout."""
        self._received(data)

    def errReceived(self, data: bytes) -> None:
        """stderr."""
        self.errors += data.decode(errors="replace")
        self._received(data)

    def processEnded(self, reason: Failure) -> None:
        """The child is gone and its pipes are read to the end."""
        ended: Any = reason.value
        self.status = ended.exitCode if ended.exitCode is not None else -ended.signal
        for _, waiting in self._waiting:
            waiting.errback(AssertionError(f"ended with {self.status}:\n{self.output}"))
        self._waiting = []
        self.ended.callback(self.status)

    def line(self, pattern: str) -> Deferred[re.Match[str]]:
        """The first match in the output; fails if the process ends without one."""
        found: Deferred[re.Match[str]] = Deferred()
        match = re.search(pattern, self.output)
        if match:
            found.callback(match)
        else:
            self._waiting.append((re.compile(pattern), found))
        return found

    def stop(self, name: str = "TERM") -> None:
        """Send a signal, unless it ended already."""
        if self.status is None and self.transport is not None:
            self.transport.signalProcess(signal.Signals[f"SIG{name}"])

    def _received(self, data: bytes) -> None:
        self.output += data.decode(errors="replace")
        for waiter in list(self._waiting):
            match = waiter[0].search(self.output)
            if match:
                self._waiting.remove(waiter)
                waiter[1].callback(match)


def spawn(reactor: Any, *command: str, **env: str) -> Process:
    """Start a child in the root of the project."""
    process = Process(command)
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **env}
    reactor.spawnProcess(process, command[0], command, env=environment, path=str(ROOT))
    return process


def twistd() -> str:
    """The twistd beside this Python."""
    return str(Path(sys.executable).parent / "twistd")


def ended_well(process: Process) -> None:
    """Check that a twistd shut down in order; it then ends itself with the signal it got."""
    assert process.status == -signal.SIGTERM, (process.status, process.output)
    assert "Server Shut Down." in process.output, process.output
    assert "Traceback" not in process.output, process.output


@asynccontextmanager
async def daemon(reactor: Any, *more: str, program: tuple[str, ...] = ()) -> AsyncIterator[str]:
    """A real ``twistd lobbyd`` on free ports; gives its URL, and checks that it ends well.

    ``program`` runs in the place of twistd, with the same arguments.
    """
    with tempfile.TemporaryDirectory() as state:
        process = spawn(
            reactor,
            *(program or (twistd(),)),
            *("--nodaemon", "--pidfile=", "lobbyd", "--state-dir", state),
            *("--http", "tcp:0:interface=127.0.0.1", "--udp-port", "0", *more),
        )
        try:
            up = await within(reactor, process.line(r"lobbyd is up: HTTP on (\S+), UDP"))
            yield f"http://{up[1]}"
        finally:
            process.stop()
            await within(reactor, process.ended)
        ended_well(process)
