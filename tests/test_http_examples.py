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

from lobbyd.http import limits
from lobbyd.http.queries import LIST_PARAMETERS
from lobbyd.lobby.codes import PRIVATE_LENGTH, PUBLIC_LENGTH
from lobbyd.lobby.requests import SETTINGS
from lobbyd.lobby.settings import LobbySettings
from tests.http_memory import Answer, Headers, HttpServer, request_bytes

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
    line: str
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
            Example(
                match["command"],
                line,
                int(match["status"]),
                match["body"],
                location and location[1],
            )
        )
    return found


def curl(server: HttpServer, command: str) -> Answer:
    """Do what curl would do."""
    return server.request(*parts(command))


def parts(command: str) -> tuple[str, str, bytes, Headers]:
    """Method, path, body and headers of a curl command."""
    words = iter(shlex.split(command.replace("\\\n", "")))
    if next(words) != "curl":
        raise ValueError(command)
    method, path, body = "GET", "", b""
    headers: Headers = {"Host": "localhost:8080", "Content-Type": ""}
    for word in words:
        if word == "-N":
            continue
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
    return method, path, body, headers


REST = "..."
"""A field that stands for all that an earlier example has."""


def differences(told: Any, got: Any, place: str = "$") -> list[str]:
    """Where an answer has other names or types than the document tells."""
    if isinstance(told, dict) and isinstance(got, dict):
        names = told.keys() - {REST}
        found = [f"{place}.{name} is not there" for name in sorted(names - got.keys())]
        if REST not in told:
            found += [f"{place}.{name} is not told" for name in sorted(got.keys() - names)]
        for name in sorted(names & got.keys()):
            found += differences(told[name], got[name], f"{place}.{name}")
        return found
    if isinstance(told, list) and isinstance(got, list) and len(told) == len(got):
        pairs = enumerate(zip(told, got, strict=True))
        return [text for i, (a, b) in pairs for text in differences(a, b, f"{place}[{i}]")]
    if isinstance(told, (dict, list)):
        return [f"{place} is of another kind or length than told"]
    same = type(told) is type(got) and (place in VARIES or not _is_plain(told) or told == got)
    return [] if same else [f"{place} is {got!r}, told is {told!r}"]


VARIES = frozenset({"$.version"})
"""Texts that are no part of the promise."""


def _is_plain(value: Any) -> bool:
    """Whether a value is the same each time: no time, no secret."""
    if isinstance(value, str):
        return len(value) < 16 and not value.endswith("...")
    return value is None or (isinstance(value, (bool, int)) and value < 2**20)


