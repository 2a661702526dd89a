"""E1 to E4: how bad the network is, and what remote players may look like then."""

from __future__ import annotations

import math

import attrs

from lobbyd.netsim.conditions import Conditions

from ..weather import percent, weather


@attrs.frozen
class Limits:
    """Times are seconds, ``loss`` is a share each way.

    Of a run: ``p95`` and ``p99`` of the error in cm, the median of the display latency in ms,
    underruns and pops in per cent of the frames, freezes a minute, and the 95th percentile of the
    error of the clock's estimate in ms. Infinite is what is only told.
    """

    rtt: float
    jitter: float
    loss: float
    p95: float
    p99: float
    latency: float
    underruns: float
    pops: float
    freezes: float
    clock: float = math.inf

    @property
    def weather(self) -> Conditions:
        """One direction."""
        return weather(self.loss, rtt=self.rtt, jitter=self.jitter)

    @property
    def words(self) -> str:
        """For tables."""
        rtt, jitter = (f"{1000 * seconds:g} ms" for seconds in (self.rtt, self.jitter))
        return f"RTT {rtt}, jitter {jitter}, {percent(self.loss)} each way"


LIMITS = {
    "e1": Limits(0.02, 0.001, 0.0, 1.5, 3, 120, 0.5, 0, 0),
    "e2": Limits(0.1, 0.02, 0.05, 3, 6, 260, 1.5, 0.1, 2, clock=6),
    "e3": Limits(0.2, 0.03, 0.1, 5, 12, 400, 2, 0.3, 6, clock=15),
    "e4": Limits(0.25, 0.05, 0.3, 12, 35, 600, 3, 1, math.inf),
}
