"""The game's own rule as the server finds it, and what becomes of its mistakes."""

from __future__ import annotations

import math
import sys
from types import ModuleType
from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import StartError
from lobbyd.moverule import MoveRuleGuard, load_move_rule
from lobbyd.relay.judge import Move

MOVE = Move("ABCD", 1, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0.05, 0)


class LoadTests(SynchronousTestCase):
    def module(self, **content: Any) -> None:
        """A module that Python finds, as a game would install one."""
        module = ModuleType("my_game_rules")
        vars(module).update(content)
        self.patch(sys, "modules", {**sys.modules, "my_game_rules": module})

    def refusal(self, name: str) -> str:
        error = self.assertRaises(StartError, load_move_rule, name, float)
        line = str(error)
        self.assertEqual(len(line.splitlines()), 1)
        self.assertTrue(line.startswith(f"--move-rule: {name!r} cannot be used ("), line)
        return line

    def test_without_a_name_there_is_none(self) -> None:
        self.assertIsNone(load_move_rule("", float))

    def test_it_is_found_by_its_name(self) -> None:
        self.module(check=lambda move: (move.dt, 2, 3))
        rule = load_move_rule("my_game_rules:check", float)
        assert rule is not None
        self.assertEqual(rule(MOVE), (0.05, 2.0, 3.0))

    def test_no_such_module(self) -> None:
        self.assertIn("No module named 'no_such_game'", self.refusal("no_such_game.rules:check"))

    def test_no_such_function(self) -> None:
        self.module()
        self.assertIn("has no attribute 'check'", self.refusal("my_game_rules:check"))

    def test_what_is_no_function(self) -> None:
        self.module(check=3)
        self.assertIn("check is no function", self.refusal("my_game_rules:check"))

    def test_a_module_that_raises(self) -> None:
        for error in (ValueError("two\nlines"), SystemExit("it ends")):

            def broken(name: str, error: BaseException = error) -> None:
                raise error

            self.patch(sys.modules["lobbyd.moverule"], "import_module", broken)
            self.refusal("my_game_rules:check")


class GuardTests(SynchronousTestCase):
    def setUp(self) -> None:
        self.now = 100.0
        self.answer: Any = None
        self.guard = MoveRuleGuard(lambda move: self.answer, lambda: self.now)

    def test_none_and_positions_are_answers(self) -> None:
        for answer, expected in ((None, None), ([1, 2, 3], (1.0, 2.0, 3.0))):
            self.answer = answer
            self.assertEqual(self.guard(MOVE), expected)

    def test_anything_else_is_a_mistake(self) -> None:
        wrongs: list[Any] = [(1, 2), "abc", 7, (1, 2, math.nan), (1, math.inf, 0), {}]
        for wrong in wrongs:
            self.answer = wrong
            self.now += 10
            self.assertRaises((TypeError, ValueError), self.guard, MOVE)
            self.assertEqual(len(self.flushLoggedErrors(TypeError, ValueError)), 1)

    def test_they_are_logged_every_5_seconds_at_most(self) -> None:
        self.answer = 7
        for _ in range(1200):
            self.assertRaises(TypeError, self.guard, MOVE)
            self.now += 0.01
        self.assertEqual(len(self.flushLoggedErrors(TypeError)), 3)
