"""The command line: quantities with units, a preset, and what differs from it in each direction."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import Any, NoReturn

import attrs

from .conditions import PRESETS, QUANTITIES, SHAPES, BadConditions, Conditions, preset

_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+) *([A-Za-z%/]*)")
_UNITS: dict[str, tuple[dict[str, float], str]] = {
    "seconds": ({"ms": 1e-3, "s": 1.0, "min": 60.0}, "a time with its unit such as 50ms or 1.5s"),
    "a share": ({"%": 1e-2, "": 1.0}, "a share such as 5% or 0.05"),
    "packets": ({"": 1.0}, "a number of packets"),
    "bytes": ({"b": 1.0, "kb": 1e3, "mb": 1e6}, "a size with its unit such as 64kB"),
    "bytes a second": (
        {
            "bit": 0.125,
            "kbit": 125.0,
            "mbit": 125e3,
            "gbit": 125e6,
            "b": 1.0,
            "kb": 1e3,
            "mb": 1e6,
        },
        "a rate with its unit such as 2Mbit or 256kB (each a second)",
    ),
}
_EPILOG = """\
Each condition holds for both directions; --up-... and --down-... are for one of them, such as
--up-loss 10%. They change what the preset says. A condition is a chance or a time of each packet;
with the same --seed the n-th packet of a client meets the same chance again.

It carries any UDP protocol. With lobbyd, start the server with the port of this proxy as
--advertise-port, and every client that joins over HTTP is told to go through it:

  twistd -n lobbyd --udp-port 9000 --advertise-port 9100
  python -m lobbyd.netsim --listen 9100 --server 127.0.0.1:9000 --preset mobile-4g

examples:
  --preset train --rebind-port 30s
  --latency 50ms --jitter 20ms --loss 5% --up-rate 1Mbit --up-queue 32kB
  --burst-loss 5% --burst-length 8 --trace session.jsonl --seed 7
"""


class UsageError(ValueError):
    """One line that says which option is wrong and what is allowed."""


@attrs.frozen
class Options:
    """What was asked for; times are seconds. Hosts are addresses or names as given."""

    listen: tuple[str, int]
    server: tuple[str, int]
    up: Conditions
    down: Conditions
    seed: int
    rebind_port: float
    rebind_address: float
    idle: float
    max_clients: int
    duration: float
    trace: str
    quiet: bool
    list_presets: bool


def quantity(text: str, unit: str) -> float:
    """A number with its unit, in seconds, shares, packets or bytes; raises UsageError."""
    factors, allowed = _UNITS[unit]
    match = _NUMBER.fullmatch(text.strip())
    given = match[2].lower().removesuffix("/s") if match else "?"
    if match is None or (given not in factors and float(match[1]) != 0):
        raise UsageError(f"{text!r} is not allowed; give {allowed}")
    return float(match[1]) * factors.get(given, 1.0)


def place(text: str, host: str = "") -> tuple[str, int]:
    """(host, port) of "host:port", "[IPv6]:port" or, where ``host`` may stand in, "port"."""
    name, colon, port = text.rpartition(":")
    bracketed = name.startswith("[") and name.endswith("]")
    bare = ":" in name and not bracketed
    if not re.fullmatch(r"[0-9]{1,5}", port) or int(port) > 65535 or bare:
        raise UsageError(f"{text!r} is not allowed; give host:port or [IPv6 address]:port")
    name = name[1:-1] if bracketed else name
    if not name and (colon or not host):
        raise UsageError(f"{text!r} is not allowed; give host:port or [IPv6 address]:port")
    return name or host, int(port)


class _Parser(argparse.ArgumentParser):
    """Says mistakes in one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m lobbyd.netsim",
        description="A UDP proxy that makes the network bad on purpose, to test games with.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--listen", metavar="PORT", help="port or host:port to listen on; a port is on loopback")
    add("--server", metavar="HOST:PORT", help="where the packets go")
    add("--preset", metavar="NAME", help="conditions by name [perfect]")
    add("--list-presets", action="store_true", help="show the presets and end")
    add("--seed", metavar="N", help="the same number plays the same chances again [1]")
    add("--rebind-port", metavar="TIME", help="a new port towards the server every so long")
    add("--rebind-address", metavar="TIME", help="a new address too; for servers at 127.x.x.x")
    add("--idle", metavar="TIME", help="a silent client is forgotten after so long [60s]")
    add("--max-clients", metavar="N", help="clients at one time [1000]")
    add("--duration", metavar="TIME", help="end by itself after so long")
    add("--trace", metavar="FILE", help="write what happened to each packet, as JSON lines")
    add("--quiet", action="store_true", help="no line of counters each second")
    group = parser.add_argument_group("conditions")
    for name, limits in QUANTITIES.items():
        flag = name.replace("_", "-")
        metavar = _METAVARS[limits.unit]
        group.add_argument(f"--{flag}", metavar=metavar, help=limits.help.replace("%", "%%"))
        for way in ("up", "down"):
            group.add_argument(f"--{way}-{flag}", help=argparse.SUPPRESS)
    shapes = ", ".join(SHAPES)
    group.add_argument("--jitter-shape", metavar="SHAPE", help=f"{shapes} [uniform]")
    for way in ("up", "down"):
        group.add_argument(f"--{way}-jitter-shape", help=argparse.SUPPRESS)
    return parser


