"""What each stage of the hot path costs: ``python -m bench.stages``."""
