"""Errors of the core. Public ones carry a code; the cause stays private."""

from __future__ import annotations


class LobbydError(Exception):
    """Base of every error that lobbyd raises on purpose."""


class Malformed(LobbydError):
    """Bytes that are not of the layout they claim; counted, never logged."""


class ConfigError(LobbydError, ValueError):
    """A setting that cannot be used; the message names setting, value and what is allowed."""


class StartError(LobbydError):
    """The daemon cannot start; the message is the one line that an operator reads."""
