"""Datagrams and frames worth keeping: every kind, every edge, everything that once went wrong.

Four lists in ``corpus/*.json``: ``to_server`` and ``to_client`` are whole datagrams of somebody
without keys, ``frames_up`` and ``frames_down`` what stands between header and tag of a good one.
``counts`` is what the receiver makes of an entry. All of them are played in every run, and
changed ones start from them. To add one that a fuzzer printed, say where it comes from:

    python -m tests.fuzz.corpus frames_up "a name" 0300... "seed 20261, batch 7, number 12"

After a change of the wire, ``python -m tests.fuzz.corpus recount`` says which entries count as
something else now, and writes it.
"""

from __future__ import annotations

import json
import struct
import sys
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("corpus")
LISTS = ("to_server", "frames_up", "to_client", "frames_down")

Entry = dict[str, Any]


@cache
def load(name: str) -> tuple[Entry, ...]:
    """The entries of a list."""
    return tuple(json.loads((FOLDER / f"{name}.json").read_text()))


def bytes_of(entry: Entry, conn_id: int) -> bytes:
    """An entry's datagram: zeros up to ``size``, and a live connection's id where it asks."""
    data = bytes.fromhex(entry["hex"]).ljust(entry.get("size", 0), b"\0")
    if entry.get("live"):
        data = data[:4] + struct.pack("<I", conn_id) + data[8:]
    return data


def save(name: str, entries: list[Entry]) -> None:
    """Write a list, one entry a line."""
    lines = ",\n".join(json.dumps(entry) for entry in entries)
    (FOLDER / f"{name}.json").write_text(f"[\n{lines}\n]\n")


def main(arguments: list[str]) -> int:
    """Add an entry; what it counts as is what the code makes of it now."""
    # here, because it plays the corpus
    from .played import outcome

    if arguments == ["recount"]:
        for name in LISTS:
            entries = [dict(entry) for entry in load(name)]
            for entry in entries:
                before, entry["counts"] = entry["counts"], outcome(name, entry)
                if entry["counts"] != before:
                    print(f"{name}: {entry['name']!r} was {before}, is {entry['counts']}")
            save(name, entries)
        return 0
    if len(arguments) != 4 or arguments[0] not in LISTS:
        print(f"usage: python -m tests.fuzz.corpus {{{'|'.join(LISTS)}}} NAME HEX SOURCE")
        print("       python -m tests.fuzz.corpus recount")
        return 2
    name, title, text, source = arguments
    data = bytes.fromhex(text)
    new: Entry = {"name": title, "source": source, "hex": data.hex()}
    if name in ("to_server", "to_client"):
        new |= {"hex": data.rstrip(b"\0").hex(), "size": len(data)}
    new["counts"] = outcome(name, new)
    save(name, [*load(name), new])
    print(f"{title}: {new['counts']}. Read it before it is committed.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