class ExampleTests(SynchronousTestCase):
    def test_they_are_true(self) -> None:
        # as dev/serve runs it
        server = HttpServer(allow_conditions="on")
        server.open_test_lobby()
        tokens: dict[str, str] = {}
        for example in examples():
            command = Template(example.command).substitute(tokens)
            if "text/event-stream" in example.line:
                self.assertStream(server, command)
                continue
            answer = curl(server, command)
            self.assertEqual(answer.status, example.status, (example.command, answer.body))
            if example.location is not None:
                self.assertEqual(answer.headers["location"], example.location)
            self.assertLessEqual(
                {"etag"} if "`ETag`" in example.line else set(), set(answer.headers)
            )
            if example.body is None:
                self.assertEqual(answer.body, b"", example.command)
                continue
            told = json.loads(example.body)
            self.assertEqual(differences(told, answer.json), [], example.command)
            if example.status >= 400:
                self.assertEqual(answer.json, told)
            if "owner_token" in answer.json:
                tokens["OWNER_TOKEN"] = answer.json["owner_token"]
            if "player_token" in answer.json:
                name = answer.json["player"]["name"]
                tokens[f"{name.upper()}_TOKEN"] = answer.json["player_token"]

    def assertStream(self, server: HttpServer, command: str) -> None:
        """The stream begins; what it tells is tested where it is."""
        connection = server.connect()
        connection.send(request_bytes(*parts(command)))
        head = connection.written.partition(b"\r\n\r\n")[0].lower()
        self.assertTrue(head.startswith(b"http/1.1 200"), (command, head))
        self.assertIn(b"\r\ncontent-type: text/event-stream", head)
        connection.lose()

    def test_none_is_left_out(self) -> None:
        """Each shell block of the document is an example that is played."""
        self.assertEqual(len(examples()), TEXT.count("```sh\n"))
        self.assertEqual(TEXT.count("curl "), TEXT.count("```sh\ncurl "))

    def test_there_is_one_for_each_call_at_least(self) -> None:
        told = re.findall(r"^\| `(\w+) (/\S*)` \|", TEXT, re.MULTILINE)
        table = {(route.method, route.path) for route in HttpServer().api.table}
        self.assertEqual(set(told), table)
        commands = [example.command for example in examples()]
        for method, path in told:
            pattern = re.escape(ORIGIN) + re.sub(r"\{\w+\}", r"\\w+", path) + r"['?\s]"
            fitting = [c for c in commands if re.search(pattern, c)]
            self.assertTrue(
                any(method == "GET" or f"-X {method} " in c for c in fitting), (method, path)
            )

    def test_a_false_one_would_be_found(self) -> None:
        for told, got, count in (
            ({"a": 1}, {"a": 1}, 0),
            ({"a": 1}, {"a": 2}, 1),
            ({"a": 1}, {"a": 1.0}, 1),
            ({"a": 1}, {"a": 1, "b": 2}, 1),
            ({"a": 1, REST: ""}, {"a": 1, "b": 2}, 0),
            ({"a": 1, "b": 2, REST: ""}, {"a": 1}, 1),
            ([{"a": 1}], [], 1),
            ([{"a": 1}], [{"b": 1}], 2),
        ):
            self.assertEqual(len(differences(told, got)), count, (told, got))


class FieldTests(SynchronousTestCase):
    """The tables of fields name those that the requests have."""

    def test_every_field_and_setting_is_told(self) -> None:
        told = set(re.findall(r"`(\w+)`", TEXT))
        for route in HttpServer().api.table:
            if route.body is not None:
                self.assertLessEqual(route.body.FIELDS.keys(), told, route.path)
        self.assertLessEqual(SETTINGS.keys(), told)
        self.assertLessEqual(set(LIST_PARAMETERS), told)

    def test_defaults_of_settings_are_true(self) -> None:
        rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| `?([\w']+)`? \|", TEXT, re.MULTILINE)
        told = {name: value for name, value in rows if name in SETTINGS}
        for name, value in LobbySettings().as_json().items():
            if name in told and value is not None:
                text = f"{value:g}" if isinstance(value, float) else str(value).lower()
                self.assertEqual(told[name], text, name)
        self.assertGreater(len(told), 8)


class ArithmeticTests(SynchronousTestCase):
    """What the document says of guessing follows from the limits."""

    UNITS = {"years": 365.25 * 86400, "days": 86400, "hours": 3600}
    ROW = re.compile(r"^\| ([\d,]+) address(?:es)? \| ([\d.]+) \| (.+?) \| (.+?) \|$", re.MULTILINE)

    def test_the_table_is_right(self) -> None:
        rows = self.ROW.findall(TEXT)
        self.assertEqual(len(rows), 3)
        for count, told_rate, *times in rows:
            addresses = int(count.replace(",", ""))
            alone = addresses * limits.GUESSES[0]
            together = limits.GUESSES_IN_ALL[0] + addresses / limits.SUSPECT
            rate = min(alone, together)
            self.assertEqual(f"{rate:.3g}" if rate >= 1 else f"{rate:.2g}", told_rate)
            for told, length in zip(times, (PUBLIC_LENGTH, PRIVATE_LENGTH), strict=True):
                number, unit = told.split()
                seconds = 32**length / (1000 * rate)
                decimals = len(number.partition(".")[2])
                self.assertEqual(f"{seconds / self.UNITS[unit]:.{decimals}f}", number, told)
