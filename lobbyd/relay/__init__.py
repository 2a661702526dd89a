"""The UDP side of the core: datagrams in, datagrams out, ticks in between."""
