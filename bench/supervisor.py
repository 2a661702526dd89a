"""A real twistd as a process, started again on the same ports when it was killed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

from .processes import ROOT, hurry, mortal, pin

ROOM = [f"--max-{what}=1000000" for what in ("lobbies", "lobbies-per-address", "players")]
"""Flags of a server that holds whoever comes."""
STARTS_WITHIN = 60.0
"""Seconds after which a server that says nothing has failed."""


class Supervisor:
    """Starts a twistd, and again when it was killed, always on the same ports.

    ``flags`` are more options of it; ``alone`` asks for priority over what else runs, ``core`` is
    the one it is kept on, below 0 any.
    """

    def __init__(self, state: str, alone: bool, *flags: str, core: int = -1) -> None:
        with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            udp.bind(("127.0.0.1", 0))
            http_port, udp_port = tcp.getsockname()[1], udp.getsockname()[1]
        self._alone, self._core = alone, core
        self.url = f"http://127.0.0.1:{http_port}"
        self.http_port = http_port
        self.udp_port = udp_port
        twistd = str(Path(sys.executable).parent / "twistd")
        self._command = [twistd, "--nodaemon", "--pidfile=", "lobbyd", "--state-dir", state]
        self._command += ["--http", f"tcp:{http_port}:interface=127.0.0.1", "--rate-limit", "off"]
        self._command += ["--udp-port", str(udp_port), "--udp-interface", "127.0.0.1"]
        self._command += flags
        self._process: subprocess.Popen[str]
        self.output: list[str] = []
        self._up = threading.Event()
        self.up_at = 0.0

    @property
    def pid(self) -> int:
        """The process of now."""
        return self._process.pid

    def start(self) -> None:
        """Start it, without waiting for it."""
        self._up.clear()
        self._process = subprocess.Popen(
            mortal(*self._command),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=lambda: pin(self._core),
        )
        if self._alone:
            hurry(15, self._process.pid)
        threading.Thread(target=self._read, args=(self._process,), daemon=True).start()

    def wait_up(self) -> float:
        """When it said that it is up; raises RuntimeError where it does not."""
        if not self._up.wait(STARTS_WITHIN):
            raise RuntimeError("the server did not come up:\n" + "".join(self.output[-20:]))
        return self.up_at

    def kill(self) -> float:
        """Kill it as nothing else does, and start it again; returns when."""
        killed = time.monotonic()
        os.kill(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self.start()
        return killed

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _read(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        for line in process.stdout:
            self.output.append(line)
            if "lobbyd is up" in line:
                self.up_at = time.monotonic()
                self._up.set()
