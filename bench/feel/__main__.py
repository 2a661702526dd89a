"""Measures how well remote players move, in real engines, and prints each figure with its limit.

python -m bench.feel                     every row, as docs/feel.md has them: half an hour
python -m bench.feel e2 kill             only these
python -m bench.feel --quick             seconds for each: shows that it works, proves little
python -m bench.feel --out docs/feel.md --plots docs/pictures

Exit status 1 where a limit is missed or a row could not be measured.
"""

from __future__ import annotations

import argparse
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

from ..command import measure, parser, read, say
from ..row import Row
from .limits import LIMITS
from .matrix import Matrix
from .options import Options
from .pictures import require
from .programs import engine_ready

PACKAGE = "bench.feel"
ROWS = {
    **{name: limits.words for name, limits in LIMITS.items()},
    "bursts": "datagrams lost in bursts of 8",
    "clock": "the server's clock while the link suffers bufferbloat",
    "kill": "kill -9 of the server under two clients",
    "rebind": "ports and addresses that change in play",
    "freeze": "a window that stands still for 2 s",
    "correction": "an own player that is put 1 m aside",
    "legal": "ten minutes of legal movement",
    "perf": "script time of a frame with 64 players",
}
"""Row to what it measures."""
LEAST = 10.0
"""Seconds of a walk: the first 5 are for settling."""


def arguments() -> argparse.ArgumentParser:
    """What may be given."""
    made = parser(PACKAGE, ROWS, __doc__)
    made.add_argument("--seconds", type=float, default=60.0, help="of a walk under E1 to E4 (60)")
    made.add_argument("--plots", type=Path, help="a folder for pictures of E1 to E4")
    return made


def main(words: list[str]) -> int:
    """Run the rows; returns the exit status."""
    made = arguments()
    given = read(made, ROWS, words)
    if not given.seconds >= LEAST:
        made.error(f"--seconds: at least {LEAST:g}")
    try:
        if given.plots is not None:
            require()
        engine_ready()
    except RuntimeError as error:
        print(f"python -m {PACKAGE}: {error}", file=sys.stderr)
        return 1
    options = Options(
        given.quick, given.runs, given.seed, given.alone, say, given.seconds, given.plots
    )
    matrix = Matrix(given.rows)

    def rows(name: str) -> Iterator[Row]:
        if name in LIMITS:
            return matrix.rows(name, options)
        found: Iterator[Row] = importlib.import_module(f"{PACKAGE}.{name}").rows(options)
        return found

    return measure(PACKAGE, ROWS, given.rows, options, given.out, rows)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
