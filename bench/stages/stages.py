"""All stages by their names, in the order of a datagram."""

from __future__ import annotations

from .meter import Stage
from .parts import parts
from .ports import ports
from .whole import idle, ways_in, ways_out

_IN = ("receive", "receive-batched", "verify", "decode", "movement", "record")
_OUT = ("frame", "tag", "send", "send-batched")


def _in_order() -> list[Stage]:
    by_name = {stage.name: stage for stage in (*ports(), *parts())}
    return [
        *(by_name[name] for name in _IN),
        *ways_in(),
        *(by_name[name] for name in _OUT),
        *ways_out(),
        *idle(),
        by_name["turn"],
    ]


STAGES = {stage.name: stage for stage in _in_order()}
