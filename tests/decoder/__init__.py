"""A second implementation of the wire protocol, for reading captured sessions.

Written from docs/protocol.md alone, on the standard library: it imports neither
lobbyd nor construct, so that what both agree about is what the document says.
"""
