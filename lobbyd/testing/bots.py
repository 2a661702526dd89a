"""Players for a World: they walk a path that is known, talk in numbers, and check what they hear.

What one says is a number that goes up by one. Whoever hears a number twice, or after a higher
one, or misses one without having been told that messages were lost, raises WrongMessage.
"""

from __future__ import annotations

import random
import struct
from array import array
from math import cos, sin, tau
from typing import Any

from ..client.session import Connected, Corrected, MessagesLost, Snapshot
from ..wire.messages import CustomDown, EventsLost
from ..wire.serial import difference
from .player import Vector, VirtualClient

SPEED = 4.0
"""Metres a second of a walker."""
REMEMBERED = 4096
"""Numbers of one speaker whose time and fate are kept."""
_WORD = struct.Struct("<II")
_NEVER = float("inf")


class WrongMessage(AssertionError):
    """A reliable message came twice, out of order, or not at all."""


class Voice:
    """What one player said: when, and which numbers may be lost with a connection."""

    def __init__(self) -> None:
        self.number = 0
        self.said_at: dict[int, float] = {}
        self.doubtful: set[int] = set()

    def say(self, now: float) -> int:
        """The next number."""
        self.number += 1
        self.said_at[self.number] = now
        old = self.number - REMEMBERED
        self.said_at.pop(old, None)
        self.doubtful.discard(old)
        return self.number

    def lost(self, count: int) -> None:
        """The newest so many may not have arrived."""
        self.doubtful |= set(range(max(1, self.number - count + 1), self.number + 1))


class Talk:
    """All voices of a World, by who speaks."""

    def __init__(self) -> None:
        self._voices: dict[int, Voice] = {}
        self._last = 0
        self.heard = 0

    def join(self) -> tuple[int, Voice]:
        """A new speaker."""
        self._last += 1
        voice = self._voices[self._last] = Voice()
        return self._last, voice

    def leave(self, speaker: int) -> None:
        """A speaker is gone, and what it said may be in doubt as a whole."""
        del self._voices[speaker]

    def check(self, speaker: int, number: int, last: int, excused_at: float) -> None:
        """A listener heard a number after ``last``; what was said before ``excused_at`` may be
        missing. Raises WrongMessage."""
        self.heard += 1
        if number <= last:
            raise WrongMessage(f"{number} of speaker {speaker} came after {last}")
        voice = self._voices.get(speaker)
        if voice is None:
            return
        for missing in range(max(last + 1, number - REMEMBERED + 1), number):
            said_at = voice.said_at.get(missing, -_NEVER)
            if missing not in voice.doubtful and said_at > excused_at:
                raise WrongMessage(f"{missing} of speaker {speaker} is missing before {number}")


class Walker:
    """Walks in a circle at SPEED, and says a number to all every ``talk_every`` seconds (0: never).

    ``snapshots`` counts, ``longest_gap`` and ``stalest`` are seconds; with ``keep`` the time of
    each arrival is in ``arrivals`` and its age in ``ages``. ``corrections`` counts them.
    """

    def __init__(
        self,
        client: VirtualClient,
        talk: Talk,
        rng: random.Random,
        *,
        talk_every: float = 1.0,
        keep: bool = False,
    ) -> None:
        self.client = client
        self.talk = talk
        self.speaker, self.voice = talk.join()
        self.snapshots = self.corrections = self.connects = 0
        self.longest_gap = self.stalest = 0.0
        self.arrivals, self.ages = array("d"), array("d")
        self._keep = keep
        self._arrived_at: float | None = None
        self._talk_every = talk_every
        self._next_word = _NEVER
        self._last: dict[int, int] = {}
        self._excused_at = -_NEVER
        self._newest_tick = 0
        self._radius = 2.0 + 6.0 * rng.random()
        self._phase = tau * rng.random()
        self._centre = (20.0 * rng.random(), 20.0 * rng.random())
        self._shift = (0.0, 0.0, 0.0)
        client.pilot = self
        client.walk = self.place

    def place(self, now: float) -> Vector:
        """Where it truly is."""
        angle = self._phase + now * SPEED / self._radius
        x, y, z = self._shift
        return (
            x + self._centre[0] + self._radius * cos(angle),
            y,
            z + self._centre[1] + self._radius * sin(angle),
        )

    def forget(self) -> None:
        """Begin to measure gaps anew."""
        self.longest_gap = self.stalest = 0.0
        self._arrived_at = None

    def leave(self) -> None:
        """It is gone."""
        self.talk.leave(self.speaker)

    # -- as a pilot ----------------------------------------------------------

    def due(self) -> float:
        """When it speaks next."""
        return self._next_word

    def speak(self, now: float) -> None:
        """Say the next number, unless the window is full."""
        if now < self._next_word:
            return
        session = self.client.session
        if session.connected and session.custom(_WORD.pack(self.speaker, self.voice.number + 1)):
            self.voice.say(now)
        self._next_word = now + self._talk_every

    def hear(self, event: Any, now: float) -> None:
        """Check and measure what came."""
        if isinstance(event, Snapshot):
            self._see(event, now)
        elif isinstance(event, CustomDown):
            speaker, number = _WORD.unpack(event.payload)
            last = self._last.get(speaker)
            if last is not None:
                self.talk.check(speaker, number, last, self._excused_at)
            self._last[speaker] = number
        elif isinstance(event, Connected):
            self.connects += 1
            # what waited for it on the server went with the old connection
            self._excused_at = now
            if self._talk_every and self._next_word == _NEVER:
                self._next_word = now + self._talk_every
        elif isinstance(event, EventsLost):
            self._excused_at = now
        elif isinstance(event, MessagesLost):
            self.voice.lost(event.count)
        elif isinstance(event, Corrected):
            self.corrections += 1
            here = self.place(now)
            moved = zip(self._shift, event.position, here, strict=True)
            x, y, z = (shift + there - was for shift, there, was in moved)
            self._shift = x, y, z

    def _see(self, snapshot: Snapshot, now: float) -> None:
        self.snapshots += 1
        if self._arrived_at is not None and now - self._arrived_at > self.longest_gap:
            self.longest_gap = now - self._arrived_at
        self._arrived_at = now
        if self._keep:
            age = difference(self.client.session.server_time(now), snapshot.tick_time, 32) / 1e6
            self.stalest = max(self.stalest, age)
            self.arrivals.append(now)
            self.ages.append(age)
