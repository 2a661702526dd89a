"""Makes the zip of the Godot addon: ``sh dev/addon-zip [FILE]``. Wants nothing but Python."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROJECT = ROOT / "godot_client"
ADDON = "addons/lobbyd"
# The earliest time that a zip can hold, so that the day does not show.
TIME = (1980, 1, 1, 0, 0, 0)


def tracked() -> list[str]:
    """The addon's files, relative to the project: those git knows, else all that are there."""
    git = shutil.which("git")
    if git is not None:
        listed = subprocess.run(
            [git, "ls-files", "-z", "--", ADDON], cwd=PROJECT, capture_output=True, text=True
        )
        names = [name for name in listed.stdout.split("\0") if (PROJECT / name).is_file()]
        if names:
            return sorted(names)
    files = (path for path in (PROJECT / ADDON).rglob("*") if path.is_file())
    return sorted(
        path.relative_to(PROJECT).as_posix() for path in files if path.parent.name != "__pycache__"
    )


def version() -> str:
    """The version of plugin.cfg."""
    found = re.search(r'^version="([^"]+)"$', (PROJECT / ADDON / "plugin.cfg").read_text(), re.M)
    if found is None:
        raise SystemExit(f"addon-zip: {ADDON}/plugin.cfg has no version")
    return found[1]


def lacking(names: list[str]) -> list[str]:
    """What Godot would make anew in every project, and differently."""
    wanted = [name + ".uid" for name in names if name.endswith((".gd", ".gdshader"))]
    wanted += [name + ".import" for name in names if name.endswith((".svg", ".png", ".csv"))]
    wanted += [f"{ADDON}/{name}" for name in ("LICENSE", "README.md", "plugin.cfg")]
    return sorted(set(wanted) - set(names))


def write(file: Path, names: list[str]) -> None:
    """Pack the files: sorted, at one time, readable by all."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in names:
            entry = zipfile.ZipInfo(name, TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            # made on unix, whatever this is
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, (PROJECT / name).read_bytes())


def main(arguments: list[str]) -> int:
    """Make the zip and say where it is."""
    if len(arguments) > 1 or any(argument.startswith("-") for argument in arguments):
        print("usage: sh dev/addon-zip [FILE]", file=sys.stderr)
        return 2
    names = tracked()
    missing = lacking(names)
    if missing:
        print(
            "addon-zip: not in the tree (run 'sh dev/godot --headless --path godot_client --import'"
            f" and commit what it made): {', '.join(missing)}",
            file=sys.stderr,
        )
        return 1
    file = Path(arguments[0]) if arguments else ROOT / "dist" / f"lobbyd-godot-{version()}.zip"
    file.parent.mkdir(parents=True, exist_ok=True)
    write(file, names)
    print(f"{file}: {len(names)} files, {file.stat().st_size} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
