"""How well remote players move in real engines: ``python -m bench.feel`` prints the tables."""
