"""Measures how many players one core holds, and what each costs, with limits beside.

python -m bench.load                     every row, as docs/performance.md has them: under an hour
python -m bench.load edge half           only these
python -m bench.load --quick             one run of each, beside other work
python -m bench.load --alone             with priority over what else runs here (root)
python -m bench.load --out docs/performance.md --plots docs/pictures

It needs two cores, one for the server and one for the generator, and a C compiler. Exit status 1
where a limit is missed or a row could not be measured.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ..command import measure, parser, read, say
from ..feel.pictures import require
from .building import NotBuilt
from .options import Options
from .swarm import swarm_program

PACKAGE = "bench.load"
ROWS = {
    "edge": "players at the edge of one core, P = 8, 20 Hz",
    "edge32": "players at the edge where lobbies are large",
    "half": "staleness and memory at half the edge",
    "light": "what few players cost",
    "grow": "what a player costs, by lobbies, their size and the rate",
    "idle": "lobbies of one player who does nothing",
}
"""Row to what it measures; each is a module of this package with ``rows(options)``."""


def main(arguments: list[str]) -> int:
    """Run the rows; returns the exit status."""
    made = parser(PACKAGE, ROWS, __doc__)
    made.add_argument("--plots", type=Path, help="a folder for pictures")
    given = read(made, ROWS, arguments)
    try:
        if given.plots is not None:
            require()
        swarm_program("lobbyd")
    except (NotBuilt, RuntimeError) as error:
        print(f"python -m {PACKAGE}: {error}", file=sys.stderr)
        return 1
    options = Options(given.quick, given.runs, given.seed, given.alone, say, given.plots)
    return measure(PACKAGE, ROWS, given.rows, options, given.out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
