"""What is made from the declarations is current: document, vectors, GDScript constants."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from construct import Struct
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.wire import schema
from lobbyd.wire.derive import fields
from lobbyd.wire.publish import gdscript, tables, vectors
from lobbyd.wire.publish.__main__ import rendered, stale

ROOT = Path(__file__).resolve().parent.parent


class CurrentTests(SynchronousTestCase):
    def test_nothing_in_the_tree_is_stale(self) -> None:
        self.assertEqual(stale(ROOT), [])

    def test_every_committed_vector_file_is_generated(self) -> None:
        """A file that nobody makes anew would go stale unseen."""
        committed = {path.name for path in (ROOT / "tests" / "vectors").glob("*.json")}
        self.assertEqual(committed, set(vectors.all_files()))

    def test_it_is_made_alike_every_time(self) -> None:
        self.assertEqual(json.dumps(vectors.all_files()), json.dumps(vectors.all_files()))


class CommandTests(SynchronousTestCase):
    """``python -m lobbyd.wire.publish`` on a copy of what it writes."""

    def setUp(self) -> None:
        # not mktemp(): under pytest that is in the checkout, and stays
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.copy = Path(directory.name).resolve()
        for path in rendered(ROOT):
            target = self.copy / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)

    def publish(self, *arguments: str) -> tuple[int, str]:
        run = subprocess.run(
            [sys.executable, "-m", "lobbyd.wire.publish", *arguments, str(self.copy)],
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
        self.assertNotIn("Traceback", run.stderr)
        return run.returncode, run.stdout

    def test_a_current_copy_passes(self) -> None:
        self.assertEqual(self.publish("--check"), (0, ""))

    def test_a_stale_file_is_named_and_fails(self) -> None:
        (self.copy / "tests/vectors/serial.json").write_text("[]\n")
        status, output = self.publish("--check")
        self.assertEqual(status, 1)
        self.assertIn("tests/vectors/serial.json is not current", output)
        self.assertEqual(len(output.splitlines()), 1)

    def test_checking_writes_nothing(self) -> None:
        (self.copy / "tests/vectors/serial.json").write_text("[]\n")
        self.publish("--check")
        self.assertEqual((self.copy / "tests/vectors/serial.json").read_text(), "[]\n")

    def test_publishing_makes_it_current(self) -> None:
        (self.copy / "tests/vectors/serial.json").unlink()
        document = self.copy / "docs/protocol.md"
        document.write_text(document.read_text().replace("| u32 | `conn_id` |", "| u16 | `id` |"))
        self.assertNotEqual(stale(self.copy), [])
        status, _ = self.publish()
        self.assertEqual((status, stale(self.copy)), (0, []))

    def test_a_document_without_a_table_fails(self) -> None:
        document = self.copy / "docs/protocol.md"
        document.write_text(document.read_text().replace("<!-- table: HELLO -->", ""))
        status, output = self.publish("--check")
        self.assertEqual(status, 1)
        self.assertIn("docs/protocol.md has no table for HELLO", output)

    def test_another_directory_is_refused(self) -> None:
        (self.copy / "docs/protocol.md").unlink()
        self.assertEqual(self.publish("--check"), (2, ""))


class TableTests(SynchronousTestCase):
    def test_offsets_are_where_construct_puts_the_fields(self) -> None:
        """The last row's offset is the size that construct computes."""
        for packet, declaration in schema.PACKETS.items():
            last = tables.layout_table(declaration).splitlines()[-1]
            self.assertEqual(last, f"| {declaration.sizeof()} | | | | end |", packet)

    def test_every_field_of_every_declaration_has_a_row(self) -> None:
        for name, declaration in vars(schema).items():
            if isinstance(declaration, Struct):
                table = tables.layout_table(declaration)
                for field in fields(declaration):
                    self.assertIn(f"| {field.type} |", table, name)
                    self.assertIn(f"`{field.name}`" if field.name else "zeros", table, name)

    def test_text_around_the_tables_stays(self) -> None:
        text = "before\n<!-- table: PING -->\nold\n<!-- /table -->\nafter\n"
        filled = tables.fill(text)
        self.assertTrue(filled.startswith("before\n<!-- table: PING -->\n| offset |"))
        self.assertTrue(filled.endswith("<!-- /table -->\nafter\n"))
        self.assertNotIn("old", filled)
        self.assertEqual(tables.fill(filled), filled)


class ConstantTests(SynchronousTestCase):
    def test_offsets_are_construct_s_too(self) -> None:
        """Built with one byte set: the constant names the place where it stands."""
        constants = {}
        for line in gdscript.source().splitlines():
            if line.startswith("const "):
                name, _, value = line[len("const ") :].partition(" = ")
                constants[name.partition(":")[0]] = value
        self.assertEqual(constants["WELCOME_SIZE"], "108")
        self.assertEqual(constants["MAX_DATAGRAM"], "1200")
        for packet, declaration in schema.PACKETS.items():
            offset = 0
            for sub in declaration.subcons:
                if sub.name and sub.name != "magic_version":
                    key = f"{packet.name}_{sub.name.upper()}"
                    self.assertEqual(int(constants[key]), offset, key)
                offset += sub.sizeof()
