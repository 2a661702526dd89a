"""One figure with its limit beside it, and the tables that figures stand in."""

from __future__ import annotations

import math
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import attrs

T = TypeVar("T")
Figure = float | int | str


@attrs.frozen
class Row:
    """A figure; ``limit`` says what is promised in words, empty where nothing is."""

    id: str
    what: str
    conditions: str
    figure: Figure
    limit: str = ""
    unit: str = ""
    holds: bool = True

    def line(self) -> str:
        """For the terminal: the figure with its limit beside it, MISSED said plainly."""
        limit = f" (limit {self.limit})" if self.limit else ""
        verdict = "" if self.holds else "  MISSED"
        return f"{self.conditions}: {self.what}: {_with_unit(self)}{limit}{verdict}"

    def cells(self) -> tuple[str, str, str, str]:
        """For the table: conditions, what, figure, limit."""
        figure = _with_unit(self) if self.holds else f"**{_with_unit(self)} MISSED**"
        return self.conditions, self.what, figure, self.limit


def at_most(
    id: str, what: str, conditions: str, figure: float, limit: float, unit: str = ""
) -> Row:
    """A figure that may not be above its limit; one that is not a number misses."""
    return Row(id, what, conditions, figure, _limit("at most", limit, unit), unit, figure <= limit)


def at_least(
    id: str, what: str, conditions: str, figure: float, limit: float, unit: str = ""
) -> Row:
    """A figure that may not be below its limit."""
    return Row(id, what, conditions, figure, _limit("at least", limit, unit), unit, figure >= limit)


def exactly(
    id: str, what: str, conditions: str, figure: float, limit: float, unit: str = ""
) -> Row:
    """A count that must be met."""
    return Row(id, what, conditions, figure, _limit("", limit, unit), unit, figure == limit)


def told(id: str, what: str, conditions: str, figure: Figure, unit: str = "") -> Row:
    """A figure without a promise, told because it explains the others."""
    return Row(id, what, conditions, figure, "", unit)


@attrs.frozen
class Options:
    """How a row is to be measured.

    ``runs`` repeats what takes real time and is then told as the median; ``quick`` is a
    run of seconds that shows that the bench works; ``alone`` asks for priority over whatever
    else runs on the machine (root); ``say`` hears of progress.
    """

    quick: bool = False
    runs: int = 5
    seed: int = 1
    alone: bool = False
    say: Callable[[str], None] = lambda line: None

    def words(self) -> list[str]:
        """The arguments of a command that differ from their defaults."""
        words = ["--quick"] if self.quick else []
        words += [f"--runs {self.runs}"] if self.runs != Options().runs else []
        words += [f"--seed {self.seed}"] if self.seed != Options().seed else []
        words += ["--alone"] if self.alone else []
        return words


def spread(work: Callable[..., T], cases: Sequence[tuple[Any, ...]]) -> Iterator[T]:
    """The results of ``work`` for each tuple of arguments, in order, made by as many processes as
    there are cores; for virtual time, where it does not matter what else runs."""
    with ProcessPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        yield from pool.map(work, *zip(*cases, strict=True))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that this share of all is not above; not a number for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def machine() -> str:
    """Cores, processor and Python of this machine, in words."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        names = [x for x in cpuinfo.read_text().splitlines() if x.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{os.cpu_count()} cores ({model}), {platform.system()}, {python}"


def table(rows: Iterable[Row], command: str) -> str:
    """A Markdown table, with the day, the machine and the command above it."""
    lines = [
        f"{time.strftime('%Y-%m-%d')}, {machine()}: `{command}`",
        "",
        "| conditions | what | figure | limit |",
        "| --- | --- | ---: | --- |",
    ]
    lines += ["| " + " | ".join(row.cells()) + " |" for row in rows]
    return "\n".join(lines)


def write_table(document: str, name: str, text: str) -> str:
    """The document with the table between the markers of ``name`` replaced.

    Raises ValueError where it has no such markers.
    """
    begin, end = f"<!-- bench: {name} -->", f"<!-- /bench: {name} -->"
    head, found, rest = document.partition(begin)
    _, closed, tail = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"there is no place for {name}: {begin} ... {end}")
    return f"{head}{begin}\n{text}\n{end}{tail}"


def _limit(word: str, limit: float, unit: str) -> str:
    return " ".join(part for part in (word, _number(limit), unit) if part)


def _with_unit(row: Row) -> str:
    return f"{_number(row.figure)} {row.unit}".rstrip()


def _number(value: Figure) -> str:
    """Three digits of what is measured, all of what is counted."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) or (math.isfinite(value) and value == int(value)):
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
