"""The child that runs under callgrind: ``python -m bench.stages.marked STAGE...``."""

from __future__ import annotations

import sys

from .meter import mark_pieces
from .stages import STAGES


def main(names: list[str]) -> None:
    """Run stages one after the other; a line for each."""
    for line in mark_pieces([STAGES[name] for name in names]):
        print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
