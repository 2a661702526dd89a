"""What only pytest needs to know."""

# A trial TestCase that waits for the reactor fails beside pytest-twisted: pytest has its own shell.
collect_ignore = ["e2e/test_trial_shell.py"]
