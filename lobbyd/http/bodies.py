"""JSON in and out of requests."""

from __future__ import annotations

import json
from typing import Any

from ..errors import Refused, invalid

MAX_DIGITS = 1000
"""Of a whole number in a body."""


def read_body(request: Any) -> object:
    """The decoded JSON body; an empty one is an empty object. Raises Refused."""
    raw = request.content.read()
    if not raw:
        return {}
    kind = (request.getHeader(b"content-type") or b"").split(b";")[0].strip().lower()
    if kind != b"application/json":
        raise Refused("unsupported_media_type")
    try:
        return json.loads(raw.decode("utf-8"), parse_int=_whole, parse_constant=_no_constant)
    except RecursionError:
        raise invalid("body", "a JSON object of fewer levels") from None
    except ValueError as error:
        raise Refused("invalid_json", f"The body is not JSON: {error}.") from None


def json_bytes(content: object) -> bytes:
    """A JSON document that ends with a line feed."""
    return _ENCODER.encode(content).encode() + b"\n"


_ENCODER = json.JSONEncoder(ensure_ascii=False)


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        # before Python does, whose message is about Python
        raise ValueError(f"a number has more than {MAX_DIGITS} digits")
    return int(digits)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
