"""The relays that lobbyd is compared with: built, started on a core, and ended.

Each is a process ``PORT HZ MAXCLIENTS`` on 127.0.0.1 that speaks the plain protocol described in
``native/relay.c``, checks no tags and no movements, prints "ready" and runs until it is ended.
"""

from __future__ import annotations

import os
import select
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import attrs

from ..processes import PATIENCE, ROOT, mortal, pin
from .building import NotBuilt, built

Mode = Literal["batched", "at once", "enet", "enet128"]
MOST_IN_ENET = 4095
"""Peers of one ENet host: its peer ids have 12 bits."""
IN_SMALL_HOST = 128
"""Peers of a host in mode ``enet128``."""
MOST_SMALL_HOSTS = 64


@attrs.frozen
class Baseline:
    """A relay to measure.

    ``mode`` says how a generator talks with it: over plain UDP with one snapshot a tick
    (``batched``), with each update as it came (``at once``), or over ENet with one host for all
    (``enet``) or one for every 128, each with a port of its own from PORT on (``enet128``).
    ``max_clients`` is what it can hold at all, None for any number.
    """

    name: str
    what: str
    mode: Mode
    max_clients: int | None
    _command: Callable[[], list[str]]

    def missing(self) -> str:
        """Why it cannot be had here, in one line; empty where it can."""
        try:
            self._command()
        except NotBuilt as error:
            return str(error)
        return ""

    @contextmanager
    def running(self, port: int, hz: int, clients: int, core: int = -1) -> Iterator[int]:
        """The id of the process that relays; ``core`` is as for ``pin``.

        Raises NotBuilt where it cannot be had, ValueError for more clients than it can hold, and
        RuntimeError where it does not become ready.
        """
        if self.max_clients is not None and clients > self.max_clients:
            raise ValueError(f"{self.name} holds {self.max_clients} clients, not {clients}")
        # every program on the way becomes the next one, so this is the relay's own process
        process = subprocess.Popen(
            mortal(*self._command(), str(port), str(hz), str(clients)),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            preexec_fn=lambda: pin(core),
        )
        try:
            _until_ready(process, self.name)
            yield process.pid
        finally:
            process.kill()
            process.communicate()


def _until_ready(process: subprocess.Popen[bytes], name: str) -> None:
    assert process.stdout is not None
    heard, end = b"", time.monotonic() + PATIENCE
    while b"ready" not in heard.split(b"\n")[:-1]:
        if not select.select([process.stdout], [], [], max(0.0, end - time.monotonic()))[0]:
            raise RuntimeError(f"{name} was not ready after {PATIENCE} s")
        data = os.read(process.stdout.fileno(), 4096)
        if not data:
            raise RuntimeError(f"{name} ended: {process.wait()}")
        heard += data


def _native(source: str, *libraries: str) -> Callable[[], list[str]]:
    return lambda: [str(built(source, *libraries))]


def _godot(script: str, *more: str) -> Callable[[], list[str]]:
    # by its path from the root, which the engine takes for the project
    return lambda: [*_engine(), "--script", f"bench/load/godot/{script}", "--", *more]


def _engine() -> list[str]:
    found = subprocess.run(["sh", "dev/godot", "--where"], cwd=ROOT, capture_output=True, text=True)
    if found.returncode:
        raise NotBuilt((found.stderr.strip().splitlines() or ["there is no Godot engine"])[-1])
    return ["sh", "dev/godot", "--headless"]


BASELINES = (
    Baseline("c", "C, recvmmsg/sendmmsg", "batched", None, _native("relay.c")),
    Baseline("rust", "Rust, standard library", "at once", None, _native("at_once.rs")),
    Baseline("godot-enet", "Godot, ENet", "enet", MOST_IN_ENET, _godot("enet_server.gd")),
    Baseline(
        "godot-enet-128",
        "Godot, ENet, a host for every 128",
        "enet128",
        MOST_SMALL_HOSTS * IN_SMALL_HOST,
        _godot("enet_server.gd", f"--peers={IN_SMALL_HOST}"),
    ),
    Baseline("godot-udp", "Godot, one UDP socket", "batched", None, _godot("udp_server.gd")),
    Baseline("c-enet", "C, ENet", "enet", MOST_IN_ENET, _native("enet_server.c", "enet")),
)
"""What there is; ``missing()`` tells whether it can be had here."""


def enet_swarm() -> Path:
    """The generator for ENet; raises NotBuilt."""
    return built("enet_swarm.c", "enet")
