"""The scenarios under pytest; trial does not see functions and has its own shell."""

from __future__ import annotations

from typing import Any

import pytest
import pytest_twisted

from .all_scenarios import ALL_SCENARIOS


@pytest.mark.parametrize("scenario", ALL_SCENARIOS, ids=lambda scenario: scenario.__name__)
@pytest_twisted.ensureDeferred  # type: ignore[untyped-decorator]
async def test_scenario(scenario: Any) -> None:
    """Each scenario on the reactor that pytest-twisted installed."""
    from twisted.internet import reactor

    await scenario(reactor)
