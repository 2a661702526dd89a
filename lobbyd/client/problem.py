"""The one error of the client: a code to compare, a sentence to show."""

from __future__ import annotations

import json
from typing import Any

from ..errors import LobbydError

NO_ANSWER = "no_answer"
"""Nobody answered: refused, unreachable, name not found, or the connection broke."""
TIMEOUT = "timeout"
"""The answer did not come in time."""
BAD_ANSWER = "bad_answer"
"""What came is no answer of a lobbyd server."""
BAD_URL = "bad_url"
"""The server's address is no http or https URL."""
NO_TICKET = "no_ticket"
"""There is no seat to take: join a lobby first."""
NO_ADDRESS = "no_address"
"""The host name of the UDP server leads nowhere."""

UNAVAILABLE = (502, 503, 504)


class LobbydProblem(LobbydError):
    """A call that failed. ``code`` is the server's own ("lobby_full") or one of this module.

    ``status`` is 0 without an answer, ``retry_after`` seconds (0 where the server named none),
    ``attempts`` how often the request was sent.
    """

    def __init__(
        self, code: str, detail: str = "", *, status: int = 0, retry_after: float = 0.0
    ) -> None:
        self.code = code
        self.detail = detail
        self.status = status
        self.retry_after = retry_after
        self.attempts = 0
        super().__init__(f"{code}: {detail}")


def problem_of(status: int, retry_after: float, body: bytes) -> LobbydProblem:
    """The problem that an answer of 300 and more tells of."""
    document = as_object(body)
    code = document.get("code")
    if isinstance(code, str):
        detail = str(document.get("detail") or document.get("title") or "")
        named = document.get("retry_after")
        if isinstance(named, (int, float)):
            retry_after = max(retry_after, float(named))
        return LobbydProblem(code, detail, status=status, retry_after=retry_after)
    if status in UNAVAILABLE:
        # a proxy speaks for a server that is not there
        detail = f"a proxy answered {status}: the server behind it is not up"
        return LobbydProblem(NO_ANSWER, detail, status=status, retry_after=retry_after)
    detail = f"status {status} without a problem document: is this a lobbyd server?"
    return LobbydProblem(BAD_ANSWER, detail, status=status, retry_after=retry_after)


def as_object(body: bytes) -> dict[str, Any]:
    """The JSON object in a body; an empty one where there is none."""
    try:
        content = json.loads(body)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
