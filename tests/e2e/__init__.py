"""True end-to-end tests: real sockets, real processes, a real engine."""
