"""S4: a whole capture, played again at the server from the same and from other addresses."""

from __future__ import annotations

from collections.abc import Iterator

from tests.fuzz import Found, replays

from ..row import Options, Row, at_least, exactly, told

TIMES = 100


def rows(options: Options) -> Iterator[Row]:
    """Replayed and accepted datagrams."""
    times = 2 if options.quick else TIMES
    where = f"a capture {times} times: while it goes on, after its end, after a restart"
    accepted = 0
    figures = {"captured": 0, "replayed": 0}
    try:
        figures = replays.replay(times)
    except Found as found:
        accepted = 1
        options.say(str(found))
    yield told("S4", "datagrams captured", where, figures["captured"])
    least = times * figures["captured"]
    yield at_least("S4", "datagrams played again", where, figures["replayed"], max(1, least))
    yield exactly("S4", "accepted", where, accepted, 0)
