"""Native programs of the bench, compiled where they run and kept outside of the tree."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

NATIVE = Path(__file__).resolve().parent / "native"


class NotBuilt(Exception):
    """A program that cannot be had here; its text is one line that says why."""


def built(source: str, *libraries: str) -> Path:
    """The program made of ``native/source``, which is C or Rust; compiled once for each text of
    the source, command and compiler. Raises NotBuilt."""
    path = NATIVE / source
    compiler, *options = (
        ("rustc", "-O", "--edition", "2021") if path.suffix == ".rs" else ("gcc", "-O2")
    )
    options += ["-Wall", "-Wextra"] if compiler == "gcc" else []
    found = shutil.which(compiler)
    if found is None:
        raise NotBuilt(f"there is no {compiler} here, which {path.stem} is built with")
    options += [str(path), *(f"-l{library}" for library in libraries)]
    version = _run([found, "--version"], f"{compiler} does not start")
    key = hashlib.sha256("\0".join([version, *options, path.read_text()]).encode()).hexdigest()[:16]
    program = _cache() / f"{path.stem}-{key}"
    if not program.exists():
        program.parent.mkdir(parents=True, exist_ok=True)
        # made beside and moved: who builds it at the same time never runs half a program
        with tempfile.TemporaryDirectory(dir=program.parent) as directory:
            made = Path(directory) / path.stem
            _run([found, *options, "-o", str(made)], f"{path.name} could not be built")
            made.replace(program)
    return program


def _cache() -> Path:
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "lobbyd" / "bench"


def _run(command: list[str], complaint: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode:
        said = result.stderr.splitlines() or ["no reason given"]
        reasons = [line for line in said if "error:" in line or "cannot find" in line]
        reasons.sort(key=lambda line: "cannot find" not in line)
        raise NotBuilt(f"{complaint}: {(reasons or said)[0].strip()}")
    return result.stdout
