"""What schemathesis is told beside the OpenAPI document: tokens, formats, expected refusals.

``EXPECTED`` has every refusal of a well-formed request that is right, with its reason.
"""

from __future__ import annotations

import atexit
import random
from collections import Counter, defaultdict
from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

EXPECTED: dict[tuple[str, str], str] = {
    ("idempotency_mismatch", ""): "a key that came before is drawn again with another body",
    ("precondition_failed", ""): "an If-Match is drawn, and is seldom the lobby's ETag",
    ("invalid_request", "cursor: "): "only the server can make a cursor",
    ("invalid_request", "max_players: not below"): "players are in, or places reserved",
    ("invalid_request", "reserved: "): "more names than places: the schema cannot compare fields",
}
"""(code, beginning of the detail) of refusals of positive data beside 401, 403, 404 and 409."""

RECENT = 3
"""Lobbies that calls are taken to: older ones may have ended, as nobody opens a connection."""

ENDING = "POST /lobbies/{code}/leave"
"""Who leaves last may end the lobby: the same call again finds none, whatever its token."""

_rng = random.Random(1)
_lobbies: dict[str, list[tuple[str, int]]] = {}
_answers: dict[str, Counter[int]] = defaultdict(Counter)

# the server counts bytes and refuses what cannot be printed, which JSON Schema cannot say
_ascii = st.characters(min_codepoint=33, max_codepoint=126)
schemathesis.openapi.format(
    "line", st.text(_ascii, min_size=1, max_size=400) | st.sampled_from(["", "Ä ö", "日本", "😀"])
)
schemathesis.openapi.format("utf-8", st.text(st.characters(max_codepoint=127), max_size=256))


@schemathesis.auth(refresh_interval=None, retry_on=[])
class Tokens:
    """Takes most calls to a lobby that an earlier answer told of, with one of its tokens."""

    def get(self, case: Any, context: Any) -> str | None:
        """The token for a call, None to leave it as it is."""
        names = case.path_parameters or {}
        if "code" not in names or not _lobbies or _rng.random() < 0.2 or _negative_path(case):
            return None
        code = _rng.choice(list(_lobbies)[-RECENT:])
        seats = _lobbies[code]
        names["code"] = code
        if "player_id" in names:
            names["player_id"] = _rng.choice(seats)[1]
        return _rng.choice(seats)[0]

    def set(self, case: Any, data: str | None, context: Any) -> None:
        """Send it."""
        if data is not None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


def _negative_path(case: Any) -> bool:
    return case.meta is not None and bool(case.meta.is_negative_at(ParameterLocation.PATH))


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key of its own for most requests; else nearly all would be refused after the first."""
    headers = case.headers or {}
    if len(headers.get("Idempotency-Key", "")) >= 16 and _rng.random() < 0.9:
        headers["Idempotency-Key"] = f"{_rng.getrandbits(96):024x}"


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Take the tokens of an answer."""
    _answers[case.operation.label][response.status_code] += 1
    if response.status_code != 201:
        return
    content = response.json()
    seats = _lobbies.setdefault(content["lobby"]["code"], [])
    player_id = content.get("player", {"player_id": 1})["player_id"]
    seats += [(content[n], player_id) for n in ("owner_token", "player_token") if n in content]


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    """Drop the refusals that are expected."""
    kind = type(failure).__name__
    if kind == "IgnoredAuth" and case.operation.label == ENDING:
        return "404" not in failure.message
    if kind != "RejectedPositiveData":
        return True
    problem = response.json()
    return not any(
        problem["code"] == code and problem["detail"].startswith(detail)
        for code, detail in EXPECTED
    )


@atexit.register
def _tell() -> None:
    """What each call answered, so that a reader sees how deep the run went."""
    for label, statuses in sorted(_answers.items()):
        told = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
        print(f"  {label:48} {told}")
