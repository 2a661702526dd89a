"""Measures what the netcode promises and prints each figure beside its limit.

python -m bench.netcode                     every row, as docs/reliability.md has them
python -m bench.netcode kill floods         only these
python -m bench.netcode --quick             seconds for each: shows that it works, proves little
python -m bench.netcode --out docs/reliability.md

Exit status 1 where a limit is missed or a row could not be measured.
"""

from __future__ import annotations

import sys

from ..command import run

PACKAGE = "bench.netcode"
ROWS = {
    "connect": "connects under loss",
    "reliable": "reliable messages under loss, duplication, reordering and corruption",
    "rebind": "ports and addresses that change every 5 s",
    "outages": "bursts, blackholes, yojimbo's weather, a clean shutdown",
    "movement": "cheats, and legal play under loss",
    "replay": "a whole capture played again a hundred times",
    "flips": "every single bit of a datagram flipped",
    "fuzz": "fuzzed datagrams",
    "kill": "kill -9 and restart of a real server with 64 players",
    "floods": "200,000 packets a second against a real server with 8 players",
    "soak": "a day of 64 players who come and go",
}
"""Row to what it measures; each is a module of this package with ``rows(options)``."""


if __name__ == "__main__":
    sys.exit(run(PACKAGE, ROWS, __doc__, sys.argv[1:]))
