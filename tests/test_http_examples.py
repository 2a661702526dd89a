"""The examples of docs/http.md, played as they stand: status, headers and shape are true."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from string import Template
from typing import Any

import attrs
from twisted.trial.unittest import SynchronousTestCase

from tests.http_memory import Answer, HttpServer

TEXT = (Path(__file__).resolve().parent.parent / "docs/http.md").read_text()
EXAMPLE = re.compile(
    r"```sh\n(?P<command>.*?)```\n\n`(?P<status>\d{3}) [^\n]*(?P<rest>[^`]*)"
    r"(?:```json\n(?P<body>.*?)```)?",
    re.DOTALL,
)
LOCATION = re.compile(r"`Location: ([^`]*)`")
ORIGIN = "http://localhost:8080"


@attrs.frozen
class Example:
    """A curl command and what the document says of its answer."""

    command: str
    status: int
    body: str | None
    location: str | None


def examples() -> list[Example]:
    """Those of the document, in its order."""
    found = []
    for match in EXAMPLE.finditer(TEXT):
        line = TEXT[match.start("status") :].partition("\n")[0]
        location = LOCATION.search(line)
        found.append(
            Example(match["command"], int(match["status"]), match["body"], location and location[1])
        )
    return found


def curl(server: HttpServer, command: str) -> Answer:
    """Do what curl would do."""
    words = iter(shlex.split(command.replace("\\\n", "")))
    if next(words) != "curl":
        raise ValueError(command)
    method, path, body = "GET", "", b""
    headers: dict[str, str | bytes] = {"Host": "localhost:8080", "Content-Type": ""}
    for word in words:
        if word == "-X":
            method = next(words)
        elif word == "-H":
            name, _, value = next(words).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(words).encode()
        elif word.startswith(ORIGIN):
            path = word.removeprefix(ORIGIN)
        else:
            raise ValueError(f"an unknown word of curl: {word}")
    return server.request(method, path, body, headers)


def shape(content: Any) -> Any:
    """Names and types, so that two answers can be compared."""
    if isinstance(content, dict):
        return {name: shape(value) for name, value in content.items()}
    if isinstance(content, list):
        return [shape(value) for value in content]
    return type(content).__name__


class ExampleTests(SynchronousTestCase):
    def test_they_are_true(self) -> None:
        server = HttpServer()
        server.open_test_lobby()
        tokens: dict[str, str] = {}
        for example in examples():
            answer = curl(server, Template(example.command).substitute(tokens))
            self.assertEqual(answer.status, example.status, example.command)
            if example.location is not None:
                self.assertEqual(answer.headers["location"], example.location)
            if example.body is None:
                self.assertEqual(answer.body, b"", example.command)
                continue
            told = json.loads(example.body)
            self.assertEqual(shape(answer.json), shape(told), example.command)
            if example.status >= 400:
                self.assertEqual(answer.json, told)
            for name in ("owner_token", "player_token"):
                if name in answer.json:
                    tokens[name.upper()] = answer.json[name]

    def test_none_is_left_out(self) -> None:
        """Each shell block of the document is an example that is played."""
        self.assertEqual(len(examples()), TEXT.count("```sh\n"))
        self.assertEqual(TEXT.count("curl "), TEXT.count("```sh\ncurl "))

    def test_there_is_one_for_each_call_at_least(self) -> None:
        calls = re.findall(r"^\| `(\w+) (/\S*)` \|", TEXT, re.MULTILINE)
        self.assertEqual(len(calls), 6)
        commands = [example.command for example in examples()]
        for method, path in calls:
            pattern = re.escape(ORIGIN) + re.sub(r"\{code\}", r"\\w+", path) + r"\s"
            fitting = [c for c in commands if re.search(pattern, c)]
            self.assertTrue(
                any(method == "GET" or f"-X {method} " in c for c in fitting), (method, path)
            )
