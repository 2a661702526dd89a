"""What only the bench of load is told."""

from __future__ import annotations

from pathlib import Path

import attrs

from .. import row


@attrs.frozen
class Options(row.Options):
    """``plots`` is a folder for pictures."""

    plots: Path | None = None
