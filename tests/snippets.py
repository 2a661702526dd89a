"""The scripts on the pages of docs/godot, as files that an engine can load."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

BLOCK = re.compile(
    r"^(?P<mark>[ ]*<!-- (?:run, prints: (?P<prints>[^\n]+)|with: (?P<given>[^\n]+)) -->\n)?"
    r"(?P<indent>[ ]*)```gdscript\n(?P<code>.*?)^(?P=indent)```$",
    re.M | re.S,
)
MARK = re.compile(r"<!-- (?:run|with)\b")
OF_A_CLASS = re.compile(
    r"(?:static )?(?:func|var|const|signal|enum|class)\b|@|extends\b|class_name\b"
)


@dataclass
class Snippet:
    """A script of a page: ``prints`` is what it says when it runs, empty where it only loads.

    ``<!-- run, prints: TEXT -->`` or ``<!-- with: CODE -->`` may stand on the line above: the
    second names what the reader has already, such as ``var menu: LobbydMenu``.
    """

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
    blocks = list(BLOCK.finditer(text))
    assert text.count("```gdscript") == len(blocks), f"{page}: a block that never ends"
    marks = [block for block in blocks if block["mark"]]
    assert len(MARK.findall(text)) == len(marks), f"{page}: a mark that is not above its block"
    return [
        Snippet(
            page.stem,
            text.count("\n", 0, block.start("code")),
            whole(dedent(block["code"]), block["given"] or ""),
            block["prints"] or "",
        )
        for block in blocks
    ]


def whole(code: str, given: str = "") -> str:
    """A script of its own: what lacks a class or a function gets one."""
    own = f"{given}\n\n\n" if given else ""
    if re.search(r"^extends ", code, re.M):
        return f"{code}\n\n{own}" if own else code
    outermost = [line for line in code.splitlines() if line and line[0] not in "\t #)]}"]
    if all(OF_A_CLASS.match(line) for line in outermost) and "func " in code:
        return f"extends Node\n\n\n{own}{code}"
    indent = "    " if re.search(r"^ ", code, re.M) else "\t"
    body = "".join(f"{indent}{line}\n" if line else "\n" for line in code.splitlines())
    return f"extends Node\n\n\n{own}func _example() -> void:\n{body}"
