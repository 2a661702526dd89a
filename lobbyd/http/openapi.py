"""The OpenAPI 3.1 document, made from the table of routes."""

from __future__ import annotations

from typing import Any

from .routes import Route


def openapi_document(table: list[Route]) -> dict[str, Any]:
    """The document of a table of routes."""
    raise NotImplementedError
