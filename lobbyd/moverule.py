"""A game's own rule for moves: found by its name, and its mistakes logged."""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import Any

from twisted.logger import Logger

from .errors import StartError
from .relay.judge import Move, Vector

log = Logger()

COMPLAIN_EVERY = 5.0
"""Seconds between log lines about a rule's mistakes, however many there are."""


class MoveRuleGuard:
    """Asks a rule and logs what it raises, and answers that are no position; raises them on."""

    def __init__(self, rule: Callable[[Move], Any], clock: Callable[[], float]) -> None:
        self._rule = rule
        self._clock = clock
        self._complained = -math.inf

    def __call__(self, move: Move) -> Vector | None:
        """The rule's answer."""
        try:
            put = self._rule(move)
            return None if put is None else _position(put)
        except Exception:
            now = self._clock()
            if now - self._complained >= COMPLAIN_EVERY:
                self._complained = now
                log.failure("mistake in the --move-rule; its answer does not count")
            raise


def load_move_rule(name: str, clock: Callable[[], float]) -> MoveRuleGuard | None:
    """The function ``package.module:function``, None for no name; raises StartError."""
    if not name:
        return None
    module, _, function = name.partition(":")
    try:
        rule = getattr(import_module(module), function)
        if not callable(rule):
            raise TypeError(f"{function} is no function")
    except (Exception, SystemExit) as error:
        # whatever the game's own module raises
        cause = " ".join(f"{type(error).__name__}: {error}".split())
        raise StartError(
            f"--move-rule: {name!r} cannot be used ({cause}); give package.module:function of a "
            "module that Python finds, with PYTHONPATH if need be."
        ) from None
    return MoveRuleGuard(rule, clock)


def _position(put: Any) -> Vector:
    x, y, z = map(float, put)
    if not math.isfinite(x + y + z):
        raise ValueError(f"{put!r} is no position")
    return x, y, z
