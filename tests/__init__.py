"""Tests that run alike under `python -m twisted.trial tests` and `python -m pytest`.

tests/test_*.py hold SynchronousTestCases without a reactor. Scenarios that
need one live in tests/e2e/scenarios.py and have one thin shell per runner.
"""

from hypothesis import settings

# The same examples in every run, and no time limit that a busy machine could break.
settings.register_profile("lobbyd", deadline=None, derandomize=True)
settings.load_profile("lobbyd")
