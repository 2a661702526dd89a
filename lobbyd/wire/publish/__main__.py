"""Write everything that is made from the wire declarations, or check that it is current.

``python -m lobbyd.wire.publish [--check] [ROOT]`` in a checkout of lobbyd.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import dissector, gdscript, tables, vectors


def rendered(root: Path) -> dict[Path, str]:
    """Path to content of every generated file under ``root``."""
    protocol = root / "docs" / "protocol.md"
    files = {
        protocol: tables.fill(protocol.read_text()),
        root / "godot_client/addons/lobbyd/wire/lobbyd_wire.gd": gdscript.source(),
        root / "docs/wireshark/lobbyd.lua": dissector.source(),
    }
    for name, content in vectors.all_files().items():
        text = json.dumps(content, indent=1, ensure_ascii=False) + "\n"
        files[root / "tests" / "vectors" / name] = text
    return files


def stale(root: Path) -> list[str]:
    """One line for each generated file that is not what the declarations say."""
    lines = [f"docs/protocol.md has no table for {name}" for name in _untabled(root)]
    for path, content in rendered(root).items():
        if not path.exists() or path.read_text() != content:
            lines.append(f"{path.relative_to(root)} is not current")
    return lines


def _untabled(root: Path) -> list[str]:
    return tables.missing((root / "docs" / "protocol.md").read_text())


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(prog="python -m lobbyd.wire.publish", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, exit 1 if stale")
    parser.add_argument("root", nargs="?", type=Path, default=Path.cwd())
    options = parser.parse_args()
    root = options.root.resolve()
    if not (root / "docs" / "protocol.md").exists():
        print(f"{root} is no checkout of lobbyd: docs/protocol.md is missing", file=sys.stderr)
        return 2
    if options.check:
        lines = stale(root)
        for line in lines:
            print(line + "; run python -m lobbyd.wire.publish")
        return 1 if lines else 0
    for path, content in rendered(root).items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        print(f"wrote {path.relative_to(root)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
