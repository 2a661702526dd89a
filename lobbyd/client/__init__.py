"""A client of lobbyd in Python: for bots, load generators and tests."""
