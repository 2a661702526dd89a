"""``python -m lobbyd.netsim``: reads options, opens the proxy, prints a line each second."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from twisted.internet.defer import ensureDeferred
from twisted.internet.error import CannotListenError
from twisted.internet.task import LoopingCall

from .options import Options, UsageError, preset_lines, read_options
from .proxy import Proxy

_TRY = "python -m lobbyd.netsim --help shows all options"


def main(arguments: Sequence[str], reactor: Any = None) -> int:
    """Run until interrupted; the exit status is 2 for a bad command line, 1 where it cannot run."""
    try:
        options = read_options(arguments)
    except UsageError as error:
        print(f"netsim: {error}; {_TRY}", file=sys.stderr)
        return 2
    if options.list_presets:
        print("\n".join(preset_lines()))
        return 0
    try:
        with ExitStack() as opened:
            write = None
            if options.trace:
                write = opened.enter_context(open(options.trace, "w")).write
            return _run(options, reactor, write)
    except OSError as error:
        print(f"netsim: --trace: {options.trace}: {error.strerror}", file=sys.stderr)
        return 1
    except UsageError as error:
        print(f"netsim: {error}", file=sys.stderr)
        return 1


def _run(options: Options, reactor: Any, trace: Callable[[str], object] | None) -> int:
    if reactor is None:
        from twisted.internet import reactor
    server = resolve(options.server)
    try:
        proxy = Proxy(
            reactor,
            server,
            options.up,
            options.down,
            clock=time.monotonic,
            seed=options.seed,
            idle=options.idle,
            max_clients=options.max_clients,
            rebind_port=options.rebind_port,
            rebind_address=options.rebind_address,
            trace=trace,
        )
    except ValueError as error:
        raise UsageError(f"--rebind-address: {error}") from None
    try:
        host, port = proxy.listen(resolve(options.listen))
    except CannotListenError as error:
        cause = getattr(error.socketError, "strerror", None) or error.socketError
        raise UsageError(f"--listen: {_place(options.listen)}: {cause}") from None
    _say(f"netsim: {_place((host, port))} to {_place(server)}, seed {options.seed}")
    if not options.quiet:
        lines = LoopingCall(lambda: _say(proxy.report()))
        lines.clock = reactor
        lines.start(1.0, now=False)
    if options.duration:
        reactor.callLater(options.duration, reactor.stop)
    reactor.addSystemEventTrigger("before", "shutdown", lambda: ensureDeferred(proxy.close()))
    reactor.run()
    _say(proxy.report())
    return 0


def resolve(
    place: tuple[str, int], look_up: Callable[..., Any] = socket.getaddrinfo
) -> tuple[str, int]:
    """The address of a host name, at the start and once; raises UsageError."""
    try:
        found = look_up(place[0], place[1], type=socket.SOCK_DGRAM)
    except OSError as error:
        raise UsageError(f"{place[0]}: {error.strerror}") from None
    host: str = found[0][4][0]
    return host, place[1]


def _place(place: tuple[str, int]) -> str:
    return f"[{place[0]}]:{place[1]}" if ":" in place[0] else f"{place[0]}:{place[1]}"


def _say(line: str) -> None:
    print(line, flush=True)
