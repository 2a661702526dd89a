"""Lobbies: what they are, the rules that change them, and where they are found."""
