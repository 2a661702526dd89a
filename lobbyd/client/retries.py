"""When a call that got no answer is made again."""

from __future__ import annotations

import attrs


@attrs.frozen
class Retries:
    """Times are seconds. ``attempts`` counts the first try, ``attempt`` is the time for one,
    ``deadline`` for all of a call; ``backoff`` is doubled for every further try."""

    attempts: int = 4
    deadline: float = 10.0
    attempt: float = 4.0
    backoff: float = 0.25

    def wait(self, attempts: int, retry_after: float, chance: float) -> float:
        """Seconds before the try after ``attempts`` tries; ``chance`` is from 0 to 1.

        Half of it is jitter, so that clients which failed together do not come back together.
        """
        full = self.backoff * 2.0 ** (attempts - 1)
        return max(full * (0.5 + 0.5 * chance), retry_after)
