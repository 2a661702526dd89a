"""Players per core: lobbyd under load, beside relays without authentication."""
