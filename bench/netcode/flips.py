"""S4: every single bit of good datagrams flipped, both ways."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fuzz import Found, replays

from ..row import Options, Row, at_least, exactly


def rows(options: Options) -> Iterator[Row]:
    """Flipped and accepted datagrams, at the server and at the client."""
    for where, flip in (("at the server", replays.flip_up), ("at the client", replays.flip_down)):
        accepted, figures = 0, {"datagrams": 0, "flips": 0}
        try:
            figures = flip()
        except Found as found:
            accepted = 1
            options.say(str(found))
        at = f"{where}, all bits of {figures['datagrams']} datagrams of all kinds"
        yield at_least("S4", "flipped", at, figures["flips"], 10_000)
        yield exactly("S4", "accepted", at, accepted, 0)
