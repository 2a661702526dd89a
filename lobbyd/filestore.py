"""The store in a file: one writer thread, which makes many records durable at once."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Generator

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from .errors import Refused, StartError
from .lobbylog import ASIDE, LobbyLog

log = Logger()

GATHER = 0.1
"""Seconds that records wait for others to be written with, unless somebody waits for them."""
RETRY = 1.0
"""Seconds between two tries to write where the last one failed."""
PATIENCE = 10.0
"""Seconds that a server that stops waits for the disk."""
COMPLAIN_EVERY = 60.0
"""Seconds between log lines about a disk that takes nothing."""

Call = Callable[[Callable[[], None]], object]


@attrs.frozen
class _Outcome:
    """What became of everything up to the ``number``-th change, and of the disk if it was tried."""

    number: int
    error: OSError | None
    tried: bool


class FileStore:
    """Records in a LobbyLog. ``call`` runs something in the reactor's thread, soon.

    Everything but the writer is for that one thread. What cannot be written is kept, one record
    for each lobby, and tried again. ``clock`` is monotonic, in seconds. Without ``call`` there is
    no thread: ``saved`` and ``stop`` write.
    """

    def __init__(
        self,
        lobby_log: LobbyLog,
        call: Call | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._log = lobby_log
        self._call = call
        self._clock = clock
        self._wake = threading.Condition()
        self._pending: dict[int, bytes | None] = {}
        self._given = self._durable = 0
        self._urgent = self._closing = False
        self._waiting: deque[tuple[int, Deferred[None]]] = deque()
        self._outcomes: deque[_Outcome] = deque()
        self._thread: threading.Thread | None = None
        self._compaction: Generator[None, None, None] | None = None
        self._compact_from = 0.0
        self._failing = False
        self._complained = float("-inf")

    # -- for the reactor's thread ----------------------------------------------

    def load(self) -> dict[int, bytes]:
        """The records of the file; raises StartError."""
        try:
            records = self._log.load()
        except OSError as error:
            raise StartError(
                f"--state-dir: the lobby records cannot be read ({error.strerror}); "
                "give a directory that this user may write to, or --store memory."
            ) from None
        if self._log.cut:
            log.info("the last lobby record was cut short by a crash; left out")
        if self._log.damaged:
            log.warn("damaged lobby records: {n}; see {file}", n=self._log.damaged, file=ASIDE)
        return records

    def start(self) -> None:
        """Start the writer."""
        if self._call is None:
            return
        self._thread = threading.Thread(target=self._run, name="lobbyd store", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Write what is left, and close."""
        with self._wake:
            self._closing = True
            self._wake.notify()
        if self._thread is None:
            self.write()
        else:
            self._thread.join(PATIENCE)
            self._deliver()
        self._log.close()

    def put(self, lobby_id: int, record: bytes) -> None:
        """Keep a record."""
        self._give(lobby_id, record)

    def remove(self, lobby_id: int) -> None:
        """Keep no record."""
        self._give(lobby_id, None)

    def set_aside(self, lobby_id: int) -> None:
        """Move a record into the file of damaged ones; it stays where that cannot be."""
        try:
            self._log.set_aside(lobby_id)
        except OSError as error:
            log.warn("a lobby record cannot be set aside: {error}", error=error.strerror)
        else:
            self.remove(lobby_id)

    async def saved(self) -> None:
        """Return when all that was given is durable; raises Refused storage_unavailable."""
        if self._given == self._durable:
            return
        waiter: Deferred[None] = Deferred()
        self._waiting.append((self._given, waiter))
        with self._wake:
            self._urgent = True
            self._wake.notify()
        if self._call is None:
            self.write()
        await waiter

    def _give(self, lobby_id: int, record: bytes | None) -> None:
        with self._wake:
            self._given += 1
            self._pending[lobby_id] = record
            if len(self._pending) == 1:
                self._wake.notify()

    def _deliver(self) -> None:
        """Tell those who wait what became of it."""
        while self._outcomes:
            outcome = self._outcomes.popleft()
            if outcome.tried:
                self._report(outcome.error)
            if outcome.error is None:
                self._durable = outcome.number
            while self._waiting and self._waiting[0][0] <= outcome.number:
                waiter = self._waiting.popleft()[1]
                if outcome.error is None:
                    waiter.callback(None)
                else:
                    waiter.errback(Failure(Refused("storage_unavailable", retry_after=RETRY)))

    def _report(self, error: OSError | None) -> None:
        """One line when it begins, one a minute, one when it is over."""
        now = self._clock()
        if error is not None and now - self._complained >= COMPLAIN_EVERY:
            self._complained = now
            log.error(
                "lobby records cannot be written ({error}); nobody can join until they can",
                error=error.strerror,
            )
        if error is None and self._failing:
            self._complained = float("-inf")
            log.info("lobby records are written again")
        self._failing = error is not None

    # -- for the writer ----------------------------------------------------------

    def write(self) -> bool:
        """Write what was given, once; whether that could be done."""
        with self._wake:
            # what was never written need not be removed
            batch = {k: v for k, v in self._pending.items() if v is not None or k in self._log}
            number = self._given
            self._pending = {}
            self._urgent = False
        error: OSError | None = None
        try:
            if batch:
                self._log.append(batch.items())
        except OSError as failed:
            error = failed
            with self._wake:
                # what was given meanwhile is newer
                self._pending = {**batch, **self._pending}
        self._outcomes.append(_Outcome(number, error, bool(batch)))
        if self._thread is None or self._call is None:
            self._deliver()
        else:
            self._call(self._deliver)
        return error is None

    def _run(self) -> None:
        wrote = True
        while True:
            closing = self._wait() if wrote else self._wait_to_retry()
            wrote = self.write() if self._pending or self._urgent else True
            if closing:
                break
            if wrote:
                self.compact()
        if self._compaction is not None:
            self._compaction.close()

    def _wait(self) -> bool:
        """Wait for something to write; whether it is the last time."""
        with self._wake:
            if self._compaction is None:
                self._wake.wait_for(lambda: self._pending or self._urgent or self._closing)
                self._wake.wait_for(lambda: self._urgent or self._closing, GATHER)
            return self._closing

    def _wait_to_retry(self) -> bool:
        with self._wake:
            return self._wake.wait_for(lambda: self._closing, RETRY)

    def compact(self) -> None:
        """A step of writing the file anew, where it is due."""
        if self._compaction is None:
            if not self._log.wants_compaction or self._clock() < self._compact_from:
                return
            self._compaction = self._log.compaction()
        try:
            if next(self._compaction, "done") is None:
                return
        except OSError:
            # the old file is as good as before, only longer
            self._compact_from = self._clock() + COMPLAIN_EVERY
        self._compaction = None
