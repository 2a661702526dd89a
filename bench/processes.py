"""Child processes that take commands and answer with lines of JSON, on cores of their own."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0
"""Seconds after which a child that says nothing has failed."""


def pin(core: int) -> None:
    """Keep this process on one core, counted from 0; below 0 it may run on any."""
    if core < 0:
        return
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[core % len(cores)]})


@contextlib.contextmanager
def kept_on(core: int) -> Iterator[None]:
    """Keep this process on one core for a while, as ``pin`` does; what it starts then, too."""
    before = os.sched_getaffinity(0)
    pin(core)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def hurry(by: int, pid: int = 0) -> None:
    """Have a process (0: this one) scheduled before others, where that is allowed."""
    with contextlib.suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, pid, -by)
        # where Linux groups by session, a process's own priority counts within that only
        Path(f"/proc/{pid or 'self'}/autogroup").write_text(str(-by))


def mortal(*command: str) -> list[str]:
    """A command that is killed when this process ends, however it ends; on Linux."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "KILL", *command] if setpriv else list(command)


class Program:
    """A process that reads lines and answers with lines of JSON; on a core, below 0 on any."""

    def __init__(self, name: str, *command: str, fds: tuple[int, ...] = (), core: int = -1) -> None:
        self._name = name
        self._process = subprocess.Popen(
            mortal(*command),
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=fds,
        )
        self._pending = b""

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    def say(self, line: str) -> None:
        """Send a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()

    def hear(self, patience: float = PATIENCE) -> Any:
        """The next answer; raises RuntimeError where none comes."""
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        end = time.monotonic() + patience
        with selectors.DefaultSelector() as selector:
            selector.register(descriptor, selectors.EVENT_READ)
            while b"\n" not in self._pending:
                if not selector.select(max(0.0, end - time.monotonic())):
                    raise RuntimeError(f"{self._name} said nothing for {patience} s")
                data = os.read(descriptor, 1 << 20)
                if not data:
                    raise RuntimeError(f"{self._name} ended: {self._process.wait()}")
                self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return json.loads(line)

    def close(self) -> None:
        """End it, by force if it does not end itself when its input ends."""
        assert self._process.stdin is not None and self._process.stdout is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class Child(Program):
    """A module as a process: ``ask`` sends a command and reads an answer."""

    def __init__(self, module: str, *arguments: str, fds: tuple[int, ...] = ()) -> None:
        super().__init__(module, sys.executable, "-m", module, *arguments, fds=fds)

    def ask(self, command: str, *arguments: Any, patience: float = PATIENCE) -> Any:
        """The answer to a command."""
        self.tell(command, *arguments)
        return self.hear(patience)

    def tell(self, command: str, *arguments: Any) -> None:
        """Send a command."""
        self.say(json.dumps([command, *arguments]))


def cpu_seconds(pid: int) -> float:
    """Processor time of all threads of a process so far."""
    try:
        # nanoseconds, where /proc/PID/stat has hundredths of a second
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9
    except FileNotFoundError:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def waited_seconds(pid: int) -> float:
    """How long the threads of a process were ready to run while others had the core, so far; 0
    where the kernel does not tell."""
    try:
        tasks = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((task / "schedstat").read_text().split()[1]) for task in tasks) / 1e9
    except FileNotFoundError:
        return 0.0


def resident(pid: int) -> int:
    """Bytes of memory of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def answer(value: Any) -> None:
    """In a child: answer a command."""
    print(json.dumps(value), flush=True)


def call(method: str, url: str, body: Any = None, **headers: str) -> Any:
    """The JSON of an HTTP call; raises urllib.error.HTTPError for a refusal."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(url, data, method=method)
    request.add_header("Content-Type", "application/json")
    for name, value in headers.items():
        request.add_header(name.replace("_", "-"), value)
    with urllib.request.urlopen(request, timeout=30) as response:
        raw = response.read()
    return json.loads(raw) if raw else None
