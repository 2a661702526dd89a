"""How a row of this bench is to be measured."""

from __future__ import annotations

from pathlib import Path

import attrs

from .. import row


@attrs.frozen
class Options(row.Options):
    """``seconds`` of play in each run of E1 to E4; ``plots`` is a folder for pictures."""

    seconds: float = 60.0
    plots: Path | None = None

    def words(self) -> list[str]:
        """The arguments of a command that differ from their defaults."""
        return super().words() + ([f"--seconds {self.seconds:g}"] if self.seconds != 60.0 else [])
