"""Lobby records in one append-only file, whatever moment a crash chooses.

A line is CRC-32 (8 hex digits) of the rest, lobby id (16), and the record, or nothing where the
lobby is no more; the last line of a lobby counts. What a crash left of a line at the end of the
file is cut off. A line that is damaged elsewhere is kept aside in another file.
"""

from __future__ import annotations

import os
from collections.abc import Generator, Iterable
from contextlib import suppress
from zlib import crc32

NAME = "lobbies.log"
ASIDE = "lobbies.damaged"
"""Lines that cannot be used, for an operator to look at."""
FLOOR = 4 * 1024 * 1024
"""Bytes beside twice what is live from which on the file is written anew."""
STEP = 256 * 1024
"""Bytes that one step of writing it anew copies."""

_HEAD = 8 + 1 + 16 + 1


class Files:
    """The calls of the operating system that a log needs, so that tests can let them fail."""

    def open(self, path: str, *, new: bool = False) -> int:
        """A file to read and write, for its owner alone."""
        return os.open(path, os.O_RDWR | os.O_CREAT | (os.O_TRUNC if new else 0), 0o600)

    def write(self, handle: int, data: bytes, offset: int) -> None:
        """Write all of it at a place."""
        view = memoryview(data)
        while view:
            written = os.pwrite(handle, view, offset)
            view, offset = view[written:], offset + written

    def sync(self, handle: int) -> None:
        """Return when the file is on the disk."""
        os.fsync(handle)

    def truncate(self, handle: int, size: int) -> None:
        """Cut the file."""
        os.ftruncate(handle, size)

    def rename(self, old: str, new: str) -> None:
        """Put one file in place of another."""
        os.rename(old, new)

    def sync_directory(self, path: str) -> None:
        """Return when the names in a directory are on the disk."""
        directory = os.open(path, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


class LobbyLog:
    """The file in a directory. All calls but ``close`` raise OSError, and nothing is lost then.

    ``cut`` are bytes of a torn line that was cut off at the end, ``damaged`` lines set aside.
    """

    def __init__(self, directory: str, files: Files | None = None) -> None:
        self._directory = directory
        self._path = os.path.join(directory, NAME)
        self._aside = os.path.join(directory, ASIDE)
        self._files = files or Files()
        self._index: dict[int, tuple[int, int]] = {}
        self._handle = -1
        self._end = self._live = 0
        self._clean, self._named = True, False
        self.cut = self.damaged = 0

    def __contains__(self, lobby_id: int) -> bool:
        return lobby_id in self._index

    @property
    def wants_compaction(self) -> bool:
        """Whether most of the file is of the past."""
        return self._end > 2 * self._live + FLOOR

    def load(self) -> dict[int, bytes]:
        """Open the file; the live records."""
        with suppress(FileNotFoundError):
            os.unlink(self._part)
        self._handle = self._files.open(self._path)
        records: dict[int, bytes] = {}
        bad: list[bytes] = []
        held: list[bytes] = []
        offset = 0
        with open(self._path, "rb") as file:
            for line in file:
                entry = _read(line)
                if entry is None:
                    held.append(line)
                else:
                    # bad lines with a good one behind them are not what a crash leaves
                    bad += held
                    held.clear()
                    lobby_id, record = entry
                    self._note(lobby_id, offset, len(line), bool(record))
                    if record:
                        records[lobby_id] = record
                    else:
                        records.pop(lobby_id, None)
                    self._end = offset + len(line)
                offset += len(line)
        self.cut, self.damaged = offset - self._end, len(bad)
        self._clean = not self.cut
        if bad:
            # a full disk is no reason not to start
            with suppress(OSError):
                self._keep_aside(bad)
                # so that they are told of once
                for _ in self.compaction():
                    pass
        return records

    def set_aside(self, lobby_id: int) -> None:
        """Keep a record where an operator may look at it; it is still in the log, too."""
        offset, length = self._index[lobby_id]
        self._keep_aside([os.pread(self._handle, length, offset)])

    def append(self, entries: Iterable[tuple[int, bytes | None]]) -> None:
        """Write entries, durable when this returns; None is for a lobby that is no more."""
        notes = []
        lines = []
        offset = self._end
        for lobby_id, record in entries:
            line = _line(lobby_id, record or b"")
            lines.append(line)
            notes.append((lobby_id, offset, len(line), bool(record)))
            offset += len(line)
        if not self._named:
            self._files.sync_directory(self._directory)
            self._named = True
        if not self._clean:
            self._files.truncate(self._handle, self._end)
        self._clean = False
        try:
            self._files.write(self._handle, b"".join(lines), self._end)
            self._files.sync(self._handle)
        except OSError:
            # the next line must not stand behind half a line
            with suppress(OSError):
                self._files.truncate(self._handle, self._end)
                self._clean = True
            raise
        self._clean = True
        self._end = offset
        for note in notes:
            self._note(*note)

    def compaction(self) -> Generator[None, None, None]:
        """Write the file anew in steps; ``append`` may be called between them."""
        handle = self._files.open(self._part, new=True)
        done = False
        try:
            boundary, moved, end = self._end, dict[int, tuple[int, int]](), 0
            chunk = bytearray()
            for lobby_id, (offset, length) in sorted(self._index.items(), key=lambda e: e[1]):
                chunk += os.pread(self._handle, length, offset)
                moved[lobby_id] = end, length
                end += length
                if len(chunk) >= STEP:
                    self._copy(handle, chunk, end)
                    yield
            self._copy(handle, chunk, end)
            # what was appended meanwhile goes behind it as it is
            shift = end - boundary
            while end - shift < self._end:
                yield
                chunk += os.pread(self._handle, min(STEP, self._end - end + shift), end - shift)
                end += len(chunk)
                self._copy(handle, chunk, end)
            self._files.rename(self._part, self._path)
            done = True
        finally:
            if not done:
                os.close(handle)
                with suppress(OSError):
                    os.unlink(self._part)
        os.close(self._handle)
        # before its name is durable nothing in it is
        self._handle, self._end, self._clean, self._named = handle, end, True, False
        for lobby_id, (offset, length) in self._index.items():
            # not the one of ``moved``, if the lobby was written again
            new = (offset + shift, length) if offset >= boundary else moved[lobby_id]
            self._index[lobby_id] = new

    def close(self) -> None:
        """Close the file."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    @property
    def _part(self) -> str:
        return self._path + ".part"

    def _copy(self, handle: int, chunk: bytearray, end: int) -> None:
        """Write what ends at ``end``."""
        self._files.write(handle, bytes(chunk), end - len(chunk))
        self._files.sync(handle)
        chunk.clear()

    def _note(self, lobby_id: int, offset: int, length: int, live: bool) -> None:
        self._live -= self._index.pop(lobby_id, (0, 0))[1]
        if live:
            self._index[lobby_id] = offset, length
            self._live += length

    def _keep_aside(self, lines: list[bytes]) -> None:
        handle = self._files.open(self._aside)
        try:
            size = os.fstat(handle).st_size
            self._files.write(handle, b"".join(lines), size)
            self._files.sync(handle)
        finally:
            os.close(handle)


def _line(lobby_id: int, record: bytes) -> bytes:
    content = b"%016x %b" % (lobby_id, record)
    return b"%08x %b\n" % (crc32(content), content)


def _read(line: bytes) -> tuple[int, bytes] | None:
    """(lobby id, record) of a line, None for a damaged one."""
    if line[-1:] != b"\n" or line[:9] != b"%08x " % crc32(line[9:-1]):
        return None
    try:
        return int(line[9:25], 16), line[_HEAD:-1]
    except ValueError:
        return None
