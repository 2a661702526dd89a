"""What a lobby's host can set, with defaults that suit most games."""

from __future__ import annotations

from typing import Any

import attrs

Metadata = dict[str, str | int | float | bool]
NO_METADATA: Metadata = {}
"""Of all that have none: metadata is never changed in place."""

HOST_POLICIES = ("oldest", "none")
START_MODES = ("host", "ready", "auto")


@attrs.frozen
class LobbySettings:
    """Times are seconds, rates per second.

    ``host_migration``: the oldest member takes over, or none does and the lobby closes.
    ``start``: the host starts at will, only when all are ready, or readiness starts by itself.
    ``auto_lock``: a full lobby is locked until somebody leaves. ``late_join``: players may
    come in while the game runs. ``seat_hold`` None takes the server's.
    ``max_speed``, ``max_climb`` and ``max_fall``: metres a second that a player can make level,
    up and down, 0 for no limit. ``time_bank``: seconds of movement that can come late and at
    once. ``bounds``: lowest and highest corner of where players may be, metres.
    """

    host_migration: str = "oldest"
    start: str = "host"
    min_players: int = 1
    countdown: float = 3.0
    auto_lock: bool = True
    late_join: bool = False
    max_spectators: int = 8
    empty_life: float = 60.0
    seat_hold: float | None = None
    message_rate: int = 120
    message_bytes: int = 64_000
    max_speed: float = 0.0
    max_climb: float = 0.0
    max_fall: float = 0.0
    time_bank: float = 1.0
    bounds: tuple[float, ...] | None = None

    def as_json(self) -> dict[str, Any]:
        """By the names of the fields."""
        content = {name: getattr(self, name) for name in _NAMES}
        return {**content, "bounds": None if self.bounds is None else list(self.bounds)}


USUAL_SETTINGS = LobbySettings()
"""One for all lobbies that have no others: an object less for the garbage collector."""
_NAMES = tuple(field.name for field in attrs.fields(LobbySettings))
