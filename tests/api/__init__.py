"""schemathesis against a real server: dev/check-api."""
