"""The HTTP server under the API: bodies are capped while they arrive, nothing goes to disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes

from twisted.web.resource import IResource
from twisted.web.server import NOT_DONE_YET, Request, Site

from ..errors import Refused
from .problems import CONTENT_TYPE, problem_bytes, refuse

MAX_BODY = 16 * 1024
"""Bytes of a request body."""
MAX_DISCARDED = 1024 * 1024
"""Bytes of a too large body that are read and thrown away to answer politely."""


class BoundedRequest(Request):
    """A request whose body stays in memory and below MAX_BODY."""

    channel: Any
    content: Any
    _received = 0
    _cut = False

    def gotLength(self, length: int | None) -> None:
        """The headers came; ``length`` is None for a chunked body."""
        # The base class would spool a long body to a temporary file, and parse forms
        # from what it finds in ``content``: a bad one ends without a problem document.
        self.content = BytesIO()
        self._body = BytesIO()
        if length is not None and length > MAX_DISCARDED:
            self._cut_off()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body came."""
        self._received += len(data)
        if self._received <= MAX_BODY:
            self._body.write(data)
        elif self._received > MAX_DISCARDED:
            self._cut_off()

    def process(self) -> None:
        """The request is complete."""
        if self._cut:
            return
        if self._received > MAX_BODY:
            self._refuse("body_too_large")
        elif not _is_path(self.path):
            self._refuse("not_found")
        else:
            self._body.seek(0)
            self.content = self._body
            super().process()

    def getRequestHostname(self) -> bytes:
        """Always the same: no route depends on it, and Klein fails on a Host that is no name."""
        return b"localhost"

    def _refuse(self, code: str) -> None:
        self.write(refuse(self, Refused(code)))
        self.finish()

    def _cut_off(self) -> None:
        """Answer in the middle of the body and close."""
        transport = self.channel.transport
        if transport is None or self._cut:
            return
        self._cut = True
        body = problem_bytes(Refused("body_too_large"))
        transport.write(
            b"HTTP/1.1 413 Content Too Large\r\nConnection: close\r\nContent-Type: "
            + CONTENT_TYPE
            + b"\r\nCache-Control: no-store\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )
        self.channel.loseConnection()


def _is_path(target: bytes) -> bool:
    """Whether a request target can be routed; Klein logs an error for one that is not UTF-8."""
    try:
        unquote_to_bytes(target).decode()
    except UnicodeDecodeError:
        return False
    return target.startswith(b"/")


class LobbydSite(Site):
    """Site without an access log: operators read metrics, and addresses are personal data."""

    requestFactory = BoundedRequest

    def __init__(self, resource: IResource, **kwargs: Any) -> None:
        super().__init__(resource, **kwargs)
        self.noisy = False

    def log(self, request: Any) -> None:
        """Log nothing."""


__all__ = ["MAX_BODY", "NOT_DONE_YET", "BoundedRequest", "LobbydSite"]
