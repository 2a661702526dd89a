"""One client's connection: handshake, sequence numbers, acks, reliable messages."""
