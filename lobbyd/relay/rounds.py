"""Which lobbies a slice of the tick visits: those that are awake, and who slept long enough.

A lobby sleeps while nothing in it waits to be sent. It is looked at again when time has something
to do there, or when something came in, with the next slice of its phase: just as if it had been
visited in every tick.
"""

from __future__ import annotations

import heapq

from .broadcast import Broadcast

EARLY = 0.005
"""Seconds that a sleeper may be visited before its time: a slice's clock is read before theirs."""


class Rounds:
    """Lobbies with connections, spread over the ``phases`` of a tick by their ids."""

    def __init__(self, phases: int) -> None:
        self._awake: list[dict[int, Broadcast]] = [{} for _ in range(phases)]
        self._asleep: dict[int, Broadcast] = {}
        # (when to wake it, lobby id); what was woken before has an entry out of date
        self._alarms: list[list[tuple[float, int]]] = [[] for _ in range(phases)]

    def add(self, broadcast: Broadcast) -> None:
        """Visit a lobby in every tick, until it sleeps."""
        self._awake[self._phase(broadcast)][broadcast.lobby.lobby_id] = broadcast

    def remove(self, broadcast: Broadcast) -> None:
        """Visit a lobby no more."""
        lobby_id = broadcast.lobby.lobby_id
        self._awake[self._phase(broadcast)].pop(lobby_id, None)
        self._asleep.pop(lobby_id, None)

    def wake(self, broadcast: Broadcast) -> None:
        """Visit a lobby with the next slice of its phase, if it slept."""
        if broadcast.asleep:
            broadcast.asleep = False
            del self._asleep[broadcast.lobby.lobby_id]
            self.add(broadcast)

    def rest(self, broadcast: Broadcast, now: float) -> None:
        """Let a lobby sleep if nothing in it waits."""
        until = broadcast.rests_until(now)
        if until <= now or broadcast.asleep:
            return
        lobby_id = broadcast.lobby.lobby_id
        # one whose connections are all gone is not visited any more
        if self._awake[self._phase(broadcast)].pop(lobby_id, None) is not None:
            broadcast.asleep, broadcast.wakes_at = True, until
            self._asleep[lobby_id] = broadcast
            heapq.heappush(self._alarms[self._phase(broadcast)], (until, lobby_id))

    def visits(self, phase: int, now: float) -> list[Broadcast]:
        """The lobbies of one slice."""
        alarms, asleep = self._alarms[phase], self._asleep
        while alarms and alarms[0][0] <= now + EARLY:
            at, lobby_id = heapq.heappop(alarms)
            broadcast = asleep.get(lobby_id)
            if broadcast is not None and broadcast.wakes_at == at:
                self.wake(broadcast)
        return list(self._awake[phase].values())

    def _phase(self, broadcast: Broadcast) -> int:
        return broadcast.lobby.lobby_id % len(self._awake)
