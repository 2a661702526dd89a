"""Public fakes for tests: a whole server's core in virtual time, and a reactor in memory."""

from ..netsim.conditions import Conditions
from ..netsim.link import Link
from .bots import Talk, Walker, WrongMessage
from .player import VirtualClient
from .reactor import FakePort, UDPMemoryReactor
from .seeds import replaying
from .server import START, run
from .world import SERVER, World

__all__ = [
    "SERVER",
    "START",
    "Conditions",
    "FakePort",
    "Link",
    "Talk",
    "UDPMemoryReactor",
    "VirtualClient",
    "Walker",
    "World",
    "WrongMessage",
    "replaying",
    "run",
]
