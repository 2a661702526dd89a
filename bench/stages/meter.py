"""What a piece of work costs: processor time, and instructions where valgrind is there."""

from __future__ import annotations

import gc
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs

from ..processes import ROOT, mortal

WARM = 0.25
"""Share of a stage's pieces that are not counted: the interpreter still adapts to the code."""
LEAST = 4
"""Pieces of any stage."""
_MARK = os.getppid
_MARK_NAME = "getppid"

Piece = tuple[Callable[[], object], int]
"""Work that is measured, and the operations that it does."""


class NotHere(Exception):
    """A stage cannot be on this machine; the message says why."""


@attrs.frozen
class Stage:
    """``pieces(count, small)`` gives as many pieces of work; what it does between is not measured.

    ``small`` asks for a load that costs no more to set up than it must.
    """

    name: str
    what: str
    operation: str
    pieces: Callable[[int, bool], Iterator[Piece]]
    count: int


def processor_us(stage: Stage, runs: int) -> list[float]:
    """Microseconds of this process for one operation, kernel and user together, of each run."""
    return [_once(stage) for _ in range(runs)]


def median(figures: list[float]) -> str:
    """The median with the worst in brackets."""
    return f"{statistics.median(figures):.2f} ({max(figures):.2f})"


def _once(stage: Stage) -> float:
    clock = time.process_time
    spent, done, warm = 0.0, 0, int(stage.count * WARM)
    gc.collect()
    gc.disable()
    try:
        for number, (work, operations) in enumerate(stage.pieces(stage.count, False)):
            began = clock()
            work()
            took = clock() - began
            if number >= warm:
                spent += took
                done += operations
    finally:
        gc.enable()
    return spent / done * 1e6


def instructions(stages: list[Stage]) -> dict[str, float]:
    """Instructions of one operation of each stage, in user space; nothing without valgrind.

    All stages run in one child under callgrind. It writes what it counted whenever a libc
    function is called that nobody calls else, before and after each piece: what is between
    pieces, and the start, count elsewhere. Source: callgrind's manual, --dump-before.
    """
    valgrind = shutil.which("valgrind")
    if valgrind is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "callgrind")
        command = mortal(
            *(valgrind, "--tool=callgrind", f"--dump-before={_MARK_NAME}", "--combine-dumps=yes"),
            *(f"--callgrind-out-file={out}", sys.executable, "-m", "bench.stages.marked"),
            *(stage.name for stage in stages),
        )
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
        ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True)
        if ran.returncode:
            raise RuntimeError(f"callgrind: {ran.stderr.decode(errors='replace')[-2000:]}")
        counted = _parts(out)
    found: dict[str, float] = {}
    for line in ran.stdout.decode().splitlines():
        name, first, operations = line.split()
        parts = [int(number) for number in first.split(",")]
        found[name] = sum(counted[part] for part in parts) / int(operations)
    return found


def mark_pieces(stages: list[Stage]) -> Iterator[str]:
    """In the child: run stages, and say which of callgrind's parts are whose."""
    part = 1
    for stage in stages:
        count = max(LEAST, stage.count // 8)
        mine, done = [], 0
        gc.collect()
        gc.disable()
        try:
            for number, (work, operations) in enumerate(stage.pieces(count, True)):
                _MARK()
                work()
                _MARK()
                part += 2
                if number >= count * WARM:
                    # the part that began with the first of the two
                    mine.append(part - 1)
                    done += operations
        except NotHere:
            continue
        finally:
            gc.enable()
        yield f"{stage.name} {','.join(map(str, mine))} {done}"


def _parts(out: Path) -> dict[int, int]:
    """Instructions by the number of the part, from 1."""
    text = out.read_text()
    numbers = [int(n) for n in re.findall(r"^part: (\d+)$", text, re.MULTILINE)]
    totals = [int(n) for n in re.findall(r"^totals: (\d+)", text, re.MULTILINE)]
    if len(numbers) != len(totals):
        raise RuntimeError("callgrind: parts without totals")
    return dict(zip(numbers, totals, strict=True))
