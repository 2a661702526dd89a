"""Where the player was: numbered samples on the server timeline, the newest few in each UPDATE."""

from __future__ import annotations

from collections import deque

from ..wire.catalogue import SAMPLE_DT_US
from ..wire.packets import UPDATE
from ..wire.serial import difference

UNEVEN = 0.25
"""Share of the spacing by which older samples may be off and still go along: the server's
movement checks add up what one of them has too much and the next too little."""


class SampleStream:
    """A connection's samples. ``redundancy`` is how many an UPDATE carries, 1 to 8."""

    __slots__ = ("_at", "_newest", "corr_id", "seq")

    def __init__(self, redundancy: int) -> None:
        self.seq = 0
        self.corr_id = 0
        self._at = 0
        self._newest: deque[tuple[int, bytes]] = deque(maxlen=redundancy)

    def add(self, sample: bytes, server_us: int, interp_delay_ms: int) -> bytes:
        """The body of an UPDATE with a sample of now, and the ones before it that are in step."""
        if self.seq and difference(server_us, self._at, 32) <= 0:
            # the sample clock never goes back
            server_us = (self._at + 1) & 0xFFFFFFFF
        self._at = server_us
        self.seq = (self.seq + 1) & 0xFFFFFFFF
        self._newest.appendleft((server_us, sample))
        spacing, count, samples = self._run()
        interp_delay = min(max(0, interp_delay_ms), 0xFFFF)
        head = UPDATE.head.pack(self.seq, server_us, spacing, interp_delay, self.corr_id, count)
        return head + samples

    def correct(self, corr_id: int) -> None:
        """The player was put elsewhere: samples of before would be judged as if from there."""
        self.corr_id = corr_id
        self._newest.clear()

    def _run(self) -> tuple[int, int, bytes]:
        """(spacing, count, samples) of what may be sent as evenly spaced, newest first."""
        kept = iter(self._newest)
        newest, body = next(kept)
        spacing, count, gap, slack = 0, 1, 0, 0.0
        for at, sample in kept:
            # no serial arithmetic: what is kept is of the last seconds, and ascends
            ago = (newest - at) & 0xFFFFFFFF
            if count == 1:
                spacing, gap, slack = round(ago / SAMPLE_DT_US), ago, UNEVEN * ago
                if not 0 < spacing <= 0xFFFF:
                    return 0, 1, body
            elif abs(ago - count * gap) > slack:
                break
            body += sample
            count += 1
        return spacing, count, body
