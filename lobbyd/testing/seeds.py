"""Seeds: a run that fails says which one it was."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

ENVIRONMENT = "LOBBYD_SEED"
"""Set to a number, it stands in for every seed: to play a failing run again."""


@contextmanager
def replaying(seed: int) -> Iterator[int]:
    """``with replaying(7) as seed: World(seed=seed)``; what is raised inside names the seed."""
    seed = int(os.environ.get(ENVIRONMENT, seed))
    try:
        yield seed
    except Exception as error:
        error.add_note(f"seed {seed}; play it again with {ENVIRONMENT}={seed}")
        raise
