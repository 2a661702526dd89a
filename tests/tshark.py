"""Runs tshark with the dissector of the tree, as root and as anybody else."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from unittest import SkipTest

SCRIPT = Path(__file__).resolve().parent.parent / "docs" / "wireshark" / "lobbyd.lua"
NOBODY = 65534

Tree = dict[str, list[Any]]
"""Names to what stands there, in order: texts, and trees of what is below."""


def program() -> str:
    """Where tshark is; without it the test is skipped, or fails where it is required."""
    found = shutil.which("tshark")
    if found is None:
        reason = "no tshark here: as root on Debian, 'sh dev/test' installs it"
        if os.environ.get("LOBBYD_REQUIRE_ENGINE") == "1":
            raise AssertionError(reason)
        raise SkipTest(reason)
    return found


def run(capture: bytes, *arguments: str) -> str:
    """What tshark says of a capture; fails where the script did not load or has an error."""
    script = "-X", "lua_script:lobbyd.lua"
    output = _run(capture, "-n", "-r", "session.pcapng", *script, *arguments)
    if "Lua Error" in output:
        raise AssertionError(output[output.index("Lua Error") :][:500])
    return output


def fields() -> set[str]:
    """The names of the dissector that tshark can filter by."""
    # -G is an option that has to be the first
    listed = _run(b"", "-G", "fields", "-X", "lua_script:lobbyd.lua").splitlines()
    return {line.split("\t")[2] for line in listed if "\tlobbyd." in line}


def _run(capture: bytes, *arguments: str) -> str:
    command = [program(), *arguments]
    with tempfile.TemporaryDirectory(prefix="lobbyd-tshark-") as name:
        directory = Path(name)
        shutil.copyfile(SCRIPT, directory / "lobbyd.lua")
        (directory / "session.pcapng").write_bytes(capture)
        options: dict[str, Any] = {"cwd": directory, "capture_output": True, "text": True}
        if os.geteuid() == 0:
            # Some builds run no script for the superuser; nobody may read what is copied here.
            directory.chmod(0o755)
            options |= {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        # One's own profile may have other preferences, or this very script.
        environment = os.environ | {"WIRESHARK_CONFIG_DIR": name, "HOME": name, "LC_ALL": "C.UTF-8"}
        options["env"] = environment
        try:
            done = subprocess.run(command, **options)
        except (PermissionError, subprocess.SubprocessError):
            # A root without the right to become somebody else, as in some containers.
            for option in ("user", "group", "extra_groups"):
                options.pop(option, None)
            done = subprocess.run(command, **options)
    if done.returncode or "Lua" in done.stderr:
        raise AssertionError(f"{' '.join(command)}: {done.returncode}\n{done.stderr}")
    output: str = done.stdout
    return output


def trees(capture: bytes, *arguments: str) -> list[Any]:
    """The dissector's Tree of each datagram, None where it did not see one."""
    output = run(capture, "-T", "json", "-J", "lobbyd", *arguments)
    packets = json.loads(output, object_pairs_hook=_tree)
    return [packet["_source"][0]["layers"][0].get("lobbyd", [None])[0] for packet in packets]


def _tree(pairs: list[tuple[str, Any]]) -> Tree:
    # A name may stand there many times, which a plain dict would not show.
    tree: Tree = {}
    for name, value in pairs:
        tree.setdefault(name, []).append(value)
    return tree
