"""The state directory: its lock, and the server's secret."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Callable
from contextlib import suppress

from .errors import StartError

SHORTEST_TOKEN, LONGEST_TOKEN = 16, 256
"""Characters of an admin's token."""


class StateDir:
    """An open, locked state directory; ``close`` gives the lock back."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._lock = -1
        try:
            os.makedirs(path, mode=0o700, exist_ok=True)
            self._lock = os.open(os.path.join(path, "lock"), os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StartError(
                f"--state-dir: {path} cannot be used ({error.strerror}); "
                "give a directory that this user may write to."
            ) from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise StartError(
                f"--state-dir: {path} is in use by another lobbyd; "
                "stop that one or give another directory."
            ) from None

    def close(self) -> None:
        """Give the lock back."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1


def load_secret(path: str, entropy: Callable[[int], bytes]) -> tuple[bytes, bool]:
    """(secret of 32 bytes, whether it was made just now); raises StartError."""
    try:
        with open(path, encoding="ascii") as file:
            return _parse(file.read(), path), False
    except FileNotFoundError:
        return _make(path, entropy), True
    except UnicodeDecodeError:
        return _parse("", path), False
    except OSError as error:
        raise StartError(
            f"--secret-file: {path} cannot be read ({error.strerror}); "
            "give a file that this user may read."
        ) from None


def load_token(path: str) -> str | None:
    """The admin's token, None where no file is named; raises StartError."""
    if not path:
        return None
    try:
        with open(path, encoding="ascii") as file:
            token = file.read(LONGEST_TOKEN + 2).strip()
    except UnicodeDecodeError:
        token = ""
    except OSError as error:
        raise StartError(
            f"--admin-token-file: {path} cannot be read ({error.strerror}); "
            "give a file that this user may read."
        ) from None
    fits = SHORTEST_TOKEN <= len(token) <= LONGEST_TOKEN
    if not fits or not all("!" <= letter <= "~" for letter in token):
        raise StartError(
            f"--admin-token-file: {path} does not hold a token; it must be "
            f"{SHORTEST_TOKEN} to {LONGEST_TOKEN} visible ASCII characters without spaces."
        )
    return token


def is_exposed(path: str) -> bool:
    """Whether others than its owner may read or write a secret file."""
    return bool(os.stat(path).st_mode & 0o077)


def _parse(text: str, path: str) -> bytes:
    if not re.fullmatch(r"[0-9a-fA-F]{64}", text.strip()):
        raise StartError(
            f"--secret-file: {path} does not hold a secret; "
            "it must be 64 hex digits (delete it to have a new one made)."
        )
    return bytes.fromhex(text.strip())


def _make(path: str, entropy: Callable[[int], bytes]) -> bytes:
    secret = entropy(32)
    # under another name first: a crash must not leave half a secret
    part = f"{path}.{os.getpid()}.part"
    try:
        with suppress(FileNotFoundError):
            # of a crash; in a container the process id is always the same
            os.unlink(part)
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="ascii") as file:
                file.write(secret.hex() + "\n")
                file.flush()
                os.fsync(file.fileno())
            os.rename(part, path)
        except OSError:
            os.unlink(part)
            raise
    except OSError as error:
        raise StartError(
            f"--secret-file: {path} cannot be written ({error.strerror}); "
            "give a path that this user may write to."
        ) from None
    return secret
