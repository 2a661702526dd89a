"""What twistd runs: the options, and the one way to make the service."""

from __future__ import annotations

import os
from typing import Any

from twisted.application.service import Service
from twisted.python import usage

from .config import SETTINGS, Config, load
from .errors import ConfigError


class Options(usage.Options):
    """The command line of ``twistd lobbyd``, made from the table of settings."""

    synopsis = "[lobbyd options]"
    longdesc = (
        "Each option can also be given as an environment variable: --udp-port as LOBBYD_UDP_PORT. "
        "A flag wins over the environment."
    )
    optParameters = [[s.flag, s.short, None, s.help_line] for s in SETTINGS]

    config: Config

    def postOptions(self) -> None:
        """Check everything at once; a bad value ends with a line that says what is allowed."""
        try:
            self.config = load(self, os.environ)
        except ConfigError as error:
            raise usage.UsageError(str(error)) from None


def makeService(options: Options, reactor: Any = None) -> Service:
    """The service of a server; the plugin, lobbyd.tac, tests and bench all come here."""
    # not before: importing it imports Klein, which installs the reactor
    from .garbage import Garbage
    from .service import build

    if reactor is None:
        from twisted.internet import reactor
    return build(options.config, reactor, garbage=Garbage())
