"""Makes the pictures in docs/pictures: ``python -m tests.e2e.pictures``.

It wants an engine with a screen (``sh dev/godot --install --pictures``), and takes two minutes.
Pictures can be named; ``reconnecting`` is one that the docs do not show.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.internet.task import react

from . import engine_quickstart
from .engine import project, start
from .support import ROOT, call, daemon, pause, spawn, within

PICTURES = ROOT / "docs" / "pictures"
NAMES = ("arena", "bad", "quick-start")
DEADLINE = 90.0


async def picture(reactor: Any, name: str, file: Path) -> None:
    """Take one picture, of a window whose player is the host, with two other windows walking."""
    async with daemon(reactor, "--allow-conditions", "on") as url:
        window = spawn(
            reactor,
            *("/bin/sh", "dev/godot", "--picture", "--path", "godot_client"),
            *("res://test/picture.tscn", "--", f"--lobbyd-url={url}", "--at=-1.8,6.2"),
            *(f"--picture={name}", f"--out={file}"),
        )
        while window.status is None:
            _, answer, _ = await call(reactor, "GET", f"{url}/lobbies/TEST")
            if answer["lobby"]["host_player_id"]:
                break
            await pause(reactor, 0.1)
        arguments = ("res://test/world.tscn", "--", f"--lobbyd-url={url}")
        others = [
            start(reactor, *arguments, f"--lobbyd-name={who}", f"--at={at}")
            for who, at in (("Ann", "5.2,3.6"), ("Ben", "-3.4,-6"))
        ]
        try:
            await within(reactor, window.ended, DEADLINE)
        finally:
            for process in (window, *others):
                process.stop()
        assert window.status == 0, window.output


async def main(reactor: Any, names: list[str]) -> None:
    """Take all pictures, or those that are named."""
    await project(reactor)
    PICTURES.mkdir(exist_ok=True)
    for name in names or NAMES:
        file = PICTURES / f"{name}.png"
        if name == "quick-start":
            await engine_quickstart.play(reactor, file)
        else:
            await picture(reactor, name, file)


if __name__ == "__main__":
    react(lambda reactor, *names: ensureDeferred(main(reactor, list(names))), sys.argv[1:])
