"""The arrows between modules point downhill, and the core stays pure."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "lobbyd"

LEAVES = ("errors", "config", "stats", "limits", "dummy")
PURE = (*LEAVES, "wire", "netsim", "lobby", "session", "relay", "client")
SHELL = {
    f"client.{name}" for name in ("udp", "waiting", "web", "http", "follow", "calls", "client")
}
SHELL |= {f"netsim.{name}" for name in ("proxy", "cli", "__main__")}
"""Stand beside what they drive; their users import them by name."""
TOOL = "wire.publish"
"""Writes files from the declarations; no other module may import it."""

IMPURE = {"twisted", "klein", "werkzeug", "time", "random", "secrets", "socket", "logging"}
IMPURE |= {"threading", "asyncio", "select", "subprocess", "zope"}

# Which parts of lobbyd a part may import, beside itself.
MAY_IMPORT: dict[str, set[str]] = {
    "errors": set(),
    "config": {"errors"},
    "stats": set(),
    "wire": {"errors"},
    "limits": {"wire"},
    "dummy": {"wire"},
    "netsim": {"fairport"},
    "lobby": {"errors", "wire", "dummy", "limits", "stats", "netsim"},
    "session": {"errors", "wire", "lobby", "stats", "limits"},
    "relay": {"errors", "wire", "lobby", "session", "stats", "limits", "dummy", "netsim"},
    "client": {"errors", "wire", "session"},
    "http": {"errors", "config", "wire", "lobby", "limits", "stats", "netsim"},
    "udp": {"fairport", "relay", "session", "stats", "udpio"},
    "fairport": {"udpio"},
    "udpio": set(),
    "clock": set(),
    "garbage": set(),
    "lobbylog": set(),
    "filestore": {"errors", "lobbylog"},
    "opening": {"errors", "config", "lobby", "lobbylog", "filestore", "udpio"},
    "moverule": {"errors", "relay"},
    "state": {"errors"},
    "tap": {"errors", "config", "garbage", "service"},
}
WIRING = {"service", "testing"}
"""May import everything; nobody imports them but tap."""

LONGEST = 300
LONG: dict[str, tuple[int, str]] = {
    "wire/publish/vectors.py": (500, "golden values, mostly data"),
    "wire/schema.py": (400, "the declarations of a whole protocol, read as one document"),
}


def modules() -> dict[str, Path]:
    """Dotted name below lobbyd to file."""
    found = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = list(path.relative_to(PACKAGE).with_suffix("").parts)
        if parts[-1] == "__init__":
            parts.pop()
        found[".".join(parts)] = path
    return found


def imports(name: str, path: Path) -> Iterator[str]:
    """Absolute dotted names of everything that a module imports, wherever in it."""
    package = ["lobbyd", *name.split(".")] if name else ["lobbyd"]
    if path.name != "__init__.py":
        package.pop()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = [*base, *(node.module or "").split(".")] if node.module else base
            # "from . import keys" names a module, "from .keys import Tagger" something in one
            yield from (".".join([*module, alias.name]) for alias in node.names)


def part_of(name: str) -> str:
    return name.split(".")[0]


def own(imported: str) -> str | None:
    """The name below lobbyd, None for what is not ours."""
    if not imported.startswith("lobbyd.") or imported == "lobbyd.__version__":
        return None
    return imported.removeprefix("lobbyd.")


def pure_modules() -> list[str]:
    return [
        name
        for name in modules()
        if part_of(name) in PURE and name not in SHELL and not name.startswith(TOOL)
    ]


class ArrowTests(SynchronousTestCase):
    def test_the_walk_sees_imports(self) -> None:
        """Relative ones, ones inside functions, and whole modules."""
        relay = set(imports("relay.relay", modules()["relay.relay"]))
        self.assertIn("lobbyd.wire.keys.ServerKeys", relay)
        self.assertIn("lobbyd.session.admission.Admission", relay)
        tap = set(imports("tap", modules()["tap"]))
        self.assertIn("lobbyd.service.build", tap)
        self.assertIn("twisted.python.usage", tap)

    def test_every_module_has_its_place(self) -> None:
        """A new part of lobbyd is entered above, with what it may import."""
        parts = {part_of(name) for name in modules()} - {""}
        self.assertEqual(parts - set(MAY_IMPORT) - WIRING, set())

    def test_nobody_imports_uphill(self) -> None:
        uphill = []
        for name, path in modules().items():
            part = part_of(name)
            if part in WIRING or name == "":
                continue
            for imported in imports(name, path):
                target = own(imported)
                if target is None or part_of(target) == part:
                    continue
                if part_of(target) not in MAY_IMPORT[part]:
                    uphill.append(f"{name} imports {imported}")
        self.assertEqual(uphill, [])

    def test_nobody_imports_the_publishing_tool(self) -> None:
        users = [
            name
            for name, path in modules().items()
            if not name.startswith(TOOL)
            and any((own(i) or "").startswith(TOOL) for i in imports(name, path))
        ]
        self.assertEqual(users, [])

    def test_there_is_no_circle(self) -> None:
        """Between modules, not only between parts."""
        known = modules()
        arrows: dict[str, set[str]] = {}
        for name, path in known.items():
            targets = {own(i) or "" for i in imports(name, path)}
            reached = {t if t in known else t.rpartition(".")[0] for t in targets}
            arrows[name] = {t for t in reached if t in known and t not in ("", name)}
        left = dict(arrows)
        while left:
            ends = {name for name, targets in left.items() if not targets & set(left)}
            self.assertNotEqual(ends, set(), f"a circle among {sorted(left)}")
            left = {name: targets for name, targets in left.items() if name not in ends}


class PurityTests(SynchronousTestCase):
    def test_the_core_imports_nothing_impure(self) -> None:
        impure = [
            f"{name} imports {imported}"
            for name in pure_modules()
            for imported in imports(name, modules()[name])
            if imported.split(".")[0] in IMPURE
        ]
        self.assertEqual(impure, [])

    def test_the_core_has_all_its_parts(self) -> None:
        """An empty list of pure modules would prove nothing."""
        self.assertEqual({part_of(name) for name in pure_modules()}, set(PURE))

    def test_only_http_imports_klein(self) -> None:
        users = [
            name
            for name, path in modules().items()
            if any(i.split(".")[0] in ("klein", "werkzeug") for i in imports(name, path))
        ]
        self.assertTrue(users)
        self.assertEqual([name for name in users if part_of(name) != "http"], [])

    def test_the_reactor_is_imported_in_one_place(self) -> None:
        """In makeService and in the proxy's command, when nobody gave one."""
        users = [
            name
            for name, path in modules().items()
            if "twisted.internet.reactor" in imports(name, path)
        ]
        self.assertEqual(users, ["netsim.cli", "tap"])

    def test_importing_the_core_and_the_plugin_installs_no_reactor(self) -> None:
        lines = [f"import lobbyd.{name}" for name in pure_modules() if name]
        lines += ["import lobbyd.tap", "import twisted.plugins.lobbyd_plugin", "import sys"]
        lines.append("sys.exit('twisted.internet.reactor' in sys.modules)")
        run = subprocess.run(
            [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_importing_the_core_imports_no_twisted(self) -> None:
        lines = [f"import lobbyd.{name}" for name in pure_modules() if name]
        lines += ["import sys", "sys.exit('twisted' in sys.modules)"]
        run = subprocess.run(
            [sys.executable, "-c", "\n".join(lines)], cwd=ROOT, capture_output=True, text=True
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))


class LengthTests(SynchronousTestCase):
    def lengths(self) -> dict[str, int]:
        return {
            str(path.relative_to(PACKAGE)): len(path.read_text().splitlines())
            for path in modules().values()
        }

    def test_modules_are_short(self) -> None:
        limits = {name: limit for name, (limit, _) in LONG.items()}
        too_long = {
            name: lines
            for name, lines in self.lengths().items()
            if lines > limits.get(name, LONGEST)
        }
        self.assertEqual(too_long, {})

    def test_every_exception_is_still_one(self) -> None:
        lengths = self.lengths()
        self.assertEqual([name for name in LONG if lengths.get(name, 0) <= LONGEST], [])
