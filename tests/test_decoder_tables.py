"""The decoder's tables are those of docs/protocol.md, and it knows nothing else."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from .decoder import tables

DOCUMENT = Path(__file__).resolve().parent.parent / "docs" / "protocol.md"
OPAQUE = {"TOKEN", "CLAIMS"}
"""What only the server opens."""

SIZES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "i16": 2, "i24": 3, "f32": 4}


def printed() -> dict[str, list[list[str]]]:
    """The cells of the document's tables, without their heads."""
    found = re.findall(r"<!-- table: (\w+) -->\n(.*?)<!-- /table -->", DOCUMENT.read_text(), re.S)
    return {
        name: [[c.strip() for c in line.strip("|").split("|")] for line in body.splitlines()[2:]]
        for name, body in found
    }


def layouts() -> dict[str, tables.Layout]:
    """The decoder's, under the names that the document uses."""
    found = {"HEADER": tables.HEADER} | tables.PACKETS | tables.FRAMES | tables.PARTS
    both = tables.MESSAGES_DOWN.keys() & tables.MESSAGES_UP.keys()
    for way, messages in (("DOWN", tables.MESSAGES_DOWN), ("UP", tables.MESSAGES_UP)):
        found |= {f"{k}_{way}" if k in both else k: v for k, v in messages.items()}
    return found


class TableTests(SynchronousTestCase):
    def test_the_document_has_no_other_tables(self) -> None:
        self.assertEqual(set(printed()) - OPAQUE, set(layouts()) | set(tables.ENUMS))

    def test_layouts(self) -> None:
        for name, layout in layouts().items():
            rows = [row for row in printed()[name] if row[2]]
            self.assertEqual([(r[2], r[3].strip("`")) for r in rows], list(layout), name)

    def test_offsets_are_sums_of_sizes(self) -> None:
        for name in layouts():
            at = 0
            for offset, size, kind, *_ in printed()[name]:
                if not offset:
                    break
                self.assertEqual(int(offset), at, name)
                sized = re.fullmatch(r"\w+\[(\d+)\]", kind)
                known = int(sized[1]) if sized else SIZES.get(kind)
                self.assertEqual(size, "" if known is None else str(known), name)
                at += known or 0

    def test_enums(self) -> None:
        for name, numbers in tables.ENUMS.items():
            rows = {int(number): word for number, word in printed()[name]}
            self.assertEqual(rows, numbers, name)

    def test_the_decoder_imports_the_standard_library_only(self) -> None:
        files = sorted(Path(tables.__file__).parent.glob("*.py"))
        self.assertGreater(len(files), 6)
        for file in files:
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.ImportFrom):
                    # one dot: a module of the decoder itself
                    names = [node.module or ""] if node.level == 0 else []
                    self.assertLessEqual(node.level, 1, file)
                elif isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                else:
                    continue
                for name in names:
                    self.assertIn(name.partition(".")[0], sys.stdlib_module_names, file)
