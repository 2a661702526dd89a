"""Runs ``twistd lobbyd`` for Godot's editor: until it writes to stdin, or closes it by ending."""

from __future__ import annotations

import os
import sys
import threading
from typing import Any


def _stop_with_the_editor() -> None:
    os.read(0, 1)
    import twisted.internet.reactor

    reactor: Any = twisted.internet.reactor
    reactor.callFromThread(reactor.stop)


def main() -> None:
    """The arguments are those of ``twistd lobbyd``."""
    os.dup2(1, 2)
    try:
        from twisted.scripts.twistd import run

        import lobbyd
    except ImportError as missing:
        sys.exit(f"lobbyd: {sys.executable} cannot run it ({missing}); install lobbyd there.")
    # an editable install shows the package, but hides its plugin for twistd
    sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(lobbyd.__file__))))
    threading.Thread(target=_stop_with_the_editor, daemon=True).start()
    sys.argv = ["twistd", "--nodaemon", "--pidfile=", "lobbyd", *sys.argv[1:]]
    run()


if __name__ == "__main__":
    main()
