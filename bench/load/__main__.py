"""Measures how many players one core holds, and what each costs, with limits beside.

python -m bench.load                     every row, as docs/performance.md has them: under an hour
python -m bench.load edge half           only these
python -m bench.load --quick             one run of each, beside other work
python -m bench.load --alone             with priority over what else runs here (root)
python -m bench.load --out docs/performance.md

It needs two cores, one for the server and one for the generator, and a C compiler. Exit status 1
where a limit is missed or a row could not be measured.
"""

from __future__ import annotations

import sys

from ..command import measure, parser, read, say
from ..row import Options
from .building import NotBuilt
from .swarm import swarm_program

PACKAGE = "bench.load"
ROWS = {
    "edge": "players at the edge of one core, P = 8, 20 Hz",
    "idle": "lobbies of one player who does nothing",
}
"""Row to what it measures; each is a module of this package with ``rows(options)``."""


def main(arguments: list[str]) -> int:
    """Run the rows; returns the exit status."""
    given = read(parser(PACKAGE, ROWS, __doc__), ROWS, arguments)
    try:
        swarm_program("lobbyd")
    except NotBuilt as error:
        print(f"python -m {PACKAGE}: {error}", file=sys.stderr)
        return 1
    options = Options(given.quick, given.runs, given.seed, given.alone, say)
    return measure(PACKAGE, ROWS, given.rows, options, given.out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
