"""What schemathesis is told beside the OpenAPI document: tokens, formats, expected refusals.

``EXPECTED`` has every refusal of a well-formed request that is right, with its reason.
"""

from __future__ import annotations

import atexit
import json
import os
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import attrs
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

EXPECTED: dict[tuple[str, str], str] = {
    ("idempotency_mismatch", ""): "a key that came before is drawn again with another body",
    ("precondition_failed", ""): "an If-Match is drawn, and is seldom the lobby's ETag",
    ("invalid_request", "cursor: "): "only the server can make a cursor",
    ("invalid_request", "max_players: not below"): "players are in, or places reserved",
    ("invalid_request", "up."): "conditions that depend on each other",
    ("invalid_request", "down."): "conditions that depend on each other",
    ("invalid_request", "reserved: "): "more names than places: the schema cannot compare fields",
}
"""(code, beginning of the detail) of refusals of positive data beside 401, 403, 404 and 409."""
ENDING = "POST /lobbies/{code}/leave"
"""Who leaves last may end the lobby: the same call again finds none, whatever its token."""
FRESH = 8.0
"""Seconds that a lobby of ours is used: nobody opens a connection, so its seats lapse after 15."""

_URL = os.environ["LOBBYD_URL"]
_rng = random.Random(1)
_answers: dict[str, Counter[int]] = defaultdict(Counter)

# the server counts bytes and refuses what cannot be printed, which JSON Schema cannot say
_ascii = st.characters(min_codepoint=33, max_codepoint=126)
schemathesis.openapi.format(
    "line", st.text(_ascii, min_size=1, max_size=400) | st.sampled_from(["", "Ä ö", "日本", "😀"])
)
schemathesis.openapi.format("utf-8", st.text(st.characters(max_codepoint=127), max_size=256))


@attrs.define
class Lobby:
    """A lobby in which calls can succeed: the host Ann and the player Bob are in."""

    code: str
    made: float
    owner: str
    host: tuple[str, int]
    other: tuple[str, int]

    def seat(self) -> tuple[str, int]:
        """The token and player id of the host or, less often, of the other."""
        return self.host if _rng.random() < 0.7 else self.other

    def make_ready_for(self, call: str) -> None:
        """Bring the lobby into the state that a call of the host needs."""
        url, headers = f"{_URL}/lobbies/{self.code}", {"Authorization": f"Bearer {self.host[0]}"}
        countdown = 60 if call == "cancel" else 0
        settings: Any = {"countdown": countdown, "start": "host", "min_players": 1}
        for name in ("cancel", "end"):
            requests.post(f"{url}/{name}", headers=headers, timeout=10)
        requests.patch(url, json={"settings": settings}, headers=headers, timeout=10)
        if call != "start":
            requests.post(f"{url}/start", headers=headers, timeout=10)


_current: Lobby | None = None


def lobby() -> Lobby:
    """One whose seats hold for a while yet."""
    global _current
    if _current is None or time.monotonic() - _current.made > FRESH:
        body: dict[str, Any] = {"settings": {"countdown": 0}, "player": {"name": "Ann"}}
        ann = requests.post(f"{_URL}/lobbies", json=body, timeout=10).json()
        code = ann["lobby"]["code"]
        bob = requests.post(f"{_URL}/lobbies/{code}/join", json={"name": "Bob"}, timeout=10).json()
        seats = [(seat["player_token"], seat["player"]["player_id"]) for seat in (ann, bob)]
        _current = Lobby(code, time.monotonic(), ann["owner_token"], *seats)
    return _current


@schemathesis.auth(refresh_interval=None, retry_on=[])
class Tokens:
    """Takes most calls to a lobby that is there, with a token of it."""

    def get(self, case: Any, context: Any) -> str | None:
        """The token for a call, None to leave it as it is."""
        names = case.path_parameters or {}
        path_is_bad = case.meta is not None and case.meta.is_negative_at(ParameterLocation.PATH)
        if "code" not in names or path_is_bad or _rng.random() < 0.2:
            return None
        place = lobby()
        call = case.operation.path.rpartition("/")[2]
        if call in ("start", "cancel", "end"):
            place.make_ready_for(call)
        token, player_id = place.seat()
        names["code"] = place.code
        if "player_id" in names:
            # players change themselves, and the host kicks the other
            kicks = case.operation.path.endswith("/kick")
            names["player_id"] = place.other[1] if kicks else player_id
        return place.owner if _rng.random() < 0.1 else token

    def set(self, case: Any, data: str | None, context: Any) -> None:
        """Send it."""
        if data is not None:
            case.headers = {**(case.headers or {}), "Authorization": f"Bearer {data}"}


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """A key of its own for most requests; else nearly all would be refused after the first."""
    headers = case.headers or {}
    if len(headers.get("Idempotency-Key", "")) >= 16 and _rng.random() < 0.9:
        headers["Idempotency-Key"] = f"{_rng.getrandbits(96):024x}"
    body = case.body
    if case.operation.label == "PATCH /lobbies/{code}" and headers.get("If-Match", "") != "":
        # nearly all would be 412
        headers["If-Match"] = _rng.choice(['"1"', "*", headers["If-Match"]])
    if case.operation.label.endswith("/host") and _current is not None and _names_somebody(body):
        body["player_id"] = _current.host[1]


def _names_somebody(body: Any) -> bool:
    named = body.get("player_id") if isinstance(body, dict) else None
    return isinstance(named, int) and named > 0


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    """Count, and give a lobby up that lost a player."""
    global _current
    _answers[case.operation.label][response.status_code] += 1
    if response.status_code == 204 and not case.operation.path.endswith("/chat"):
        _current = None


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
    """What each call answered, for dev/check-api."""
    if "LOBBYD_ANSWERS" in os.environ:
        Path(os.environ["LOBBYD_ANSWERS"]).write_text(json.dumps(_answers))
