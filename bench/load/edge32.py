"""Players at the edge where lobbies are large: P = 32 beside Rust, P = 32 and 64 at 30 Hz."""

from __future__ import annotations

from collections.abc import Iterator

from ..row import Row
from .compare import compare
from .contenders import Load
from .field import field, lobbyds
from .options import Options

FASTER = (Load(32, 30), Load(64, 30))
BESIDE = ("rust", "c")


def rows(options: Options) -> Iterator[Row]:
    """lobbyd as it runs by default, and what relays each update at once."""
    lobbyd = lobbyds()[0]
    others = [contender for contender in field() if contender.id in BESIDE]
    yield from compare([lobbyd, *others], Load(32, 20), options, {lobbyd.id: {"rust": 4.0}})
    for load in FASTER:
        yield from compare([lobbyd], load, options, {})
