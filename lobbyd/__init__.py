"""lobbyd: lobbies over HTTP and real-time positions over UDP, in one Twisted daemon."""

__version__ = "0.1.0"
