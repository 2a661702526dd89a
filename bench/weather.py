"""The conditions that most rows share: a round trip, its jitter, and a share lost each way."""

from __future__ import annotations

from typing import Any

from lobbyd.netsim.conditions import Conditions

RTT = 0.1
"""Seconds, in the middle of the jitter."""
JITTER = 0.02
"""Seconds, each way: a round trip of 100 ms takes 80 to 120 ms."""
LOSSES = (0.0, 0.01, 0.05, 0.1, 0.2, 0.3)


def weather(
    loss: float = 0.0, *, rtt: float = RTT, jitter: float = JITTER, **more: Any
) -> Conditions:
    """One direction of a link; ``loss`` is a share, ``rtt`` and ``jitter`` are seconds."""
    return Conditions(latency=(rtt - jitter) / 2, jitter=jitter, loss=loss, **more)


def percent(share: float) -> str:
    """A loss in words."""
    return f"{100 * share:g} % loss"
