"""What the netcode promises, measured: ``python -m bench.netcode`` prints the tables."""
