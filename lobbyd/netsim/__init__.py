"""A bad network on purpose: conditions and links (pure), and a UDP proxy that applies them."""
