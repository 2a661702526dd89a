"""S1: fuzzers over the real receive path, with the figures that the test command asserts.

``LOBBYD_FUZZ=10`` in the environment makes all of them ten times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tests.fuzz import (
    Figures,
    Found,
    Progress,
    answers,
    handshakes,
    members,
    scaled,
    strangers,
    told,
)

from ..row import Options, Row, at_most, exactly

MILLION = 1_000_000
MIB = 2**20
LAYERS = {
    "L0": "noise of strangers",
    "L1": "changed datagrams of strangers",
    "HELLO": "HELLOs from made-up addresses",
}
WHAT = "raised, accepted or changed anything"


def rows(options: Options) -> Iterator[Row]:
    """Each run's count of faults, and what strangers can make of memory, log and answers."""
    for layer, what in LAYERS.items():
        yield from _strangers(options, layer, what)
    runs: dict[str, tuple[str, int, Callable[[int, Progress], Figures]]] = {
        "L2": ("well-tagged nonsense of a member", 200_000, members.run),
        "T5": ("stolen tokens under guessed tags", 100_000, handshakes.stolen),
        "CONNECT": ("CONNECTs of a member with odd fields", 20_000, handshakes.own),
        "L4": ("changed datagrams at a client", 70_000, answers.untagged),
        "L4-tagged": ("well-tagged nonsense of a server", 30_000, answers.tagged),
    }
    for name, (what, usual, run) in runs.items():
        count = _count(options, usual)
        conditions = f"{count:,} x {what}"
        try:
            figures = run(count, told(name))
        except Found as found:
            options.say(str(found))
            yield exactly(f"fuzz-{name}", WHAT, conditions, 1, 0)
            continue
        yield exactly(f"fuzz-{name}", WHAT, conditions, 0, 0)
        if "grown_bytes" in figures:
            yield _growth(f"fuzz-{name}-memory", conditions, figures)
    yield from _sequences(options)


def _strangers(options: Options, layer: str, what: str) -> Iterator[Row]:
    count = _count(options, MILLION)
    conditions = f"{count:,} x {what}"
    try:
        figures = strangers.run(layer, count, told(layer))
    except Found as found:
        options.say(str(found))
        yield exactly(f"fuzz-{layer}", WHAT, conditions, 1, 0)
        return
    yield exactly(f"fuzz-{layer}", WHAT, conditions, 0, 0)
    ratio = figures["bytes_out"] / figures["bytes_in"]
    yield at_most(f"fuzz-{layer}-bytes", "bytes out for each byte in", conditions, ratio, 1)
    yield _growth(f"fuzz-{layer}-memory", conditions, figures)
    lines = figures["log_lines"]
    yield at_most(f"fuzz-{layer}-log", "log lines for a million", conditions, lines, 20)


def _sequences(options: Options) -> Iterator[Row]:
    # here, because hypothesis is only asked for by tests
    from tests.fuzz.machine import NetMachine
    from tests.test_fuzz_order import play

    count = _count(options, 1000)
    NetMachine.tally.clear()
    faults = 0
    try:
        play(count)
    except Found as found:
        options.say(str(found))
        faults = 1
    sequences, datagrams = NetMachine.tally["sequences"], NetMachine.tally["datagrams"]
    conditions = f"{sequences:,} sequences with {datagrams:,} datagrams in any order"
    yield exactly("fuzz-L3", WHAT, conditions, faults, 0)


def _growth(name: str, conditions: str, figures: Figures) -> Row:
    grown = figures["grown_bytes"] / MIB
    return at_most(name, "growth of resident memory", conditions, grown, 1, "MiB")


def _count(options: Options, usual: int) -> int:
    return max(1, scaled(usual) // 50) if options.quick else scaled(usual)
