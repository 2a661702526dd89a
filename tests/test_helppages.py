"""The reader of help pages sees what is wrong with them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from .helppages import pages_below, problems

PAGE = """<class name="{name}" inherits="{inherits}">
<brief_description>{brief}</brief_description><description>{text}</description>
<methods><method name="{method}"><return type="void" />
<param index="0" name="code" type="String" /><description>{does}</description></method></methods>
<members><member name="lobby" type="int">{holds}</member></members>
<signals><signal name="joined"><description>It joined.</description></signal></signals>
<constants><constant name="OPEN" value="0" enum="State">{means}</constant></constants>
</class>"""
GOOD = {
    "name": "LobbydThing",
    "inherits": "Base",
    "brief": "A thing.",
    "text": "See [method join], [member Base.lobby], [signal joined], [enum State] and [Base].",
    "method": "join",
    "does": "Joins [param code], [code][not a tag][/code].[br][url=http://x]Then[/url] [i]in[/i].",
    "holds": "Which.",
    "means": "[constant OPEN].",
}


def found(**changes: str) -> list[str]:
    """What is wrong with a good page that was changed."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "own").mkdir()
        (folder / "engine").mkdir()
        base = {**GOOD, "name": "Base", "inherits": "", "method": "opened"}
        (folder / "engine" / "Base.xml").write_text(PAGE.format(**base))
        (folder / "own" / "LobbydThing.xml").write_text(PAGE.format(**{**GOOD, **changes}))
        return problems(pages_below(folder / "own"), pages_below(folder / "engine"))


class HelpPagesTests(SynchronousTestCase):
    def test_a_good_page(self) -> None:
        """Nothing is said against it."""
        self.assertEqual(found(), [])

    def test_what_lacks_a_description(self) -> None:
        """Classes, methods, members and constants are told; the private are not."""
        for change, told in (
            ({"brief": ""}, "no description"),
            ({"does": ""}, "method join has no description"),
            ({"holds": ""}, "member lobby has no description"),
            ({"means": " "}, "constant OPEN has no description"),
        ):
            self.assertEqual(found(**change), [f"LobbydThing: {told}"])
        self.assertEqual(found(method="_join", does="", text="Nothing."), [])

    def test_what_an_ancestor_describes(self) -> None:
        """An overridden method needs no words of its own."""
        self.assertEqual(found(method="opened", does="", text="[method opened]."), [])

    def test_references_that_lead_nowhere(self) -> None:
        """Each kind of reference is followed, also into ancestors."""
        for text, told in (
            ("[method leave]", "[method leave] leads nowhere"),
            ("[method Base.join]", "[method Base.join] leads nowhere"),
            ("[member Other.lobby]", "[member Other.lobby] leads nowhere"),
            ("[enum Status]", "[enum Status] leads nowhere"),
            ("[Thing]", "[Thing] is no class and no tag"),
        ):
            self.assertEqual(found(text=text), [f"LobbydThing: {told}"])
        self.assertEqual(
            found(does="[param name]"), ["LobbydThing: method join: [param name] is no parameter"]
        )

    def test_tags_that_do_not_match(self) -> None:
        """What is opened is closed, in its order."""
        for text, told in (
            ("[b]loud", "[b] is not closed"),
            ("[b]loud[/i]", "[/i] closes nothing"),
            ("loud[/b]", "[/b] closes nothing"),
            ("[code]loud", "[code] is not closed"),
        ):
            self.assertEqual(found(text=text), [f"LobbydThing: {told}"])
