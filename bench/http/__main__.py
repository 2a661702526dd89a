"""Measures HTTP calls of a real twistd over real sockets, and what floods of them do to ticks.

python -m bench.http                        every row, as docs/performance.md has them
python -m bench.http joins list             only these
python -m bench.http --quick                seconds for each: shows that it works, proves little
python -m bench.http --out docs/performance.md

The server has one core, everything else another. Exit status 1 where a limit is missed or a
row could not be measured.
"""

from __future__ import annotations

import sys

from ..command import run

PACKAGE = "bench.http"
ROWS = {
    "joins": "creates and joins a second, and how long a join takes",
    "list": "how long pages and searches take with 100,000 lobbies",
    "flood": "ticks and players under 2,000 requests a second and 500 slow sockets",
}
"""Row to what it measures; each is a module of this package with ``rows(options)``."""


if __name__ == "__main__":
    sys.exit(run(PACKAGE, ROWS, __doc__, sys.argv[1:]))
