"""The lobby service as a whole against a model, over HTTP and UDP in virtual time.

LOBBYD_LONG=1 plays ten times as many runs, and other ones each time; LOBBYD_FUZZ=0.1 a tenth.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from twisted.trial.unittest import SynchronousTestCase

from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import JoinLobby
from lobbyd.testing import World, run
from lobbyd.wire.catalogue import LeftReason
from lobbyd.wire.messages import ChatDown, ChatUp, Closed, HostChanged

from .fuzz import LENGTH
from .lobby_machine import LobbyMachine

RUNS = 200
STEPS = 50
EXAMPLES = 400
"""Hypothesis ends about a third of them before they are STEPS long."""
LONG = os.environ.get("LOBBYD_LONG") == "1"


def shortened(count: int) -> int:
    """A count of the usual run, for one that is to be shorter."""
    return max(1, round(count * min(1.0, LENGTH)))


class LobbyModel(SynchronousTestCase):
    """Whatever players do, in any order and any weather."""

    def test_the_rules_hold_over_http_and_udp(self) -> None:
        LobbyMachine.steps = []
        chosen = settings(
            max_examples=EXAMPLES * 10 if LONG else shortened(EXAMPLES),
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=not LONG,
            database=None,
            print_blob=True,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
        )
        try:
            run_state_machine_as_test(LobbyMachine, settings=chosen)
        except Exception as error:
            # trial does not print notes, and they are the steps that fail
            notes = "\n".join(getattr(error, "__notes__", []))
            raise AssertionError(f"{error!r}\n{notes}") from error
        whole = [count for count in LobbyMachine.steps if count >= STEPS]
        self.assertGreaterEqual(len(whole), shortened(RUNS))

    def test_spectators_hear_who_is_host_before_it_connects(self) -> None:
        world = World()
        code = world.create()
        watcher = world.join(code, spectator=True)
        world.advance(0.5)
        seat = run(world.operations.join(code, JoinLobby("Host"), Caller(), world.now))
        world.advance(0.5)
        hosts = [event.player_id for event in watcher.seen(HostChanged)]
        self.assertEqual(hosts, [seat.player.player_id])

    def test_nothing_follows_the_end_of_a_lobby(self) -> None:
        world = World()
        client = world.join(world.create(), "Ann")
        world.advance(0.5)
        lobby = client.joined.lobby
        world.lobbies.close(lobby, LeftReason.CLOSED, world.now)
        client.session.message(ChatUp("too late"))
        for datagram in client.session.poll(world.now):
            world.inject(datagram, client.address)
        self.assertIsInstance(lobby.changes[-1][1], Closed)
        world.advance(0.5)
        self.assertEqual((len(client.seen(Closed)), client.seen(ChatDown)), (1, []))
