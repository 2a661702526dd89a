"""Errors of the core, and the one table of what a caller can be told.

A public error is a ``Refused`` with a code from ``PROBLEMS``; its cause stays private.
"""

from __future__ import annotations

import attrs


class LobbydError(Exception):
    """Base of every error that lobbyd raises on purpose."""


class Malformed(LobbydError):
    """Bytes that are not of the layout they claim; counted, never logged."""


class ConfigError(LobbydError, ValueError):
    """A setting that cannot be used; the message names setting, value and what is allowed."""


class StartError(LobbydError):
    """The daemon cannot start; the message is the one line that an operator reads."""


@attrs.frozen
class Problem:
    """A kind of refusal: its code, HTTP status, title and what the caller can do."""

    code: str
    status: int
    title: str
    remedy: str


PROBLEMS: dict[str, Problem] = {
    problem.code: problem
    for problem in (
        Problem("invalid_json", 400, "The body is not JSON", "Send one JSON object in UTF-8."),
        Problem(
            "invalid_request",
            400,
            "The request does not fit",
            "Read the detail: it names the field and what is allowed.",
        ),
        Problem(
            "token_required",
            401,
            "A bearer token is needed",
            "Send Authorization: Bearer with the owner_token or the host's player_token.",
        ),
        Problem(
            "token_invalid",
            401,
            "The bearer token is not valid here",
            "Take the token that create or join gave for this lobby; an old one may have expired.",
        ),
        Problem(
            "not_allowed",
            403,
            "This token may not do that",
            "The host may, the owner while nobody is in, and players for themselves.",
        ),
        Problem(
            "conditions_off",
            403,
            "Players may not set conditions on this server",
            "Start it with --allow-conditions on, or send the admin's token.",
        ),
        Problem("banned", 403, "You are banned from this lobby", "Join another one."),
        Problem("wrong_password", 403, "The password is wrong", "Ask the host for it."),
        Problem(
            "lobby_permanent",
            403,
            "This lobby cannot be deleted",
            "TEST is always there; start the server with --test-lobby off to be without it.",
        ),
        Problem("not_found", 404, "There is nothing at this address", "Check the path."),
        Problem(
            "lobby_not_found",
            404,
            "There is no such lobby",
            "Check the code; a lobby that was empty for a minute is gone.",
        ),
        Problem(
            "player_not_found",
            404,
            "There is no such player in the lobby",
            "Read the lobby again: the player may have left.",
        ),
        Problem(
            "method_not_allowed",
            405,
            "The method does not fit the address",
            "The Allow header names those that do.",
        ),
        Problem(
            "request_timeout",
            408,
            "The request did not come in time",
            "Send the headers within 5 seconds and all of it within 10.",
        ),
        Problem("code_taken", 409, "The code is in use", "Take another one, or leave it out."),
        Problem(
            "lobby_not_empty",
            409,
            "There are players in the lobby",
            "Wait until they left, or send the host's player_token.",
        ),
        Problem("lobby_full", 409, "The lobby is full", "Try again when somebody left."),
        Problem(
            "lobby_closed",
            409,
            "The lobby does not take players",
            "It is closed; join another one.",
        ),
        Problem("lobby_locked", 409, "The lobby is locked", "Ask the host, or join another one."),
        Problem(
            "lobby_in_game",
            409,
            "The game has begun",
            "Join as a spectator, wait for its end, or join another lobby.",
        ),
        Problem(
            "not_ready", 409, "The game cannot start yet", "The detail says who is waited for."
        ),
        Problem(
            "wrong_state", 409, "The lobby is not in the state for that", "Read the lobby again."
        ),
        Problem(
            "not_a_player", 409, "Only players with a slot can do that", "Choose another player."
        ),
        Problem(
            "precondition_failed",
            412,
            "The lobby has changed since",
            "Read it again, take its ETag, and decide anew.",
        ),
        Problem("body_too_large", 413, "The body is too large", "Send at most 16 KiB."),
        Problem(
            "idempotency_mismatch",
            422,
            "The Idempotency-Key came with another request",
            "Draw a new key for each request, and repeat it only for the same one.",
        ),
        Problem(
            "rate_limited",
            429,
            "Too many requests",
            "Wait for the seconds in Retry-After.",
        ),
        Problem(
            "unsupported_media_type",
            415,
            "The body is not declared as JSON",
            "Send Content-Type: application/json.",
        ),
        Problem(
            "internal_error",
            500,
            "The server made a mistake",
            "Try again; the server's log has more.",
        ),
        Problem(
            "server_busy",
            503,
            "The server holds as many connections or event streams as it may",
            "Try again after the time in Retry-After.",
        ),
        Problem(
            "storage_unavailable",
            503,
            "The server cannot write down what it would promise",
            "Try again after the time in Retry-After; the operator has to make room on the disk.",
        ),
        Problem(
            "server_full",
            503,
            "There are as many players as this server takes",
            "Try again after Retry-After; an operator can raise --max-players.",
        ),
        Problem(
            "too_many_lobbies",
            503,
            "There are as many lobbies as there may be",
            "Try again after the time in Retry-After.",
        ),
    )
}


class Refused(LobbydError):
    """A request that cannot be granted, for a reason that the caller may know.

    ``retry_after`` is in seconds, ``headers`` go with an HTTP answer.
    """

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        self.problem = PROBLEMS[code]
        self.detail = detail or self.problem.remedy
        self.retry_after = retry_after
        self.headers: dict[str, str] = {}
        super().__init__(f"{code}: {self.detail}")

    @property
    def code(self) -> str:
        """The problem's code."""
        return self.problem.code


def invalid(field: str, allowed: str) -> Refused:
    """The refusal of a request field; names it and what is allowed."""
    return Refused("invalid_request", f"{field}: {allowed}")
