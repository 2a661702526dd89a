"""The scripts on the pages of docs/godot, as files that an engine can load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

BLOCK = re.compile(r"^(?:<!-- run, prints: ([^\n]+) -->\n)?```gdscript\n(.*?)^```", re.M | re.S)
OF_A_CLASS = re.compile(
    r"(?:static )?(?:func|var|const|signal|enum|class)\b|@|extends\b|class_name\b"
)


@dataclass
class Snippet:
    """A script of a page: ``prints`` is what it says when it runs, empty where it only loads."""

    page: str
    line: int
    source: str
    prints: str

    @property
    def name(self) -> str:
        """Its file's, which tells where it stands."""
        return f"{self.page.replace('-', '_')}_line_{self.line}.gd"


def snippets_of(page: Path) -> list[Snippet]:
    """All scripts of a page."""
    text = page.read_text(encoding="utf-8")
    assert text.count("```gdscript") == len(BLOCK.findall(text)), f"{page}: a block that never ends"
    assert text.count("<!-- run") == len([run for run, _ in BLOCK.findall(text) if run]), page
    return [
        Snippet(page.stem, text.count("\n", 0, found.start(2)), whole(found[2]), found[1] or "")
        for found in BLOCK.finditer(text)
    ]


def whole(code: str) -> str:
    """A script of its own: what lacks a class or a function gets one."""
    if re.search(r"^extends ", code, re.M):
        return code
    outermost = [line for line in code.splitlines() if line and line[0] not in "\t#)]}"]
    if all(OF_A_CLASS.match(line) for line in outermost) and "func " in code:
        return f"extends Node\n\n\n{code}"
    body = "".join(f"\t{line}\n" if line else "\n" for line in code.splitlines())
    return f"extends Node\n\n\nfunc _example() -> void:\n{body}"
