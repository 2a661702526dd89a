"""Which lobbies a slice of the tick visits: those that are awake, and who slept long enough.

A lobby sleeps while nothing in it waits to be sent. It is looked at again when time has something
to do there, or when something came in, with the next slice of its phase: just as if it had been
visited in every tick.
"""

from __future__ import annotations

import heapq

from .broadcast import QUIET_INTERVAL, TICK_SLACK, Broadcast

NAP = QUIET_INTERVAL - TICK_SLACK
"""Seconds to the next visit of a sleeper, if it is not to be sooner."""
EARLY = 0.005
"""Seconds that a sleeper may be visited before its time: a slice's clock is read before theirs."""


class Rounds:
    """Lobbies with connections, spread over the ``phases`` of a tick by their ids."""

    def __init__(self, phases: int) -> None:
        self._phases = phases
        self._awake: list[dict[int, Broadcast]] = [{} for _ in range(phases)]
        self._asleep: dict[int, Broadcast] = {}
        # (when to visit it, lobby id); what was woken or put off before has an entry out of date
        self._alarms: list[list[tuple[float, int]]] = [[] for _ in range(phases)]

    def add(self, broadcast: Broadcast) -> None:
        """Visit a lobby in every tick, until it sleeps."""
        lobby_id = broadcast.lobby.lobby_id
        self._awake[lobby_id % self._phases][lobby_id] = broadcast

    def remove(self, broadcast: Broadcast) -> None:
        """Visit a lobby no more."""
        lobby_id = broadcast.lobby.lobby_id
        self._awake[lobby_id % self._phases].pop(lobby_id, None)
        self._asleep.pop(lobby_id, None)
        broadcast.asleep = False

    def wake(self, broadcast: Broadcast) -> None:
        """Visit a lobby with the next slice of its phase, if it slept."""
        if broadcast.asleep:
            broadcast.asleep = False
            del self._asleep[broadcast.lobby.lobby_id]
            self.add(broadcast)

    def rest(self, broadcast: Broadcast, now: float) -> None:
        """After a visit: let a lobby sleep if nothing in it waits."""
        until = broadcast.rests_until(now)
        if until <= now:
            self.wake(broadcast)
            return
        lobby_id = broadcast.lobby.lobby_id
        phase = lobby_id % self._phases
        if broadcast.asleep:
            if until >= broadcast.wakes_at:
                return
        # one whose connections are all gone is not visited any more
        elif self._awake[phase].pop(lobby_id, None) is None:
            return
        broadcast.asleep, broadcast.wakes_at = True, until
        self._asleep[lobby_id] = broadcast
        heapq.heappush(self._alarms[phase], (until, lobby_id))

    def visits(self, phase: int, now: float) -> list[Broadcast]:
        """The lobbies of one slice."""
        alarms, asleep = self._alarms[phase], self._asleep
        ready = list(self._awake[phase].values())
        again = now + NAP
        while alarms and alarms[0][0] <= now + EARLY:
            at, lobby_id = alarms[0]
            broadcast = asleep.get(lobby_id)
            if broadcast is None or broadcast.wakes_at != at:
                heapq.heappop(alarms)
                continue
            # most sleep on after it; and whatever goes wrong in a visit, there is a next one
            broadcast.wakes_at = again
            heapq.heapreplace(alarms, (again, lobby_id))
            ready.append(broadcast)
        return ready
