"""What tshark has to show of a datagram, by what the independent decoder read in it."""

from __future__ import annotations

import itertools
from typing import Any

from .decoder import tables
from .decoder.decoder import Decoded
from .decoder.parse import Fields, name_of
from .tshark import Tree

HEADER = [name for _, name in tables.HEADER]
FLAGS = {"welcome.flags": "WelcomeFlags", "snapshot.flags": "SnapshotFlags"}
FLAGS |= dict.fromkeys(("player_joined.flags", "player_changed.flags"), "PlayerFlags")


def expected(read: Decoded) -> Tree:
    """The tree of a datagram, made from what the decoder read."""
    tree: Tree = {"lobbyd.to_server": [read.to_server]}
    frames = read.fields.get("frames", [])
    prefix = "" if read.name == "DATA" else f"{read.name.lower()}."
    shared = ["magic_version", "type", "tag", *(HEADER if read.name == "WELCOME" else [])]
    for name, value in read.fields.items():
        if name == "token":
            value = value.ljust(1128, b"\0")
        if name != "frames":
            _add(tree, name if name in shared else prefix + name, value)
    for kind, _ in tables.PACKETS.get(read.name, ()):
        if kind.startswith("zeros"):
            _add(tree, "padding", bytes(int(kind[6:-1])))
    for frame in frames:
        tree.setdefault("lobbyd.frame", []).append(_frame(frame, read.to_server))
    return tree


def _frame(frame: Fields, to_server: bool) -> Tree:
    tree: Tree = {}
    kind = str(name_of("FrameType", frame["type"])).lower()
    for name, value in frame.items():
        if name in ("type", "length"):
            _add(tree, f"frame.{name}", value)
        elif name in ("samples", "records"):
            part = name[:-1]
            if value:
                tree[f"lobbyd.{part}"] = [_part(part, each) for each in value]
        elif name == "correction":
            tree["lobbyd.correction"] = [_part(name, value) | {"lobbyd.padding": [bytes(2)]}]
        elif name == "messages" and value:
            first = frame["first_id"]
            tree["lobbyd.message"] = [
                _message((first + n - 1) % 65535 + 1, message, to_server)
                for n, message in enumerate(value)
            ]
        elif name != "messages":
            _add(tree, f"{kind}.{name}", value)
    return tree


def _part(prefix: str, values: Fields) -> Tree:
    tree: Tree = {}
    for name, value in values.items():
        _add(tree, f"{prefix}.{name}", value)
    return tree


def _message(number: int, message: Fields, to_server: bool) -> Tree:
    kind = str(name_of("MessageKind", message["kind"])).lower()
    if kind in ("custom", "chat"):
        kind += "_up" if to_server else "_down"
    head = {name: message[name] for name in ("kind", "length")}
    body = {name: value for name, value in message.items() if name not in head}
    return _part("message", {"id": number, **head}) | _part(kind, body)


def _add(tree: Tree, name: str, value: Any) -> None:
    tree.setdefault(f"lobbyd.{name}", []).append(value)
    if name in FLAGS:
        bits = {
            f"lobbyd.{name}.{flag.lower()}": [bool(value & mask)]
            for mask, flag in tables.ENUMS[FLAGS[name]].items()
        }
        tree[f"lobbyd.{name}_tree"] = [bits]


def plain(shown: Any, wanted: Any) -> Any:
    """A value that tshark shows, as the kind of thing that the decoder has."""
    if isinstance(wanted, dict) and isinstance(shown, dict):
        return {name: plain(values, wanted.get(name)) for name, values in shown.items()}
    if isinstance(wanted, list) and isinstance(shown, list):
        pairs = itertools.zip_longest(shown, wanted)
        return [plain(one, other) for one, other in pairs][: len(shown)]
    if isinstance(wanted, bytes):
        return bytes.fromhex(shown.replace(":", ""))
    if isinstance(wanted, bool):
        return {"1": True, "0": False}[shown]
    if isinstance(wanted, int):
        return int(shown, 0)
    if isinstance(wanted, float):
        return wanted if abs(float(shown) - wanted) <= 1e-5 * abs(wanted) else float(shown)
    return shown
