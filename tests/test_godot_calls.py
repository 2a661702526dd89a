"""docs/godot/lobby-calls.md against the client's functions and the codes that there are."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent
GODOT = ROOT / "godot_client"
PAGE = (ROOT / "docs" / "godot" / "lobby-calls.md").read_text(encoding="utf-8")
CALLS = PAGE.split("## What happens")[0]
RESULT = "addons/lobbyd/client/lobbyd_result.gd"


def read(path: str) -> str:
    """A script of the Godot project."""
    return (GODOT / path).read_text(encoding="utf-8")


def functions() -> list[str]:
    """The functions that make a call of the HTTP API."""
    table = re.search(
        r"^const FUNCTIONS.*?^}", read("tests/e2e/routes.gd"), re.MULTILINE | re.DOTALL
    )
    assert table
    return [name for names in re.findall(r"\[(.*?)\]", table[0])[1:] for name in words(names)]


def words(quoted: str) -> list[str]:
    """What stands in quotes."""
    return re.findall(r'"(\w+)"', quoted)


def codes() -> set[str]:
    """The server's codes, the words of a refusal over UDP, and this side's own."""
    table = (ROOT / "docs" / "http.md").read_text(encoding="utf-8").split("## Errors")[1]
    denied = re.search(
        r"enum DeniedCode \{(.*?)\}", read("addons/lobbyd/wire/lobbyd_wire.gd"), re.DOTALL
    )
    assert denied
    own = re.findall(r'^const \w+: String = "(\w+)"', read(RESULT), re.MULTILINE)
    return {
        *re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE),
        *(word.lower() for word in re.findall(r"^\t(\w+) = ", denied[1], re.MULTILINE)),
        *own,
    }


class LobbyCallsPageTests(SynchronousTestCase):
    """The page and what it is about."""

    def test_every_function_is_on_the_page(self) -> None:
        """Whoever adds a function writes it down."""
        names = functions()
        self.assertGreater(len(names), 30)
        self.assertEqual([name for name in names if f"`{name}(" not in PAGE], [])

    def test_every_code_on_the_page_is_one(self) -> None:
        """A code that nobody sends would be waited for in vain."""
        cells = [
            line.split(" | ")[-1] for line in CALLS.splitlines() if re.match(r"\| `\w+\(", line)
        ]
        named = {word for cell in cells for word in re.findall(r"`([a-z_]+)`", cell)}
        named.discard("enter_lobby")
        self.assertGreater(len(named), 15)
        self.assertEqual(named - codes(), set())

    def test_every_code_of_this_side_is_on_the_page(self) -> None:
        """Those that no page of the server can tell."""
        own = re.findall(r'^const \w+: String = "(\w+)"', read(RESULT), re.MULTILINE)
        self.assertGreater(len(own), 8)
        self.assertEqual([code for code in own if f"`{code}`" not in PAGE], [])
