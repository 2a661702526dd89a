"""The table of public errors is what is raised, and what docs/http.md tells."""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.errors import (
    PROBLEMS,
    ConfigError,
    LobbydError,
    Malformed,
    Refused,
    StartError,
    invalid,
)

ROOT = Path(__file__).resolve().parent.parent
RAISERS = {"Refused", "_refuse"}
SENTENCES = "godot_client/addons/lobbyd/ui/lobbyd_sentences.gd"
ROW = re.compile(r"^\| `(\w+)` \| (\d+) \| (.+?) \| (.+?) \|$", re.MULTILINE)


def words(node: ast.expr) -> set[str]:
    """The text of a constant, or both of a choice."""
    if isinstance(node, ast.IfExp):
        return words(node.body) | words(node.orelse)
    return {str(node.value)} if isinstance(node, ast.Constant) else set()


def raised_codes() -> set[str]:
    """Every code that the source refuses with."""
    found = set()
    for path in (ROOT / "lobbyd").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
            if name in RAISERS:
                found |= words(node.args[0])
    return found


class TableTests(SynchronousTestCase):
    def test_every_code_is_raised_somewhere(self) -> None:
        self.assertEqual(set(PROBLEMS) - raised_codes(), set())

    def test_every_code_that_is_raised_is_in_the_table(self) -> None:
        self.assertEqual(raised_codes() - set(PROBLEMS), set())

    def test_each_is_an_error_of_http(self) -> None:
        for problem in PROBLEMS.values():
            self.assertTrue(400 <= problem.status < 600, problem)

    def test_each_has_its_own_key_a_title_and_a_remedy(self) -> None:
        for code, problem in PROBLEMS.items():
            self.assertEqual(problem.code, code)
            self.assertNotEqual((problem.title, problem.remedy), ("", ""))

    def test_a_code_is_a_word_for_programs(self) -> None:
        for code in PROBLEMS:
            self.assertRegex(code, r"\A[a-z]+(_[a-z]+)*\Z")

    def test_titles_differ(self) -> None:
        titles = [problem.title for problem in PROBLEMS.values()]
        self.assertEqual(len(set(titles)), len(titles))


class DocumentTests(SynchronousTestCase):
    def setUp(self) -> None:
        text = (ROOT / "docs/http.md").read_text()
        self.rows = ROW.findall(text.partition("\n## Errors\n")[2])

    def test_the_document_names_each_code_once(self) -> None:
        self.assertEqual(Counter(row[0] for row in self.rows), Counter(list(PROBLEMS)))

    def test_the_document_has_the_right_statuses(self) -> None:
        documented = {code: int(status) for code, status, _, _ in self.rows}
        self.assertEqual(documented, {code: p.status for code, p in PROBLEMS.items()})

    def test_the_document_gives_each_a_cause_and_a_remedy(self) -> None:
        for code, _, cause, remedy in self.rows:
            self.assertTrue(cause.strip() and remedy.strip(), code)

    def test_godot_screens_have_a_sentence_for_each(self) -> None:
        source = (ROOT / SENTENCES).read_text()
        table = source.partition("const RESULT_WORDS")[2].partition("\n}")[0]
        said = re.findall(r'^\t"(\w+)":\s+"(.+)",$', table, re.MULTILINE)
        self.assertEqual({row[0] for row in self.rows} - {code for code, _ in said}, set())
        self.assertEqual({code for code, _ in said} - set(PROBLEMS), set(), "of no error")
        for code, sentence in said:
            self.assertTrue(sentence.endswith("."), code)


class RefusedTests(SynchronousTestCase):
    def test_it_has_the_problem_of_its_code(self) -> None:
        refused = Refused("lobby_full")
        self.assertEqual((refused.code, refused.problem.status), ("lobby_full", 409))

    def test_without_a_detail_it_tells_the_remedy(self) -> None:
        self.assertEqual(Refused("lobby_full").detail, PROBLEMS["lobby_full"].remedy)

    def test_its_text_has_code_and_detail(self) -> None:
        self.assertEqual(str(Refused("lobby_full", "All taken.")), "lobby_full: All taken.")

    def test_an_unknown_code_is_a_mistake(self) -> None:
        self.assertRaises(KeyError, Refused, "no_such_code")

    def test_an_invalid_field_is_named_first(self) -> None:
        refused = invalid("name", "a string")
        self.assertEqual((refused.code, refused.detail), ("invalid_request", "name: a string"))

    def test_everything_raised_on_purpose_has_one_base(self) -> None:
        for kind in (Refused, Malformed, ConfigError, StartError):
            self.assertTrue(issubclass(kind, LobbydError))
