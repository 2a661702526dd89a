"""L2: a day of 64 players who come and go, in virtual time; see lobbyd.testing.soak."""

from __future__ import annotations

import time
from collections.abc import Iterator

from lobbyd.testing.soak import Soak

from ..row import Options, Row, exactly, told

PLAYERS, HOURS = 64, 24.0
HZ = 5
"""Ticks a second: a quarter of the usual, because a day takes half an hour of a core even so."""
QUICK_PLAYERS, QUICK_HOURS = 16, 0.5


def rows(options: Options) -> Iterator[Row]:
    """What happened, and how fast; what is wrong raises."""
    players, hours = (QUICK_PLAYERS, QUICK_HOURS) if options.quick else (PLAYERS, HOURS)
    soak = Soak(options.seed, players, tick_hz=HZ)
    began = time.monotonic()

    def progress(played: float) -> None:
        speed = played / (time.monotonic() - began)
        options.say(f"soak: {played / 3600:.1f} of {hours:g} h, {speed:.0f} times as fast as life")

    soak.run(hours * 3600, progress)
    where = f"{hours:g} h, {players} players at {HZ} Hz, a kill -9 every 8 minutes"
    left = soak.tides[-1]
    yield exactly("L2", "errors of our own", where, soak.errors, 0)
    yield exactly("L2", "connections, lobbies and records left", where, _rest(left), 0)
    yield told("L2", "objects left in the server", where, left["objects"])
    yield told("L2", "joins", where, soak.story["join"])
    yield told("L2", "kills of the server", where, soak.story["kill"])
    yield told("L2", "changes of address", where, soak.story["rebind_address"])
    yield told("L2", "reliable messages checked", where, soak.talk.heard)
    yield told("L2", "snapshots", where, soak.snapshots)
    speed = hours * 3600 / (time.monotonic() - began)
    yield told("L2", "virtual seconds a second", where, round(speed, 1))


def _rest(left: dict[str, int]) -> int:
    return left["connections"] + left["lobbies"] + left["records"] + left["queued_bytes"]
