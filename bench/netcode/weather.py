"""The conditions that most rows share: RTT 100 ms, jitter 20 ms, and a share lost each way."""

from __future__ import annotations

from typing import Any

from lobbyd.netsim.conditions import Conditions

RTT = 0.1
"""Seconds, in the middle of the jitter."""
LATENCY, JITTER = 0.04, 0.02
"""Seconds, each way: the round trip takes 80 to 120 ms."""
LOSSES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3)


def weather(loss: float = 0.0, **more: Any) -> Conditions:
    """One direction of a link; ``loss`` is a share."""
    return Conditions(latency=LATENCY, jitter=JITTER, loss=loss, **more)


def percent(share: float) -> str:
    """A loss in words."""
    return f"{100 * share:g} % loss"
