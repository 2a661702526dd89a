"""Refusals as problem documents (RFC 9457)."""

from __future__ import annotations

import json
import math
from http import HTTPStatus
from typing import Any

from ..errors import Refused

CONTENT_TYPE = b"application/problem+json"


def problem_bytes(refused: Refused) -> bytes:
    """The document."""
    problem = refused.problem
    document: dict[str, Any] = {
        "type": f"urn:lobbyd:problem:{problem.code}",
        "title": problem.title,
        "status": problem.status,
        "detail": refused.detail,
        "code": problem.code,
    }
    if refused.retry_after is not None:
        document["retry_after"] = refused.retry_after
    return json.dumps(document).encode() + b"\n"


def raw_problem(refused: Refused, headers: list[tuple[bytes, bytes]]) -> bytes:
    """A whole response, for a connection that is closed after it; ``headers`` go with it."""
    body = problem_bytes(refused)
    status = HTTPStatus(refused.problem.status)
    lines = [
        b"HTTP/1.1 %d %s" % (status, status.phrase.encode()),
        b"Connection: close",
        b"Content-Type: " + CONTENT_TYPE,
        b"Cache-Control: no-store",
        b"Content-Length: %d" % len(body),
        *(name + b": " + value for name, value in headers),
    ]
    if refused.retry_after is not None:
        lines.append(b"Retry-After: %d" % math.ceil(refused.retry_after))
    return b"\r\n".join([*lines, b"", body])


def refuse(request: Any, refused: Refused) -> bytes:
    """Set status and headers of a twisted.web request; returns the body."""
    request.setResponseCode(refused.problem.status)
    request.setHeader(b"Content-Type", CONTENT_TYPE)
    request.setHeader(b"Cache-Control", b"no-store")
    if refused.problem.status == 401:
        request.setHeader(b"WWW-Authenticate", b'Bearer realm="lobbyd"')
    for name, value in refused.headers.items():
        request.setHeader(name.encode(), value.encode())
    if refused.retry_after is not None:
        request.setHeader(b"Retry-After", str(math.ceil(refused.retry_after)).encode())
    body = problem_bytes(refused)
    request.setHeader(b"Content-Length", b"%d" % len(body))
    return body
