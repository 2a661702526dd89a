"""Counts of work, the same in every run: Python frames, calls of C, instructions, memory."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import attrs

PACKAGE = Path(__file__).resolve().parent.parent.parent / "lobbyd"

STAGE_OF = {
    "relay/fastpath": "fast path",
    "wire/keys": "tag",
    "wire/replay": "verify",
    "wire/frames": "frame",
    "wire/serial": "decode",
    "relay/frames": "decode",
    "relay/movement": "movement",
    "relay/mover": "movement",
    "relay/judge": "movement",
    "relay/updates": "record",
    "relay/block": "record",
    "relay/broadcast": "frame",
    "session": "connection",
    "limits": "limits",
    "relay": "relay",
}
"""Where a module stands to the stage that it belongs to; the longest beginning counts."""


@attrs.frozen
class Counts:
    """What one call did, by function: frames entered, instructions executed, calls of C."""

    frames: Counter[str] = attrs.Factory(Counter)
    instructions: Counter[str] = attrs.Factory(Counter)
    c_calls: Counter[str] = attrs.Factory(Counter)

    def told(self, by_function: Counter[str], per: int) -> str:
        """How many there were for each of ``per`` operations, by stage and function."""
        by_stage: dict[str, Counter[str]] = {}
        for name, count in by_function.items():
            by_stage.setdefault(stage_of(name), Counter())[name] += count
        lines = [f"{by_function.total() / per:.1f} for each of {per}:"]
        for stage, functions in sorted(by_stage.items(), key=lambda item: -item[1].total()):
            parts = ", ".join(f"{name} {n / per:.2f}" for name, n in functions.most_common(8))
            lines.append(f"  {stage} {functions.total() / per:.2f}: {parts}")
        return "\n".join(lines)


def stage_of(function: str) -> str:
    """The stage of a function of ours, by its module."""
    module = function.partition(":")[0]
    found = [name for name in STAGE_OF if module == name or module.startswith(name + "/")]
    return STAGE_OF[max(found, key=len)] if found else "elsewhere"


def counted(work: Callable[[], object]) -> Counts:
    """Run ``work`` under the interpreter's hooks; its own frame does not count."""
    counts = Counts()
    outer = work.__code__ if hasattr(work, "__code__") else None

    def profile(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and frame.f_code is not outer:
            counts.frames[_name(frame)] += 1
        elif event == "c_call":
            counts.c_calls[f"{_name(frame)} {argument.__qualname__}"] += 1

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        if frame.f_code is outer and event == "call":
            return None
        if event == "call":
            frame.f_trace_opcodes, frame.f_trace_lines = True, False
        elif event == "opcode":
            counts.instructions[_name(frame)] += 1
        return trace

    # a profiler is called when a hook of a trace is, too: one after the other
    before = sys.getprofile(), sys.gettrace()
    gc.disable()
    try:
        sys.settrace(trace)
        sys.setprofile(profile)
        work()
    finally:
        sys.setprofile(before[0])
        sys.settrace(before[1])
        gc.enable()
    # that which ended the counting
    counts.c_calls.pop(f"{_name(sys._getframe())} setprofile", None)
    return counts


def blocks() -> int:
    """Blocks of memory that are in use, garbage left out."""
    gc.collect()
    return sys.getallocatedblocks()


def _name(frame: FrameType) -> str:
    code = frame.f_code
    path = Path(code.co_filename)
    if path.is_relative_to(PACKAGE):
        return f"{path.relative_to(PACKAGE).with_suffix('').as_posix()}:{code.co_qualname}"
    return f"{path.name}:{code.co_qualname}"
