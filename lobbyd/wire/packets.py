"""Codecs of the handshake packets and the DATA header, one Layout each.

``unpack`` of a handshake packet checks its exact size; the header is only the
first 24 bytes of a datagram and is read with ``HEADER.head`` in the hot path.
"""

from __future__ import annotations

from . import schema
from .derive import Layout

HELLO = Layout(schema.HELLO)
CHALLENGE = Layout(schema.CHALLENGE)
CONNECT = Layout(schema.CONNECT)
WELCOME = Layout(schema.WELCOME)
DENIED = Layout(schema.DENIED)
RESET = Layout(schema.RESET)
HEADER = Layout(schema.HEADER)

UPDATE = Layout(schema.UPDATE)
SAMPLE = Layout(schema.SAMPLE)
SNAPSHOT = Layout(schema.SNAPSHOT)
CORRECTION = Layout(schema.CORRECTION)
RECORD = Layout(schema.RECORD)
RELIABLE = Layout(schema.RELIABLE)
UNRELIABLE = Layout(schema.UNRELIABLE)
PING = Layout(schema.PING)
PONG = Layout(schema.PONG)
PATH_CHALLENGE = Layout(schema.PATH_CHALLENGE)
PATH_RESPONSE = Layout(schema.PATH_RESPONSE)
DISCONNECT = Layout(schema.DISCONNECT)
ERROR = Layout(schema.ERROR)
