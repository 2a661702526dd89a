"""The scenarios under trial; pytest has its own shell and leaves this one out."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import TestCase

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


class EndToEnd(TestCase):
    """One method for each scenario."""

    timeout = 300


def _method(scenario: Any) -> Any:
    def test(self: EndToEnd) -> Deferred[None]:
        return ensureDeferred(scenario(reactor))

    test.__doc__ = scenario.__doc__
    return test


for _scenario in (
    *scenarios.SCENARIOS,
    *lobby_service.SCENARIOS,
    *streams.SCENARIOS,
    *floods.SCENARIOS,
    *concurrency.SCENARIOS,
    *netsim.SCENARIOS,
    *restarts.SCENARIOS,
    *captured.SCENARIOS,
    *engine.SCENARIOS,
):
    setattr(EndToEnd, f"test_{_scenario.__name__}", _method(_scenario))
