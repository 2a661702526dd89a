"""Measures what the netcode promises and prints each figure beside its limit.

python -m bench.netcode                     every row, as docs/reliability.md has them
python -m bench.netcode kill floods         only these
python -m bench.netcode --quick             seconds for each: shows that it works, proves little
python -m bench.netcode --out docs/reliability.md

Exit status 1 where a limit is missed or a row could not be measured.
"""

from __future__ import annotations

import argparse
import importlib
import sys
import time
import traceback
from pathlib import Path

from .row import Options, Row, machine, table, write_table

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


def main(arguments: list[str]) -> int:
    """Run the rows; returns the exit status."""
    parser = argparse.ArgumentParser(
        "python -m bench.netcode",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choice = ", ".join(f"{name} ({what})" for name, what in ROWS.items())
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of: {choice}")
    parser.add_argument("--quick", action="store_true", help="seconds for each row")
    parser.add_argument("--runs", type=int, default=5, help="runs of what takes real time (5)")
    parser.add_argument("--seed", type=int, default=1, help="of all that is random (1)")
    parser.add_argument(
        "--alone", action="store_true", help="with priority over what else runs here (root)"
    )
    parser.add_argument("--out", type=Path, help="a document whose tables are replaced")
    given = parser.parse_args(arguments)
    unknown = set(given.rows) - set(ROWS)
    if unknown:
        parser.error(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if given.out is not None:
        try:
            # now, and not after an hour of measuring
            document = given.out.read_text()
            for name in given.rows or ROWS:
                write_table(document, name, "")
        except (OSError, ValueError) as error:
            parser.error(f"--out: {error}")
    options = Options(given.quick, given.runs, given.seed, given.alone, _say)
    print(machine(), flush=True)
    good = True
    for name in given.rows or ROWS:
        good &= _one(name, options, given.out)
    return 0 if good else 1


def _one(name: str, options: Options, out: Path | None) -> bool:
    """Measure one row, print it, and put it into the document; whether all of it holds."""
    print(f"\n{name}: {ROWS[name]}", flush=True)
    began = time.monotonic()
    measured: list[Row] = []
    complete = True
    try:
        for row in importlib.import_module(f".{name}", __package__).rows(options):
            measured.append(row)
            print(f"  {row.line()}", flush=True)
    except Exception:
        # the other rows still are to be measured
        traceback.print_exc()
        print(f"  {name} FAILED", flush=True)
        complete = False
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    if out is not None and measured and complete:
        text = table(measured, _command(name, options))
        out.write_text(write_table(out.read_text(), name, text))
    return complete and all(row.holds for row in measured)


def _command(name: str, options: Options) -> str:
    words = ["python -m bench.netcode", name]
    words += ["--quick"] if options.quick else []
    words += [f"--runs {options.runs}"] if options.runs != Options().runs else []
    words += [f"--seed {options.seed}"] if options.seed != Options().seed else []
    words += ["--alone"] if options.alone else []
    return " ".join(words)


def _say(line: str) -> None:
    print(f"    {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
