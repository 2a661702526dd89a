"""The HTTP server under the API: bodies are capped while they arrive, nothing goes to disk."""

from __future__ import annotations

from io import BytesIO
from typing import Any

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
        # the base class would spool a long body to a temporary file
        self.content = BytesIO()
        if length is not None and length > MAX_DISCARDED:
            self._cut_off()

    def handleContentChunk(self, data: bytes) -> None:
        """A piece of the body came."""
        self._received += len(data)
        if self._received <= MAX_BODY:
            self.content.write(data)
        elif self._received > MAX_DISCARDED:
            self._cut_off()

    def process(self) -> None:
        """The request is complete."""
        if self._received > MAX_BODY:
            self.write(refuse(self, Refused("body_too_large")))
            self.finish()
            return
        super().process()

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
            + b"\r\nContent-Length: %d\r\n\r\n" % len(body)
            + body
        )
        self.channel.loseConnection()


class LobbydSite(Site):
    """Site without an access log: operators read metrics, and addresses are personal data."""

    requestFactory = BoundedRequest

    def __init__(self, resource: IResource, **kwargs: Any) -> None:
        super().__init__(resource, **kwargs)
        self.noisy = False

    def log(self, request: Any) -> None:
        """Log nothing."""


__all__ = ["MAX_BODY", "NOT_DONE_YET", "BoundedRequest", "LobbydSite"]
