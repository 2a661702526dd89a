"""Hears what a client of a World hears, with the moment when."""

from __future__ import annotations

import math
from typing import Any, TypeVar

from lobbyd.testing import VirtualClient

T = TypeVar("T")
_NEVER = float("inf")


class Ear:
    """Plays a client who says nothing; ``heard`` are (when, event)."""

    def __init__(self, client: VirtualClient) -> None:
        self.client = client
        self.heard: list[tuple[float, Any]] = []
        client.pilot = self

    def hear(self, event: Any, now: float) -> None:
        """An event of the session."""
        self.heard.append((now, event))

    def speak(self, now: float) -> None:
        """Say nothing."""

    def due(self) -> float:
        """Never."""
        return _NEVER

    def first(self, kind: type) -> float | None:
        """When an event of a class came first."""
        return next((at for at, event in self.heard if isinstance(event, kind)), None)


def circle(now: float) -> tuple[float, float, float]:
    """Where somebody is who goes around in a circle, one metre a second.

    A lobby in which nothing moves is sent less.
    """
    return math.cos(now), 0.0, math.sin(now)
