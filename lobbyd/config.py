"""Every setting, in one table, validated into one frozen Config.

Precedence: flag, then environment, then default. The table makes the command
line, the environment names and the help text; nothing else declares a setting.
"""

from __future__ import annotations

import ipaddress
import os.path
import re
from collections.abc import Callable, Mapping
from typing import Any

import attrs

from .errors import ConfigError

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_HOST = re.compile(r"[A-Za-z0-9._-]{0,253}")
_PORT = re.compile(r"(?:port=)?([^:=]*)(?::|$)")
_DIGITS = re.compile(r"[0-9]{1,5}")


def _integer(low: int, high: int) -> Callable[[str], int]:
    def parse(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            number = low - 1
        if not low <= number <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return number

    return parse


def _seconds(low: float, high: float) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            number = float(text)
        except ValueError:
            number = low - 1
        # written so that nan is refused too
        if not low <= number <= high:
            raise ValueError(f"seconds from {low:g} to {high:g}")
        return number

    return parse


def _switch(text: str) -> bool:
    if text not in ("on", "off"):
        raise ValueError("on or off")
    return text == "on"


def _choice(*allowed: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if text not in allowed:
            raise ValueError(" or ".join(allowed))
        return text

    return parse


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text)) if text else ""
    except ValueError:
        raise ValueError("an IPv4 or IPv6 address of this machine, or nothing for all") from None


def read_host(text: str) -> str:
    """A host as it is told to clients, an IPv6 address without brackets; raises ValueError."""
    bracketed = text.startswith("[") and text.endswith("]")
    host = text[1:-1] if bracketed else text
    try:
        if bracketed or ":" in host:
            return str(ipaddress.IPv6Address(host))
        if not _HOST.fullmatch(host):
            raise ValueError
    except ValueError:
        raise ValueError("a host name or address, without port") from None
    return host


def _endpoint(text: str) -> str:
    kind, _, arguments = text.partition(":")
    # only the port is looked at: the rest is read by whatever plugin has this kind
    port = _PORT.match(arguments)
    bad_port = port is not None and not (_DIGITS.fullmatch(port[1]) and int(port[1]) <= 65535)
    if not kind or not arguments or (kind in ("tcp", "tcp6", "ssl") and bad_port):
        raise ValueError(
            "a Twisted server endpoint such as tcp:8080 or tcp:8080:interface=127.0.0.1, "
            "the port from 0 to 65535"
        )
    return text


def _path(text: str) -> str:
    if "\0" in text:
        raise ValueError("a path")
    return os.path.abspath(os.path.expanduser(text)) if text else ""


def _function(text: str) -> str:
    if text and not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*:[^\W\d]\w*", text):
        raise ValueError("package.module:function")
    return text


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError:
        raise ValueError("addresses or networks such as 10.0.0.0/8, with commas between") from None


def _origins(text: str) -> tuple[str, ...]:
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if origin != "*" and not re.fullmatch(r"https?://[^/\s]+", origin):
            raise ValueError("* or origins such as https://example.org, with commas between")
    return origins


@attrs.frozen
class Setting:
    """One row of the table: flag and environment name follow from ``name``."""

    name: str
    default: str
    parse: Callable[[str], Any]
    help: str
    short: str | None = None

    @property
    def flag(self) -> str:
        """As on the command line, without the dashes."""
        return self.name.replace("_", "-")

    @property
    def help_line(self) -> str:
        """What it is, and its default in brackets."""
        return f"{self.help} [{self.default}]" if self.default else self.help

    @property
    def variable(self) -> str:
        """As in the environment."""
        return "LOBBYD_" + self.name.upper()


