"""The scenarios under trial; pytest has its own shell and leaves this one out."""

from __future__ import annotations

from typing import Any

from twisted.internet import reactor
from twisted.internet.defer import Deferred, ensureDeferred
from twisted.trial.unittest import TestCase

from .all_scenarios import ALL_SCENARIOS


class EndToEnd(TestCase):
    """One method for each scenario."""

    timeout = 300


def _method(scenario: Any) -> Any:
    def test(self: EndToEnd) -> Deferred[None]:
        return ensureDeferred(scenario(reactor))

    test.__doc__ = scenario.__doc__
    return test


for _scenario in ALL_SCENARIOS:
    setattr(EndToEnd, f"test_{_scenario.__name__}", _method(_scenario))
