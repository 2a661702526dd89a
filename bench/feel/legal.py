"""Legal movement at full speed in a lobby with limits, which nobody may correct."""

from __future__ import annotations

from collections.abc import Iterator

from ..row import Row, exactly, told
from .field import field
from .limits import LIMITS
from .options import Options
from .own import runner

SECONDS, QUICK = 600, 15
PLAYERS = 2


def rows(options: Options) -> Iterator[Row]:
    """Once, and not as often as there are runs: it takes its time."""
    seconds = QUICK if options.quick else SECONDS
    with field(options) as ground:
        programs = [
            runner(ground, f"runner-{number}", options.seed + number, f"--seconds={seconds}")
            for number in range(PLAYERS)
        ]
        played = [program.line("travelled_m", seconds + 60) for program in programs]
        for program in programs:
            program.result()
    where = f"{LIMITS['e2'].words}, {PLAYERS} players, {seconds} s each"
    corrections = sum(each["corrections"] for each in played)
    yield exactly("legal", "corrections", where, corrections, 0)
    yield told("legal", "way made", where, sum(each["travelled_m"] for each in played), "m")
    yield told("legal", "jumps", where, sum(each["leaps"] for each in played))
    lost = sum(each["reconnects"] for each in played)
    yield exactly("legal", "connections made anew", where, lost, 0)
