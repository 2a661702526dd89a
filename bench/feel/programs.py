"""Programs of godot_client/tests as processes: real engines without a screen."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from ..processes import ROOT, mortal

COMPLAINTS = ("SCRIPT ERROR", "ERROR:", "WARNING:")
PATIENCE = 60.0
"""Seconds beyond its own length after which a program has failed."""
ENGINE = ("sh", "dev/godot", "--headless", "--path", "godot_client")


def engine_ready() -> None:
    """Have the engine import the project; raises RuntimeError where there is none."""
    where = subprocess.run(["sh", "dev/godot", "--where"], cwd=ROOT, capture_output=True, text=True)
    if where.returncode:
        raise RuntimeError(where.stderr.strip())
    imported = subprocess.run(
        mortal(*ENGINE, "--import"), cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE
    )
    if imported.returncode or "ERROR" in imported.stdout + imported.stderr:
        raise RuntimeError(imported.stdout + imported.stderr)


class Program:
    """One program; ``lines`` are the JSON objects that it printed, each with the unix time when."""

    def __init__(self, name: str, home: Path, *arguments: str) -> None:
        self.name = name
        self.lines: list[tuple[float, dict[str, Any]]] = []
        self._output: list[str] = []
        self._heard = threading.Condition()
        self._process = subprocess.Popen(
            mortal(*ENGINE, *arguments),
            cwd=ROOT,
            env={**os.environ, "LOBBYD_GODOT_HOME": str(home / name)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
        self.pid = self._process.pid
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def line(self, key: str, patience: float = PATIENCE) -> dict[str, Any]:
        """The first object with this key; raises RuntimeError where none comes."""
        end = time.monotonic() + patience
        with self._heard:
            while not (found := [told for _, told in self.lines if key in told]):
                left = end - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    raise self._failure(f"said no {key}")
                self._heard.wait(min(left, 0.2))
        return found[0]

    def result(self, patience: float = PATIENCE) -> dict[str, Any]:
        """All that it said, once it ended; raises RuntimeError where it did not end well."""
        try:
            status = self._process.wait(patience)
        except subprocess.TimeoutExpired:
            raise self._failure("did not end") from None
        self._reader.join(PATIENCE)
        complained = [line for line in self._output if any(word in line for word in COMPLAINTS)]
        if status or complained or not any(told.get("passed") for _, told in self.lines):
            raise self._failure(f"ended with {status}")
        return {key: value for _, told in self.lines for key, value in told.items()}

    def signal(self, number: signal.Signals) -> float:
        """Send a signal; returns when, unix."""
        self._process.send_signal(number)
        return time.time()

    def close(self) -> None:
        """End it, by force, if it still runs."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join(PATIENCE)
        if self._process.stdout is not None:
            self._process.stdout.close()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            now = time.time()
            with self._heard:
                self._output.append(line)
                if line.startswith("{"):
                    self.lines.append((now, json.loads(line)))
                self._heard.notify_all()

    def _failure(self, what: str) -> RuntimeError:
        return RuntimeError(f"{self.name} {what}:\n" + "".join(self._output[-30:]))
