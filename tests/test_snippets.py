"""Scripts are taken out of the pages for Godot, and links of every page lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from .places import temporary
from .snippets import snippets_of, whole

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "bench" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


class Snippets(SynchronousTestCase):
    """Pages made up, and those that there are."""

    def test_a_script_is_left_as_it_is(self) -> None:
        """It extends something."""
        assert whole("extends Node2D\n\nvar a: int = 1\n") == "extends Node2D\n\nvar a: int = 1\n"

    def test_parts_of_a_class_get_one(self) -> None:
        """Functions, variables and annotations at the outermost level."""
        part = '@onready var a: int = 1\n\n\n@rpc("any_peer")\nfunc b() -> void:\n\tpass\n'
        assert whole(part) == f"extends Node\n\n\n{part}"

    def test_statements_get_a_function(self) -> None:
        """Else they could not stand there."""
        code = "var a: int = 1\n\nif a > 0:\n\tprint(a)\n"
        body = "\tvar a: int = 1\n\n\tif a > 0:\n\t\tprint(a)\n"
        assert whole(code) == f"extends Node\n\n\nfunc _example() -> void:\n{body}"

    def test_scripts_are_found_with_what_they_print(self) -> None:
        """Lines are counted from 1, at the opening mark."""
        page = temporary(self) / "a-page.md"
        run = "<!-- run, prints: hello, you -->\n```gdscript\nextends Node\n```\n"
        page.write_text(f"text\n\n```gdscript\nprint(1)\n```\n```sh\nls\n```\n{run}")
        found = [(s.name, s.prints) for s in snippets_of(page)]
        assert found == [("a_page_line_3.gd", ""), ("a_page_line_10.gd", "hello, you")]

    def test_what_a_script_needs_is_given(self) -> None:
        """Also where it stands in a list."""
        page = temporary(self) / "page.md"
        script = "  ```gdscript\n  menu.show()\n\n  print(1)\n  ```\n"
        page.write_text(f"* so:\n\n  <!-- with: var menu: Control -->\n{script}")
        given = "extends Node\n\n\nvar menu: Control\n\n\nfunc _example() -> void:\n"
        (found,) = snippets_of(page)
        assert found.source == f"{given}\tmenu.show()\n\n\tprint(1)\n", found

    def test_what_would_be_passed_over_is_refused(self) -> None:
        """A mark that is not right above its script."""
        page = temporary(self) / "page.md"
        page.write_text("<!-- run, prints: a -->\n\n```gdscript\nextends Node\n```\n")
        self.assertRaises(AssertionError, snippets_of, page)

    def test_links_lead_somewhere(self) -> None:
        """To files that are there, and to headings of theirs."""
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for target, heading in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", text):
                if target.startswith("http"):
                    continue
                file = (page.parent / target).resolve() if target else page
                assert file.exists(), (page.name, target)
                assert not heading or heading in headings(file), (page.name, target, heading)


def headings(file: Path) -> set[str]:
    """The names by which headings of a page are linked to."""
    lines = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", line).strip().lower().replace(" ", "-") for line in lines}
