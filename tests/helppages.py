"""What is wrong with help pages as Godot's doctool writes them: gaps, dead references, bad tags."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

VERBATIM = frozenset(("code", "codeblock", "codeblocks", "kbd", "gdscript", "csharp"))
PAIRED = VERBATIM | {"b", "i", "u", "s", "center", "url", "color"}
SINGLE = frozenset(("br", "lb", "rb"))
# The tag that refers to a thing, and the things of a page that it may mean.
REFERENCES = {
    "method": "methods",
    "member": "members",
    "signal": "signals",
    "constant": "constants",
    "enum": "enums",
    "constructor": "constructors",
    "operator": "operators",
    "annotation": "annotations",
    "theme_item": "theme_items",
}
TAG = re.compile(r"\[(/?)([A-Za-z_@][\w.@]*)((?:=|\s)[^\]]*)?\]")


@dataclass
class Page:
    """The help page of a class, with what can be referred to."""

    name: str
    inherits: str
    root: ElementTree.Element
    things: dict[str, set[str]] = field(default_factory=dict)


def read(file: Path) -> Page:
    """A page from its file."""
    root = ElementTree.parse(file).getroot()
    page = Page(root.get("name", ""), root.get("inherits", ""), root)
    for kind in REFERENCES.values():
        page.things[kind] = {element.get("name", "") for element in root.findall(f"{kind}/*")}
    page.things["enums"] = {e.get("enum", "") for e in root.findall("constants/constant")}
    return page


def pages_below(folder: Path) -> dict[str, Page]:
    """All pages of a folder by the names of their classes."""
    return {page.name: page for page in map(read, sorted(folder.rglob("*.xml")))}


def problems(own: dict[str, Page], engine: dict[str, Page]) -> list[str]:
    """What is undocumented, and which references lead nowhere, in ``own`` pages."""
    known = {**engine, **own}
    return [f"{page.name}: {text}" for page in own.values() for text in _of_page(page, known)]


def _of_page(page: Page, known: dict[str, Page]) -> Iterator[str]:
    parts = [_text(page.root, part) for part in ("brief_description", "description")]
    if not parts[0]:
        yield "no description"
    for text in parts:
        yield from _of_text(text, page, known, ())
    for kind in ("methods", "members", "signals", "constants", "annotations", "theme_items"):
        for thing in page.root.findall(f"{kind}/*"):
            name = thing.get("name", "")
            if name.startswith("_"):
                continue
            text = (_text(thing, "description") or (thing.text or "")).strip()
            label = f"{thing.tag} {name}"
            above = kind == "methods" and _inherited(page, name, known)
            if not (text or above or thing.get("overrides")):
                yield f"{label} has no description"
            parameters = [p.get("name", "") for p in thing.findall("param")]
            for fault in _of_text(text, page, known, parameters):
                yield f"{label}: {fault}"


def _inherited(page: Page, name: str, known: dict[str, Page]) -> bool:
    """Whether it is an ancestor's, whose page describes it."""
    above = known.get(page.inherits)
    while above is not None:
        if name in above.things["methods"]:
            return True
        above = known.get(above.inherits)
    return False


def _text(element: ElementTree.Element, part: str) -> str:
    return (element.findtext(part) or "").strip()


def _of_text(
    text: str, page: Page, known: dict[str, Page], parameters: Iterable[str]
) -> Iterator[str]:
    open_tags: list[str] = []
    for found in TAG.finditer(text):
        closing, tag, value = found[1] == "/", found[2], (found[3] or "").strip(" =")
        if open_tags and open_tags[-1] in VERBATIM:
            if closing and tag == open_tags[-1]:
                open_tags.pop()
        elif closing:
            if not open_tags or open_tags.pop() != tag:
                yield f"[/{tag}] closes nothing"
                return
        elif tag in PAIRED:
            open_tags.append(tag)
        elif tag == "param":
            if value not in parameters:
                yield f"[param {value}] is no parameter"
        elif tag in REFERENCES:
            if not _leads(value, REFERENCES[tag], page, known):
                yield f"[{tag} {value}] leads nowhere"
        elif tag not in SINGLE and not _is_class(tag, page, known):
            yield f"[{tag}] is no class and no tag"
    for tag in open_tags:
        yield f"[{tag}] is not closed"


def _is_class(name: str, page: Page, known: dict[str, Page]) -> bool:
    return name in known or f"{page.name}.{name}" in known


def _leads(target: str, kind: str, page: Page, known: dict[str, Page]) -> bool:
    owner, _, name = target.rpartition(".")
    if owner and not _is_class(owner, page, known):
        return False
    at: Page | None = page
    if owner:
        at = known.get(owner) or known[f"{page.name}.{owner}"]
    # what the engine has everywhere
    everywhere = [known[g] for g in ("@GlobalScope", "@GDScript") if g in known]
    if not owner and any(name in each.things[kind] for each in everywhere):
        return True
    while at is not None:
        if name in at.things[kind]:
            return True
        at = known.get(at.inherits)
    return False
