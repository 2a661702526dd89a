"""Holds answers to the OpenAPI document: every answer of the HTTP tests is checked by it."""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any
from urllib.parse import unquote_to_bytes

from jsonschema import Draft202012Validator

Document = dict[str, Any]


class Contract:
    """An OpenAPI document, read strictly: what it does not name must not be there."""

    def __init__(self, document: Document) -> None:
        self.document = closed(document)
        self._validator = cache(self._make_validator)
        self._paths = [
            (re.compile(re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(path)) + r"\Z"), path)
            for path in sorted(document["paths"], key=lambda path: path.count("{"))
        ]

    def operation(self, method: str, target: str | bytes) -> tuple[str, Document] | None:
        """Path and operation of a request, None where there is none."""
        raw = target if isinstance(target, bytes) else target.encode()
        path = unquote_to_bytes(raw.partition(b"?")[0]).decode(errors="replace")
        for pattern, name in self._paths:
            if pattern.match(path):
                method = "get" if method == "HEAD" else method.lower()
                operation = self.document["paths"][name].get(method)
                return None if operation is None else (name, operation)
        return None

    def check(self, method: str, target: str | bytes, answer: Any) -> None:
        """Raise AssertionError where an answer is not as the document says."""
        found = self.operation(method, target)
        if found is None or b"%2" in (target if isinstance(target, bytes) else target.encode()):
            return
        path, operation = found
        where = f"{method} {path}: {answer.status}"
        response = operation["responses"].get(str(answer.status))
        assert response is not None, f"{where} is not in the document: {answer.body!r}"
        self._check_headers(where, response.get("headers", {}), answer.headers)
        content = response.get("content", {})
        if not content or method == "HEAD":
            assert answer.body == b"", f"{where} has a body"
            return
        (media,) = content
        assert answer.headers["content-type"] == media, where
        errors = self._validator(path, method, str(answer.status), media).iter_errors(answer.json)
        for error in errors:
            raise AssertionError(f"{where}: {error.json_path}: {error.message}")

    def _check_headers(self, where: str, declared: Document, given: dict[str, str]) -> None:
        for name, reference in declared.items():
            header = self.document["components"]["headers"][reference["$ref"].rpartition("/")[2]]
            value = given.get(name.lower())
            assert value is not None or not header.get("required"), f"{where} without {name}"
            pattern = header["schema"].get("pattern", "")
            assert value is None or re.search(pattern, value), f"{where}: {name}: {value}"

    def _make_validator(
        self, path: str, method: str, status: str, media: str
    ) -> Draft202012Validator:
        operation = self.document["paths"][path][method.lower()]
        schema = operation["responses"][status]["content"][media]["schema"]
        return Draft202012Validator({**schema, "components": self.document["components"]})


def closed(document: Document) -> Document:
    """A copy whose objects of answers take no fields but those that are named."""
    document = copy.deepcopy(document)
    for schema in document["components"]["schemas"].values():
        _close(schema)
    return document


def _close(schema: Any) -> None:
    if isinstance(schema, dict):
        if "properties" in schema:
            schema.setdefault("additionalProperties", False)
        for value in schema.values():
            _close(value)
    elif isinstance(schema, list):
        for value in schema:
            _close(value)
