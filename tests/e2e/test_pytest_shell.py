"""The scenarios under pytest; trial does not see functions and has its own shell."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from . import (
    captured,
    concurrency,
    engine,
    floods,
    lobby_service,
    netsim,
    restarts,
    scenarios,
    streams,
)


@pytest.mark.parametrize(
    "scenario",
    [
        *scenarios.SCENARIOS,
        *lobby_service.SCENARIOS,
        *streams.SCENARIOS,
        *floods.SCENARIOS,
        *concurrency.SCENARIOS,
        *netsim.SCENARIOS,
        *restarts.SCENARIOS,
        *captured.SCENARIOS,
        *engine.SCENARIOS,
    ],
    ids=lambda scenario: scenario.__name__,
)
@pytest_twisted.ensureDeferred  # type: ignore[untyped-decorator]
async def test_scenario(scenario: Any) -> None:
    """Each scenario on the reactor that pytest-twisted installed."""
    from twisted.internet import reactor

    await scenario(reactor)
