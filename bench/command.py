"""What the commands of the benches share: rows by name, progress, tables put into documents."""

from __future__ import annotations

import argparse
import importlib
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from .row import Options, Row, machine, table, write_table


def parser(package: str, rows: Mapping[str, str], description: str) -> argparse.ArgumentParser:
    """The arguments that every bench has; ``rows`` are names of modules and what they measure."""
    made = argparse.ArgumentParser(
        f"python -m {package}",
        description=description,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    choice = ", ".join(f"{name} ({what})" for name, what in rows.items())
    made.add_argument("rows", nargs="*", metavar="ROW", help=f"one or more of: {choice}")
    made.add_argument("--quick", action="store_true", help="seconds for each row")
    made.add_argument("--runs", type=int, default=5, help="runs of what takes real time (5)")
    made.add_argument("--seed", type=int, default=1, help="of all that is random (1)")
    made.add_argument(
        "--alone", action="store_true", help="with priority over what else runs here (root)"
    )
    made.add_argument("--out", type=Path, help="a document whose tables are replaced")
    return made


def read(made: argparse.ArgumentParser, rows: Mapping[str, str], arguments: list[str]) -> Any:
    """The arguments; what is wrong with them is said now, and not after an hour of measuring."""
    given = made.parse_args(arguments)
    unknown = set(given.rows) - set(rows)
    if unknown:
        made.error(f"there is no row {', '.join(sorted(unknown))}; there are {', '.join(rows)}")
    if given.runs < 1:
        made.error("--runs: at least 1")
    given.rows = list(dict.fromkeys(given.rows)) or list(rows)
    if given.out is not None:
        try:
            document = given.out.read_text()
            for name in given.rows:
                write_table(document, name, "")
        except (OSError, ValueError) as error:
            made.error(f"--out: {error}")
    return given


def measure(
    package: str,
    rows: Mapping[str, str],
    chosen: list[str],
    options: Options,
    out: Path | None,
    find: Callable[[str], Iterable[Row]] | None = None,
) -> int:
    """Measure rows, print each, put them into the document; returns the exit status.

    ``find`` measures a row by its name; else the module of that name does.
    """

    def module(name: str) -> Iterable[Row]:
        found: Iterable[Row] = importlib.import_module(f"{package}.{name}").rows(options)
        return found

    # as from a keyboard: what was started is ended by whoever started it
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    print(machine(), flush=True)
    good = True
    try:
        for name in chosen:
            print(f"\n{name}: {rows[name]}", flush=True)
            good &= _one(name, find or module, command_line(package, name, options), out)
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    return 0 if good else 1


def run(package: str, rows: Mapping[str, str], description: str, arguments: list[str]) -> int:
    """The main of a bench that has no arguments of its own; returns the exit status."""
    given = read(parser(package, rows, description), rows, arguments)
    options = Options(given.quick, given.runs, given.seed, given.alone, say)
    return measure(package, rows, given.rows, options, given.out)


def say(line: str) -> None:
    """Tell of progress."""
    print(f"    {line}", file=sys.stderr, flush=True)


def _one(name: str, find: Callable[[str], Iterable[Row]], command: str, out: Path | None) -> bool:
    """Measure one row, print it, and put it into the document; whether all of it holds."""
    began = time.monotonic()
    measured: list[Row] = []
    complete = True
    try:
        for row in find(name):
            measured.append(row)
            print(f"  {row.line()}", flush=True)
    except Exception:
        # the other rows still are to be measured
        traceback.print_exc()
        print(f"  {name} FAILED", flush=True)
        complete = False
    print(f"  ({time.monotonic() - began:.0f} s)", flush=True)
    if out is not None and measured and complete:
        out.write_text(write_table(out.read_text(), name, table(measured, command)))
    return complete and all(row.holds for row in measured)


def command_line(package: str, name: str, options: Options) -> str:
    """The command that measures a row so again."""
    return " ".join(["python -m", package, name, *options.words()])