_METAVARS = {
    "seconds": "TIME",
    "a share": "SHARE",
    "packets": "N",
    "bytes": "SIZE",
    "bytes a second": "RATE",
}


def read_options(arguments: Sequence[str]) -> Options:
    """The options of a command line; raises UsageError, or SystemExit after --help."""
    given = _parser().parse_args(arguments)
    named = _checked("--preset", lambda: preset(given.preset or "perfect"))
    up, down = _conditions(given, named.up, "up"), _conditions(given, named.down, "down")
    server = ("", 0)
    if not given.list_presets:
        for flag in ("listen", "server"):
            if getattr(given, flag) is None:
                raise UsageError(f"--{flag} is needed")
        server = _read("--server", lambda: place(given.server))
        if server[1] == 0:
            raise UsageError("--server: the port is from 1 to 65535")
    loopback = "::1" if ":" in server[0] else "127.0.0.1"
    return Options(
        listen=_read("--listen", lambda: place(given.listen or "0", loopback)),
        server=server,
        up=up,
        down=down,
        seed=_whole("--seed", given.seed, 1, 0, 2**63),
        rebind_port=_time("--rebind-port", given.rebind_port, 0, 0.1),
        rebind_address=_time("--rebind-address", given.rebind_address, 0, 0.1),
        idle=_time("--idle", given.idle, 60, 1),
        max_clients=_whole("--max-clients", given.max_clients, 1000, 1, 10_000),
        duration=_time("--duration", given.duration, 0, 0.1),
        trace=given.trace or "",
        quiet=given.quiet,
        list_presets=given.list_presets,
    )


def _conditions(given: Any, base: Conditions, way: str) -> Conditions:
    """The preset's, then the flags of both directions, then those of this one."""
    values: dict[str, Any] = {}
    flags: dict[str, str] = {}
    for prefix in ("", f"{way}_"):
        for name in (*QUANTITIES, "jitter_shape"):
            text = getattr(given, prefix + name)
            if text is None:
                continue
            flags[name] = flag = "--" + (prefix + name).replace("_", "-")
            unit = QUANTITIES[name].unit if name in QUANTITIES else ""
            values[name] = text
            if unit:
                values[name] = _read(flag, lambda text=text, unit=unit: quantity(text, unit))
    try:
        return base.changed(values)
    except BadConditions as error:
        flag = flags.get(error.field, "--" + error.field.replace("_", "-"))
        raise UsageError(f"{flag}: give {error.allowed}") from None


def _checked(flag: str, read: Any) -> Any:
    try:
        return read()
    except BadConditions as error:
        raise UsageError(f"{flag}: give {error.allowed}") from None


def _read(flag: str, read: Any) -> Any:
    try:
        return read()
    except UsageError as error:
        raise UsageError(f"{flag}: {error}") from None


def _time(flag: str, text: str | None, default: float, least: float) -> float:
    if text is None:
        return default
    value: float = _read(flag, lambda: quantity(text, "seconds"))
    if not least <= value <= 86400:
        raise UsageError(f"{flag}: give a time from {least:g}s to 86400s")
    return value


def _whole(flag: str, text: str | None, default: int, low: int, high: int) -> int:
    if text is None:
        return default
    if not re.fullmatch(r"[0-9]{1,19}", text) or not low <= int(text) <= high:
        raise UsageError(f"{flag}: give a whole number from {low} to {high}")
    return int(text)


def preset_lines() -> list[str]:
    """The presets, one line each."""
    width = max(map(len, PRESETS))
    return [f"{name:{width}}  {made.about}" for name, made in PRESETS.items()]
