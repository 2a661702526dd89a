"""Programs that measure lobbyd; each prints its limits beside its figures."""
