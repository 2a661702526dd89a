"""What each stage of the hot path costs, so that a regression shows where it came from.

python -m bench.stages                          every stage, as docs/performance.md has them
python -m bench.stages in out-8                 only these
python -m bench.stages --quick                  one short run of each
python -m bench.stages --out docs/performance.md

Microseconds are processor time of this process, pinned to one core, kernel included: the median
of the runs with the worst in brackets. Instructions are those in user space, counted by
valgrind's callgrind where it is installed; they do not depend on what else runs.
"""

from __future__ import annotations

import sys
import time

import attrs

from ..command import command_line, parser, say
from ..processes import hurry, pin
from ..row import Options, machine, write_table
from .meter import NotHere, Stage, instructions, median, processor_us
from .stages import STAGES

PACKAGE = "bench.stages"
TABLE = "stages"
"""The markers' name in the document."""


def main(arguments: list[str]) -> int:
    """Measure stages; returns the exit status."""
    made = parser(PACKAGE, {name: stage.what for name, stage in STAGES.items()}, __doc__)
    given = made.parse_args(arguments)
    unknown = set(given.rows) - set(STAGES)
    if unknown:
        made.error(f"there is no stage {', '.join(sorted(unknown))}; there are {', '.join(STAGES)}")
    if given.out is not None and given.rows:
        made.error("--out: the table is of all stages")
    if given.out is not None:
        write_table(given.out.read_text(), TABLE, "")
    options = Options(given.quick, given.runs, given.seed, given.alone, say)
    stages = [STAGES[name] for name in dict.fromkeys(given.rows or STAGES)]
    print(machine(), flush=True)
    pin(0)
    if given.alone:
        hurry(10)
    say("counting instructions")
    counted = instructions(stages)
    lines = []
    for stage in stages:
        cells = _measure(stage, options, counted.get(stage.name))
        print("  ".join(cells), flush=True)
        lines.append("| " + " | ".join(cells) + " |")
    if given.out is not None:
        text = _table(lines, command_line(PACKAGE, "", options))
        given.out.write_text(write_table(given.out.read_text(), TABLE, text))
    return 0


def _measure(stage: Stage, options: Options, counted: float | None) -> tuple[str, str, str, str]:
    """Name, what, microseconds and instructions."""
    if options.quick:
        stage = attrs.evolve(stage, count=max(4, stage.count // 8))
    told = "" if counted is None else f"{counted:,.0f}"
    try:
        figures = median(processor_us(stage, 1 if options.quick else options.runs))
    except NotHere as reason:
        figures = f"not here: {reason}"
    return f"`{stage.name}`", f"{stage.what}; for each {stage.operation}", figures, told


def _table(lines: list[str], command: str) -> str:
    return "\n".join(
        [
            f"{time.strftime('%Y-%m-%d')}, {machine()}: `{command.strip()}`",
            "",
            "| stage | what | us | instructions |",
            "| --- | --- | ---: | ---: |",
            *lines,
        ]
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
