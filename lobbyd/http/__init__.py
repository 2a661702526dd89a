"""HTTP: the only place that imports Klein (which installs the reactor when imported)."""
