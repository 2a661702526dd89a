"""Who owns which code: awaitable, because with several instances it lives elsewhere."""

from __future__ import annotations

from typing import Protocol


class Directory(Protocol):
    """Claims of lobby codes."""

    async def claim(self, code: str, lobby_id: int) -> bool:
        """Take the code for a lobby; False if another lobby has it."""

    async def release(self, code: str, lobby_id: int) -> None:
        """Give the code back, if this lobby still has it."""


class MemoryDirectory:
    """The directory of a server that stands alone."""

    def __init__(self) -> None:
        self._owner: dict[str, int] = {}

    async def claim(self, code: str, lobby_id: int) -> bool:
        """Take the code for a lobby; False if another lobby has it."""
        return self._owner.setdefault(code, lobby_id) == lobby_id

    async def release(self, code: str, lobby_id: int) -> None:
        """Give the code back, if this lobby still has it."""
        if self._owner.get(code) == lobby_id:
            del self._owner[code]