SETTINGS: tuple[Setting, ...] = (
    Setting("http", "tcp:8080", _endpoint, "HTTP as a Twisted server endpoint; TLS with ssl:..."),
    Setting("udp_port", "9000", _integer(0, 65535), "UDP port; 0 takes a free one", short="u"),
    Setting("udp_interface", "", _address, "address that UDP binds to; nothing is all, :: is both"),
    Setting(
        "udp_io",
        "auto",
        _choice("auto", "plain", "batched"),
        "system calls for datagrams: batched, plain, or auto, which is batched on Linux",
    ),
    Setting(
        "advertise_host", "", read_host, "host that clients are told; nothing is the one they used"
    ),
    Setting(
        "advertise_port",
        "0",
        _integer(0, 65535),
        "UDP port that clients are told; 0 is the bound one",
    ),
    Setting("state_dir", "", _path, "where the server keeps its files [~/.local/state/lobbyd]"),
    Setting(
        "store",
        "file",
        _choice("file", "memory"),
        "where lobbies are kept: file in the state dir, or memory, which a restart empties",
    ),
    Setting("secret_file", "", _path, "64 hex digits, made if missing [secret in the state dir]"),
    Setting("tick_hz", "20", _integer(5, 60), "snapshots a second"),
    Setting("seat_hold", "60", _seconds(0, 86400), "seconds that a silent player's seat is kept"),
    Setting("max_lobbies", "100000", _integer(1, 10_000_000), "lobbies at one time"),
    Setting("max_players", "10000", _integer(1, 1_000_000), "players at one time, in all lobbies"),
    Setting(
        "max_lobbies_per_address", "64", _integer(1, 10_000_000), "lobbies made by one address"
    ),
    Setting("rate_limit", "on", _switch, "limits of HTTP calls: on, or off for load tests"),
    Setting("trusted_proxies", "", _networks, "networks whose X-Forwarded-For counts"),
    Setting("cors_origins", "", _origins, "web origins that may call, or * for all"),
    Setting("admin_token_file", "", _path, "file with the admin's bearer token; nothing is none"),
    Setting("allow_conditions", "off", _switch, "players may make their network bad"),
    Setting("move_rule", "", _function, "the game's own rule for moves: package.module:function"),
    Setting("test_lobby", "on", _switch, "the lobby TEST with its dummy player: on or off"),
)


@attrs.frozen
class Config:
    """The settings of one server, checked. Times are seconds, rates per second."""

    http: str
    udp_port: int
    udp_interface: str
    udp_io: str
    advertise_host: str
    advertise_port: int
    state_dir: str
    store: str
    secret_file: str
    tick_hz: int
    seat_hold: float
    max_lobbies: int
    max_players: int
    max_lobbies_per_address: int
    rate_limit: bool
    trusted_proxies: tuple[Network, ...]
    cors_origins: tuple[str, ...]
    admin_token_file: str
    allow_conditions: bool
    move_rule: str
    test_lobby: bool


def load(flags: Mapping[str, str | None], environ: Mapping[str, str]) -> Config:
    """The Config of flags (by flag name, None where not given) and environment.

    Raises ConfigError, whose message names the option, the value and what is allowed.
    """
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        given, source = flags.get(setting.flag), f"--{setting.flag}"
        if given is None:
            given, source = environ.get(setting.variable), setting.variable
        if given is None:
            given = setting.default
        try:
            values[setting.name] = setting.parse(given)
        except ValueError as error:
            raise ConfigError(f"{source}: {given!r} is not allowed; give {error}.") from None
    if not values["state_dir"]:
        values["state_dir"] = _default_state_dir(environ)
    if not values["secret_file"]:
        values["secret_file"] = os.path.join(values["state_dir"], "secret")
    return Config(**values)


def _default_state_dir(environ: Mapping[str, str]) -> str:
    if environ.get("STATE_DIRECTORY"):
        # systemd gives a colon-separated list; the first is ours
        return environ["STATE_DIRECTORY"].split(":")[0]
    base = environ.get("XDG_STATE_HOME", "")
    if not os.path.isabs(base):
        # its specification has a relative one ignored
        base = os.path.expanduser("~/.local/state")
    return os.path.join(base, "lobbyd")
