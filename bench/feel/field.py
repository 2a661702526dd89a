"""A real server, real engines, and a proxy between each of them and the server."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from lobbyd.netsim.conditions import Conditions

from ..processes import call, hurry
from ..supervisor import Supervisor
from .options import Options
from .programs import Program
from .proxies import HOST, Proxies

HZ = 30
"""Snapshots a second, and the clients' samples."""
LEAD = 4.0
"""Seconds that engines get to start and connect before the path begins."""
LATE = 1.0
"""Seconds after that: who is not there then shows how busy the machine is, and nothing else."""


class Field:
    """What a run plays on; ends all that it started."""

    def __init__(self, options: Options, folder: Path, ending: ExitStack) -> None:
        self.folder = folder
        self._ending = ending
        flags = ("--tick-hz", str(HZ))
        self.server = Supervisor(str(folder / "state"), options.alone, *flags)
        self.server.start()
        ending.callback(self.server.close)
        self.server.wait_up()
        self.proxies = Proxies(self.server.udp_port)
        ending.callback(self.proxies.close)
        self._alone = options.alone
        self._hurry(self.proxies.pid)

    def lobby(self, **settings: Any) -> str:
        """A new lobby; returns its code."""
        made = call("POST", f"{self.server.url}/lobbies", {"max_players": 8, **settings})
        return str(made["lobby"]["code"])

    def play(
        self,
        name: str,
        scene: str,
        code: str,
        weather: Conditions,
        seed: int,
        *arguments: str,
        roams: bool = False,
    ) -> Program:
        """Start a program behind a proxy of its own, with the same conditions both ways.

        One that ``roams`` gets another in front of it, for ``roam``.
        """
        port = self.proxies.open(_far(name) if roams else name, weather, weather, seed)
        if roams:
            port = self.proxies.open(name, Conditions(), Conditions(), seed, port)
        program = Program(
            name,
            self.folder,
            f"res://tests/{scene}.tscn",
            "--",
            f"--lobbyd-url={self.server.url}",
            f"--code={code}",
            f"--udp={HOST}:{port}",
            *arguments,
        )
        self._ending.callback(program.close)
        self._hurry(program.pid)
        return program

    def ready(self, programs: Iterable[Program], start: float) -> None:
        """Wait until all are connected; raises RuntimeError where that was too late."""
        for program in programs:
            program.line("ready")
            if time.time() > start + LATE:
                raise RuntimeError(
                    f"{program.name} was not there when the walk began: the machine is too busy"
                )

    def roam(self, name: str, *, address: bool) -> float:
        """A client comes from another port or address, and what is on the long way to the old one
        is lost; returns when."""
        if address:
            # whose port the far proxy does not know is another client to it
            self.proxies.move(_far(name))
        return self.proxies.rebind(name)

    def _hurry(self, pid: int) -> None:
        if self._alone:
            hurry(15, pid)


def _far(name: str) -> str:
    return f"{name}, far"


@contextmanager
def field(options: Options) -> Iterator[Field]:
    """A field that leaves nothing behind."""
    with tempfile.TemporaryDirectory(prefix="lobbyd-feel-") as folder, ExitStack() as ending:
        yield Field(options, Path(folder), ending)


def pause_until(unix: float) -> None:
    """Let real time pass."""
    time.sleep(max(0.0, unix - time.time()))
