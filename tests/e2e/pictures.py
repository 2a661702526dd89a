"""Makes the pictures in docs/pictures: ``python -m tests.e2e.pictures``.

It wants an engine with a screen (``sh dev/godot --install --pictures``), and takes four minutes.
Pictures can be named, ``ui`` means all those of the screens; ``reconnecting`` is one that the docs
do not show.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.internet.task import react

from . import editor_picture, engine_peer, engine_quickstart
from .cast import Cast, cast_of, play_with
from .engine import project, scene, start
from .support import ROOT, call, daemon, pause, spawn, within
from .windows import open_window, to_its_end

PICTURES = ROOT / "docs" / "pictures"
NAMES = ("arena", "bad", "quick-start", "demo-rpc", "editor", "ui")
DEADLINE = 90.0
EVENING: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("Ola", 2, {"name": "Late night co-op", "max_players": 4, "password": "moon"}),
    ("Ines", 2, {"name": "Speedrun practice", "max_players": 4}),
    ("Jo", 1, {"name": "Just chatting", "max_players": 16}),
    ("Cleo", 1, {"name": "Chess evening", "max_players": 2, "password": "sesame"}),
    ("Bo", 6, {"name": "Castle siege", "max_players": 12}),
    ("Mika", 3, {"name": "Beginners welcome", "max_players": 6}),
    ("Sam", 7, {"name": "Capture the flag", "max_players": 8, "code": "CTF707"}),
    ("Lena", 5, {"name": "Snow map, no items", "max_players": 8}),
    ("Ravi", 4, {"name": "Tournament final", "max_players": 4}),
    ("Theo", 2, {"name": "Family room", "max_players": 5, "password": "cake"}),
)
"""Host, people, lobby; the last one is the newest."""


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


async def gallery(reactor: Any) -> None:
    """The screens, with a list and a room as a game has them on an evening."""
    # a port that nobody listens at, and a firewall in front of UDP look the same
    shut = ("--advertise-port", "9")
    async with (
        daemon(reactor, "--rate-limit", "off", "--allow-conditions", "on") as url,
        daemon(reactor, *shut) as closed,
        cast_of(reactor, url) as cast,
    ):
        await an_evening(cast)
        with tempfile.TemporaryDirectory() as taken:
            more = (f"--shots={taken}", f"--closed={closed}")
            window = await open_window(reactor, *scene("gallery", url, "ui"), *more)
            await play_with(cast, window)
            await to_its_end(reactor, window)
            for picture in Path(taken).glob("*.png"):
                shutil.copy(picture, PICTURES)


async def an_evening(cast: Cast) -> None:
    """Ten lobbies: full ones, empty ones, some with a password."""
    for who, people, fields in EVENING:
        host = await cast.host(who, **fields)
        assert host.joined is not None
        code = host.joined.lobby.code
        password = fields.get("password", "")
        for number in range(1, people):
            await cast.join(f"{who}'s guest {number}", code, password=password)


async def main(reactor: Any, names: list[str]) -> None:
    """Take all pictures, or those that are named."""
    await project(reactor)
    PICTURES.mkdir(exist_ok=True)
    for name in names or NAMES:
        file = PICTURES / f"{name}.png"
        if name == "ui":
            await gallery(reactor)
        elif name == "quick-start":
            await engine_quickstart.play(reactor, file)
        elif name == "demo-rpc":
            await engine_peer.picture(reactor, file)
        elif name == "editor":
            await editor_picture.take(reactor, file)
        else:
            await picture(reactor, name, file)


if __name__ == "__main__":
    react(lambda reactor, *names: ensureDeferred(main(reactor, list(names))), sys.argv[1:])
