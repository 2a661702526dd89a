"""Messages over UDP: the game's own, ready marks, chat, and what everybody is told of a lobby."""

from __future__ import annotations

from typing import Any

from twisted.trial.unittest import SynchronousTestCase

from lobbyd.client.session import Denied, Disconnected, Unreliable
from lobbyd.errors import Refused
from lobbyd.lobby.operations import Caller
from lobbyd.lobby.requests import ChangeLobby, ChangePlayer, HandOver, Kick, Say
from lobbyd.session.connection import STUCK
from lobbyd.testing import Conditions, VirtualClient, World, run
from lobbyd.wire.catalogue import (
    MAX_MESSAGE,
    MAX_UNRELIABLE,
    NO_SLOT,
    TO_ALL,
    TO_HOST,
    DeniedCode,
    DisconnectReason,
    FrameType,
    LeftReason,
    LobbyStateCode,
    MessageKind,
    PlayerFlags,
)
from lobbyd.wire.frames import make_frame, make_reliable
from lobbyd.wire.messages import (
    ChatDown,
    ChatUp,
    CustomDown,
    EventsLost,
    HostChanged,
    Kicked,
    LobbyState,
    PlayerChanged,
    PlayerJoined,
    PlayerLeft,
    encode,
)

from .handmade import Knock, Line, take_seat

BAD_LINK = Conditions(latency=0.03, jitter=0.02, loss=0.3, duplicate=0.1, reorder=0.1)
BIGGEST = MAX_MESSAGE - 2
"""Payload of the largest CUSTOM."""


class PostCase(SynchronousTestCase):
    """A lobby whose players are connected; the first one is host."""

    def meet(
        self, count: int, *, spectators: int = 0, seed: int = 21, **settings: Any
    ) -> list[VirtualClient]:
        self.world = World(seed=seed)
        self.code = self.world.create("ABCD", **settings)
        self.clients = [self.world.join(self.code, f"player {n}") for n in range(count)]
        self.clients += [self.world.join(self.code, spectator=True) for _ in range(spectators)]
        self.world.advance(1.0)
        self.lobby = self.clients[0].joined.lobby
        for client in self.clients:
            self.assertTrue(client.session.connected)
            client.events.clear()
        return self.clients

    def caller(self, client: VirtualClient) -> Caller:
        return Caller(token=client.joined.player_token)

    def change(self, client: VirtualClient, **wanted: Any) -> None:
        """PATCH of a player by itself."""
        player_id = client.joined.player.player_id
        request = ChangePlayer(**wanted)
        caller = self.caller(client)
        run(self.world.hosting.change_player(self.code, player_id, request, caller, self.world.now))

    def kick(self, client: VirtualClient, text: str = "", *, ban: bool = False) -> None:
        """The host kicks somebody."""
        player_id = client.joined.player.player_id
        caller = self.caller(self.clients[0])
        kick = Kick(text, ban)
        run(self.world.hosting.kick(self.code, player_id, kick, caller, self.world.now))

    def payloads(self, client: VirtualClient, kind: type[Any] = CustomDown) -> list[bytes]:
        return [message.payload for message in client.seen(kind)]


def numbered(count: int) -> list[bytes]:
    return [b"message %d" % n for n in range(count)]


def push_all(world: World, client: VirtualClient, payloads: list[bytes], to: int) -> None:
    """Send messages as a patient game does: when the window is full it waits."""
    for payload in payloads:
        while not client.session.custom(payload, to):
            world.advance(0.05)


class CustomTests(PostCase):
    def test_to_all_reaches_the_others_and_not_oneself(self) -> None:
        first, second, third = self.meet(3)
        second.session.custom(b"hello", channel=7)
        self.world.advance(0.5)
        expected = [CustomDown(second.joined.player.slot, 7, b"hello")]
        self.assertEqual(first.seen(CustomDown), expected)
        self.assertEqual(third.seen(CustomDown), expected)
        self.assertEqual(second.seen(CustomDown), [])

    def test_to_one_reaches_that_one_only(self) -> None:
        first, second, third = self.meet(3)
        first.session.custom(b"psst", third.joined.player.slot)
        self.world.advance(0.5)
        self.assertEqual(self.payloads(third), [b"psst"])
        self.assertEqual(self.payloads(second), [])

    def test_to_the_host_follows_the_host(self) -> None:
        first, second, third = self.meet(3)
        third.session.custom(b"1", TO_HOST)
        self.world.advance(0.5)
        new = HandOver(second.joined.player.player_id)
        run(self.world.hosting.hand_over(self.code, new, self.caller(first), self.world.now))
        third.session.custom(b"2", TO_HOST)
        self.world.advance(0.5)
        self.assertEqual((self.payloads(first), self.payloads(second)), ([b"1"], [b"2"]))

    def test_the_host_hears_nothing_of_itself(self) -> None:
        first, second = self.meet(2)
        first.session.custom(b"?", TO_HOST)
        first.session.custom(b"?", first.joined.player.slot)
        self.world.advance(0.5)
        self.assertEqual(self.payloads(first) + self.payloads(second), [])
        self.assertEqual(len(first.session.reliable_out), 0)

    def test_to_nobody_is_taken_and_lost(self) -> None:
        first, second = self.meet(2)
        for slot in (40, 64, 200):
            first.session.custom(b"?", slot)
        first.session.custom(b"after")
        self.world.advance(0.5)
        self.assertEqual(self.payloads(second), [b"after"])

    def test_spectators_hear_what_is_for_all_and_speak_from_no_slot(self) -> None:
        first, second, watcher, other = self.meet(2, spectators=2)
        first.session.custom(b"to all")
        first.session.custom(b"to one", second.joined.player.slot)
        watcher.session.custom(b"from the ranks")
        self.world.advance(0.5)
        self.assertEqual(self.payloads(watcher), [b"to all"])
        self.assertEqual(self.payloads(other), [b"to all", b"from the ranks"])
        self.assertIn(CustomDown(NO_SLOT, 0, b"from the ranks"), first.seen(CustomDown))

    def test_exactly_once_and_in_order_at_30_percent_loss(self) -> None:
        """To all, to one and to the host, from everybody at once."""
        clients = self.meet(4, seed=22)
        self.world.weather(BAD_LINK)
        sent = numbered(60)
        for n, payload in enumerate(sent):
            for client in clients:
                to = (TO_ALL, TO_HOST, clients[1].joined.player.slot)[n % 3]
                self.assertTrue(client.session.custom(payload, to))
            self.world.advance(0.05)
        self.world.advance(10.0)
        for client in clients:
            for sender in clients:
                slot = sender.joined.player.slot
                got = [m.payload for m in client.seen(CustomDown) if m.from_slot == slot]
                wanted = [
                    payload
                    for n, payload in enumerate(sent)
                    if n % 3 == 0
                    or (n % 3 == 1 and client is clients[0])
                    or (n % 3 == 2 and client is clients[1])
                ]
                self.assertEqual(got, [] if sender is client else wanted)

    def test_the_largest_fits_and_a_larger_one_is_refused_by_the_sender(self) -> None:
        first, second = self.meet(2)
        self.assertTrue(first.session.custom(bytes(BIGGEST)))
        self.assertRaises(ValueError, first.session.custom, bytes(BIGGEST + 1))
        self.world.advance(0.5)
        self.assertEqual(self.payloads(second), [bytes(BIGGEST)])

    def test_a_flow_within_the_limit_harms_nobody(self) -> None:
        """54 kB/s of large messages for 10 s, beside snapshots."""
        clients = self.meet(3)
        for n, client in enumerate(clients):
            client.walk = (float(n), 0.0, 0.0)
        sender, *listeners = clients
        self.world.weather(Conditions(latency=0.05, jitter=0.02))
        sent = [b"%04d" % n + bytes(896) for n in range(600)]
        for n in range(0, 600, 3):
            for payload in sent[n : n + 3]:
                self.assertTrue(sender.session.custom(payload))
            self.world.advance(0.05)
        self.world.advance(2.0)
        for listener in listeners:
            self.assertEqual(listener.seen(Disconnected), [])
            self.assertEqual(self.payloads(listener), sent)


class UnreliableTests(PostCase):
    def test_to_all_to_one_and_to_the_host(self) -> None:
        first, second, third = self.meet(3)
        second.session.unreliable(b"all", channel=3)
        second.session.unreliable(b"one", third.joined.player.slot)
        second.session.unreliable(b"host", TO_HOST)
        self.world.advance(0.2)
        slot = second.joined.player.slot
        self.assertEqual(first.seen(Unreliable)[0], Unreliable(slot, 3, b"all"))
        self.assertEqual(self.payloads(first, Unreliable), [b"all", b"host"])
        self.assertEqual(self.payloads(third, Unreliable), [b"all", b"one"])
        self.assertEqual(self.payloads(second, Unreliable), [])

    def test_neither_oneself_nor_an_empty_slot_hears_it(self) -> None:
        first, second = self.meet(2)
        first.session.unreliable(b"?", first.joined.player.slot)
        first.session.unreliable(b"?", TO_HOST)
        first.session.unreliable(b"?", 40)
        self.world.advance(0.2)
        self.assertEqual(first.seen(Unreliable) + second.seen(Unreliable), [])

    def test_it_leaves_at_once_and_not_with_the_next_tick(self) -> None:
        first, second = self.meet(2)
        first.session.unreliable(b"now")
        [datagram] = first.session.poll(self.world.now)
        answers = self.world.inject(datagram, first.address)
        self.assertEqual([address for _, address in answers], [second.address])

    def test_what_is_lost_stays_lost(self) -> None:
        first, second = self.meet(2)
        self.world.weather(Conditions(), Conditions(loss=1.0))
        first.session.unreliable(b"lost")
        self.world.advance(0.2)
        self.world.weather(Conditions())
        first.session.unreliable(b"heard")
        self.world.advance(1.0)
        self.assertEqual(self.payloads(second, Unreliable), [b"heard"])

    def test_sizes(self) -> None:
        first, second = self.meet(2)
        # three do not fit in one datagram
        for n in range(3):
            first.session.unreliable(bytes([n]) * MAX_UNRELIABLE)
        self.assertRaises(ValueError, first.session.unreliable, bytes(MAX_UNRELIABLE + 1))
        self.world.advance(0.2)
        expected = [bytes([n]) * MAX_UNRELIABLE for n in range(3)]
        self.assertEqual(self.payloads(second, Unreliable), expected)

    def test_a_stream_of_them_holds_no_large_message_back(self) -> None:
        first, second = self.meet(2, message_bytes=1_000_000)
        first.session.custom(bytes(BIGGEST))
        for _ in range(20):
            first.session.unreliable(bytes(MAX_UNRELIABLE))
            self.world.advance(0.01)
        self.assertEqual(self.payloads(second), [bytes(BIGGEST)])
        self.assertEqual(len(second.seen(Unreliable)), 20)

    def test_a_larger_one_makes_the_datagram_malformed(self) -> None:
        first, second = self.meet(2)
        first.session.frame(FrameType.UNRELIABLE, bytes(2 + MAX_UNRELIABLE + 1))
        self.world.advance(0.2)
        self.assertEqual(second.seen(Unreliable), [])
        self.assertEqual(self.world.stats.drops["malformed"], 1)

    def test_who_is_away_is_sent_nothing(self) -> None:
        first, second = self.meet(2)
        second.online = False
        self.world.advance(6.0)
        first.session.unreliable(b"anybody?")
        [datagram] = first.session.poll(self.world.now)
        self.assertEqual(self.world.inject(datagram, first.address), [])


class LimitTests(PostCase):
    def test_more_than_the_rate_arrives_later_and_complete(self) -> None:
        first, second = self.meet(2, message_rate=10)
        sent = numbered(50)
        push_all(self.world, first, sent, TO_ALL)
        self.world.advance(1.0)
        got = self.payloads(second)
        # the burst of 10, and 10 a second
        self.assertGreaterEqual(len(got), 10)
        self.assertLessEqual(len(got), 21)
        self.assertGreater(self.world.stats.counts["messages_held_back"], 0)
        self.world.advance(4.0)
        self.assertEqual(self.payloads(second), sent)
        self.assertEqual(len(first.session.reliable_out), 0)

    def test_more_than_the_bytes_arrives_later_and_complete(self) -> None:
        first, second = self.meet(2, message_bytes=2000)
        sent = [bytes([n]) * 900 for n in range(10)]
        push_all(self.world, first, sent, TO_ALL)
        self.world.advance(1.0)
        self.assertLessEqual(len(self.payloads(second)), 4)
        self.world.advance(5.0)
        self.assertEqual(self.payloads(second), sent)

    def test_held_back_messages_survive_loss_without_doubles(self) -> None:
        first, second = self.meet(2, message_rate=20, seed=23)
        self.world.weather(BAD_LINK)
        sent = numbered(100)
        push_all(self.world, first, sent, TO_ALL)
        self.world.advance(12.0)
        self.assertEqual(self.payloads(second), sent)

    def test_waiting_for_bytes_costs_no_messages(self) -> None:
        """A message that its size holds back is offered again and again: that must be free."""
        first, _ = self.meet(2, message_rate=4, message_bytes=1000)
        connection = self.world.relay.connections[first.joined.ticket.conn_id]
        now = self.world.now
        self.assertTrue(connection.may_send(900, now))
        refused = [connection.may_send(900, now) for _ in range(10)]
        self.assertEqual(refused, [False] * 10)
        allowed = [connection.may_send(1, now) for _ in range(4)]
        self.assertEqual(allowed, [True, True, True, False])

    def test_unreliable_ones_over_the_rate_are_dropped_and_counted(self) -> None:
        first, second = self.meet(2, message_rate=10)
        for payload in numbered(15):
            first.session.unreliable(payload)
        self.world.advance(0.05)
        self.assertEqual(self.payloads(second, Unreliable), numbered(10))
        self.assertEqual(self.world.stats.drops["unreliable_over_limit"], 5)
        self.world.advance(1.0)
        self.assertEqual(len(second.seen(Unreliable)), 10)

    def test_another_players_limit_is_its_own(self) -> None:
        first, second, third = self.meet(3, message_rate=5)
        for payload in numbered(8):
            first.session.unreliable(payload)
        second.session.unreliable(b"mine")
        self.world.advance(0.1)
        self.assertIn(b"mine", self.payloads(third, Unreliable))

    def test_a_changed_limit_holds_at_once(self) -> None:
        first, second = self.meet(2)
        wanted = ChangeLobby(settings={"message_rate": 5})
        caller = self.caller(first)
        run(self.world.hosting.change(self.code, wanted, caller, None, self.world.now))
        for payload in numbered(8):
            second.session.unreliable(payload)
        self.world.advance(0.1)
        self.assertEqual(len(first.seen(Unreliable)), 5)


class ChatTests(PostCase):
    def texts(self, client: VirtualClient) -> list[str]:
        return [line.text for line in client.seen(ChatDown)]

    def test_everybody_hears_it_the_speaker_too(self) -> None:
        first, second, watcher = self.meet(2, spectators=1)
        second.session.chat("  grüß euch ")
        self.world.advance(0.3)
        line = ChatDown(self.lobby.rev, second.joined.player.player_id, "grüß euch")
        for client in (first, second, watcher):
            self.assertEqual(client.seen(ChatDown), [line])

    def test_http_and_udp_share_one_order(self) -> None:
        first, second = self.meet(2)
        first.session.chat("one")
        self.world.advance(0.3)
        say = Say("two")
        run(self.world.hosting.say(self.code, say, self.caller(second), self.world.now))
        self.world.advance(0.3)
        self.assertEqual(self.texts(first), ["one", "two"])
        self.assertEqual(self.texts(second), ["one", "two"])

    def test_the_length_is_in_bytes(self) -> None:
        first, second = self.meet(2)
        for text in ("x" * 400, "ü" * 200):
            first.session.chat(text)
        for text in ("x" * 401, "ü" * 201):
            first.session.chat(text)
        self.world.advance(0.5)
        self.assertEqual(self.texts(second), ["x" * 400, "ü" * 200])
        self.assertEqual(self.world.stats.counts["chat_refused"], 2)

    def test_control_characters_and_nothing_are_refused(self) -> None:
        first, second = self.meet(2)
        for text in ("a\nb", "\x1b[31m", "", "   ", "a\u202eb"):
            self.assertTrue(first.session.chat(text))
            self.world.advance(1.0)
        first.session.chat("fine")
        self.world.advance(1.5)
        self.assertEqual(self.texts(second), ["fine"])
        self.assertEqual(self.world.stats.counts["chat_refused"], 5)

    def test_text_that_is_no_utf8_spoils_the_datagram(self) -> None:
        first, second = self.meet(2)
        number = 1
        body = make_reliable(number, [(int(MessageKind.CHAT), b"\2\0\xff\xfe")])
        first.session.frame(FrameType.RELIABLE, body)
        self.world.advance(0.3)
        self.assertEqual(second.seen(ChatDown), [])
        self.assertEqual(self.world.stats.drops["malformed"], 1)

    def test_http_and_udp_share_one_limit(self) -> None:
        """And a new connection does not renew it."""
        first, second = self.meet(2)
        for _ in range(5):
            first.session.chat("udp")
        self.world.advance(0.5)
        again = self.world.add_client(self.world.session(first.joined), first.joined)
        first.online = False
        self.world.advance(0.3)
        say = self.world.hosting.say(self.code, Say("http"), self.caller(first), self.world.now)
        with self.assertRaises(Refused) as caught:
            run(say)
        self.assertEqual((caught.exception.code, caught.exception.retry_after), ("rate_limited", 1))
        again.session.chat("udp again")
        self.world.advance(0.1)
        self.assertEqual(self.texts(second), ["udp"] * 5)
        self.world.advance(1.0)
        self.assertEqual(self.texts(second), ["udp"] * 5 + ["udp again"])

    def test_more_than_the_rate_is_heard_later_and_once(self) -> None:
        """Five at once, then one a second."""
        first, second = self.meet(2)
        said = [f"line {n}" for n in range(9)]
        for text in said:
            first.session.chat(text)
        self.world.advance(0.5)
        self.assertEqual(self.texts(second), said[:5])
        self.world.advance(2.0)
        self.assertLess(len(self.texts(second)), 9)
        self.world.advance(3.0)
        self.assertEqual(self.texts(second), said)


class ReadyTests(PostCase):
    def states(self, client: VirtualClient) -> list[int]:
        return [state.state for state in client.seen(LobbyState)]

    def test_all_ready_starts_and_unready_rolls_back(self) -> None:
        first, second = self.meet(2, start="auto", countdown=3.0)
        first.session.ready()
        self.world.advance(0.3)
        [change] = second.seen(PlayerChanged)
        self.assertEqual(change.flags, PlayerFlags.READY | PlayerFlags.HOST)
        self.assertEqual(self.states(second), [])
        second.session.ready()
        self.world.advance(0.3)
        [countdown] = first.seen(LobbyState)
        self.assertEqual(countdown.state, LobbyStateCode.COUNTDOWN)
        self.assertEqual(countdown.countdown_ms, 3000)
        second.session.ready(False)
        self.world.advance(5.0)
        expected = [LobbyStateCode.COUNTDOWN, LobbyStateCode.OPEN]
        self.assertEqual(self.states(first), expected)
        self.assertEqual(first.seen(LobbyState)[-1].countdown_ms, 0)

    def test_the_game_begins_when_the_countdown_ends(self) -> None:
        first, second = self.meet(2, start="auto", countdown=2.0)
        first.session.ready()
        second.session.ready()
        self.world.advance(2.5)
        expected = [LobbyStateCode.COUNTDOWN, LobbyStateCode.IN_GAME]
        self.assertEqual(self.states(first), expected)
        self.assertEqual(self.states(second), expected)

    def test_who_comes_during_the_countdown_is_told_what_is_left(self) -> None:
        first, second, _watcher = self.meet(2, spectators=1, start="auto", countdown=10.0)
        first.session.ready()
        second.session.ready()
        self.world.advance(4.0)
        late = self.world.join(self.code, spectator=True)
        self.world.advance(0.5)
        [state] = late.seen(LobbyState)
        self.assertEqual(state.state, LobbyStateCode.COUNTDOWN)
        # it came after 4.0 s, and connected within the half second after
        self.assertGreater(state.countdown_ms, 5500)
        self.assertLessEqual(state.countdown_ms, 6000)

    def test_who_toggles_without_end_puts_nobody_out(self) -> None:
        """Every mark is told to all: without a limit their windows overflow."""
        clients = self.meet(3)
        self.world.weather(Conditions(latency=0.1))
        marks = 0
        for _ in range(300):
            while clients[1].session.ready(marks % 2 == 0):
                marks += 1
            self.world.advance(0.01)
        self.world.advance(3.0)
        self.assertEqual([c.seen(Disconnected) for c in clients], [[], [], []])
        self.assertEqual(len(self.lobby.players), 3)
        self.assertGreater(self.world.stats.counts["messages_held_back"], 100)
        # late, but none is lost
        told = [len(client.seen(PlayerChanged)) for client in clients]
        self.assertEqual(told, [marks] * 3)

    def test_a_spectators_ready_mark_changes_nothing(self) -> None:
        _, watcher = self.meet(1, spectators=1)
        rev = self.lobby.rev
        watcher.session.ready()
        self.world.advance(0.5)
        self.assertEqual(self.lobby.rev, rev)
        self.assertEqual(len(watcher.session.reliable_out), 0)

    def test_the_same_mark_again_is_no_event(self) -> None:
        first, second = self.meet(2)
        for _ in range(3):
            first.session.ready()
        self.world.advance(0.5)
        self.assertEqual(len(second.seen(PlayerChanged)), 1)


class KickTests(PostCase):
    def test_the_text_comes_before_the_end(self) -> None:
        _first, second, third = self.meet(3)
        self.kick(second, "no flooding")
        self.world.advance(0.5)
        kicked, over = second.events[-2:]
        self.assertEqual(kicked, Kicked(LeftReason.KICKED, "no flooding"))
        self.assertEqual(over, Disconnected(DisconnectReason.KICKED))
        [left] = third.seen(PlayerLeft)
        self.assertEqual(left.player_id, second.joined.player.player_id)
        self.assertEqual(left.reason, LeftReason.KICKED)
        self.assertEqual(third.seen(Kicked), [])

    def test_also_with_30_percent_lost(self) -> None:
        told = 0
        for seed in range(20):
            _first, second = self.meet(2, seed=seed)
            self.world.weather(BAD_LINK)
            self.kick(second, "bye")
            self.world.advance(2.0)
            [over] = second.seen(Disconnected)
            self.assertEqual(over.reason, DisconnectReason.KICKED)
            told += second.seen(Kicked) == [Kicked(LeftReason.KICKED, "bye")]
        self.assertEqual(told, 20)

    def test_also_behind_messages_that_wait(self) -> None:
        """What is unacknowledged is more than one datagram holds."""
        first, second = self.meet(2)
        for n in range(4):
            first.session.custom(bytes([n]) * 900)
        for datagram in first.session.poll(self.world.now):
            self.world.inject(datagram, first.address)
        while first.session.reliable_out.due(self.world.now, 0.0):
            for datagram in first.session.poll(self.world.now):
                self.world.inject(datagram, first.address)
        self.kick(second, "bye")
        self.world.advance(1.0)
        self.assertEqual(self.payloads(second), [bytes([n]) * 900 for n in range(4)])
        self.assertEqual([k.text for k in second.seen(Kicked)], ["bye"])
        self.assertEqual(len(second.seen(Disconnected)), 1)

    def denied(self, client: VirtualClient) -> list[Any]:
        """What a new connection with the old ticket is told."""
        again = self.world.add_client(self.world.session(client.joined), client.joined)
        self.world.advance(0.5)
        return again.events

    def test_a_kicked_token_is_denied_as_kicked(self) -> None:
        _first, second = self.meet(2)
        self.kick(second)
        self.world.advance(0.5)
        self.assertEqual(self.denied(second), [Denied(DeniedCode.KICKED)])

    def test_a_banned_token_is_denied_as_banned(self) -> None:
        _first, second = self.meet(2)
        self.kick(second, ban=True)
        self.world.advance(0.5)
        self.assertEqual(self.denied(second), [Denied(DeniedCode.BANNED)])

    def test_who_never_connected_is_denied_too(self) -> None:
        self.meet(1)
        late = self.world.join(self.code, "late")
        late.online = False
        self.kick(late)
        self.assertEqual(self.denied(late), [Denied(DeniedCode.KICKED)])

    def test_who_left_by_itself_may_join_again(self) -> None:
        _first, second = self.meet(2)
        run(self.world.operations.leave(self.code, self.caller(second), self.world.now))
        self.world.advance(0.5)
        [over] = second.seen(Disconnected)
        self.assertEqual(over.reason, DisconnectReason.LEFT)
        self.assertEqual(self.denied(second), [Denied(DeniedCode.TOKEN_EXPIRED)])


class OverflowTests(PostCase):
    def test_who_does_not_read_goes_and_nobody_else_suffers(self) -> None:
        first, second = self.meet(2)
        deaf: Line = Knock(self.world, take_seat(self.world, self.code, "deaf")).enter()
        self.world.advance(0.5)
        sent = numbered(400)
        for n, payload in enumerate(sent):
            self.assertTrue(first.session.custom(payload))
            if n % 5 == 0:
                # it says that it lives, and acknowledges nothing
                deaf.send(b"")
                self.world.advance(0.05)
        for _ in range(round(STUCK / 0.1)):
            deaf.send(b"")
            self.world.advance(0.1)
        self.assertNotIn(deaf.conn_id, self.world.relay.connections)
        [left] = second.seen(PlayerLeft)
        self.assertEqual(left.player_id, deaf.welcome["player_id"])
        self.assertEqual(left.reason, LeftReason.OVERFLOW)
        self.assertEqual(self.payloads(second), sent)
        self.assertEqual(first.seen(Disconnected) + second.seen(Disconnected), [])

    def burst(self, size: int, rtt: float) -> None:
        """A member that knows no window sends all that it may at once, and goes on at its limit."""
        clients = self.meet(2)
        link = Conditions(latency=rtt / 2)
        self.world.weather(link, link)
        rude: Line = Knock(self.world, take_seat(self.world, self.code, "rude")).enter()
        self.world.advance(0.5)
        sent = [n.to_bytes(4, "little").ljust(size, b"x") for n in range(256_000 // size)]
        taken = self.world.relay.connections[rude.conn_id].reliable_in
        for _ in range(200):
            for n in range(taken.delivered, min(taken.delivered + 200, len(sent))):
                body = make_reliable(n + 1, [(MessageKind.CUSTOM, bytes((255, 0)) + sent[n])])
                rude.send(make_frame(FrameType.RELIABLE, body), rel_ack=self.told(rude))
            self.world.advance(0.05)
        self.assertEqual((taken.delivered, len(self.lobby.players)), (len(sent), 3))
        for client in clients:
            self.assertEqual(client.seen(EventsLost), [])
            self.assertEqual(self.payloads(client), sent)

    def told(self, line: Line) -> int:
        """The last message that the server has sent to a client: all are taken as read."""
        out = self.world.relay.connections[line.conn_id].reliable_out
        return out.acked + len(out)

    def test_a_burst_of_large_messages_waits_at_its_sender(self) -> None:
        self.burst(950, 0.02)

    def test_a_burst_over_a_long_way_waits_at_its_sender(self) -> None:
        self.burst(500, 0.2)

    def test_who_reads_slowly_silences_the_others_for_a_moment_only(self) -> None:
        first, second = self.meet(2)
        slow: Line = Knock(self.world, take_seat(self.world, self.code, "slow")).enter()
        self.world.advance(0.5)
        sent = numbered(600)
        waiting = list(sent)
        heard = []
        for _ in range(100):
            while waiting and first.session.custom(waiting[0]):
                waiting.pop(0)
            slow.send(b"")
            self.world.advance(0.1)
            heard.append(len(self.payloads(second)))
        self.assertEqual(self.payloads(second), sent)
        pauses = [n for n in range(20, 100) if heard[n] == heard[n - 20] < len(sent)]
        self.assertLess(len(pauses), 10)


class SilenceTests(PostCase):
    """Who loses its network for a while in a lobby where the others talk on."""

    def talk(self, client: VirtualClient, seconds: float) -> list[bytes]:
        """60 messages a second; returns them."""
        sent = numbered(round(seconds * 60))
        for n in range(0, len(sent), 3):
            for payload in sent[n : n + 3]:
                self.assertTrue(client.session.custom(payload))
            self.world.advance(0.05)
        return sent

    def test_the_seat_is_kept(self) -> None:
        first, second, third = self.meet(3)
        second.online = False
        sent = self.talk(first, 12.0)
        self.world.advance(1.0)
        self.assertEqual(third.seen(PlayerLeft), [])
        self.assertEqual(self.payloads(third), sent)
        again = self.world.add_client(self.world.session(second.joined), second.joined)
        self.world.advance(0.5)
        self.assertTrue(again.session.connected)
        self.assertEqual(len(again.seen(PlayerJoined)), 3)

    def test_who_comes_back_is_told_what_it_missed(self) -> None:
        first, second, third = self.meet(3)
        second.online = False
        before = self.talk(first, 8.0)
        for n in range(300):
            self.change(third, team=n % 2 + 1)
        second.online = True
        self.world.advance(2.0)
        after = self.talk(first, 1.0)
        self.world.advance(1.0)
        [lost] = second.seen(EventsLost)
        got = self.payloads(second)
        heard = len(got) - len(after)
        self.assertEqual(got, before[:heard] + after)
        self.assertEqual(lost.count, len(before) - heard)
        # the roster again, and from there each revision
        state = second.seen(LobbyState)[-1]
        roster = second.events[second.events.index(state) :]
        teams = {j.player_id: j.team for j in roster if isinstance(j, PlayerJoined)}
        self.assertEqual(teams, {1: 0, 2: 0, 3: self.lobby.players[3].team})
        self.assertEqual(state.rev, self.lobby.rev)
        self.change(third, team=9)
        self.world.advance(0.3)
        self.assertEqual(second.seen(PlayerChanged)[-1].rev, state.rev + 1)

    def test_who_comes_back_and_does_not_read_goes(self) -> None:
        first, _ = self.meet(2)
        deaf: Line = Knock(self.world, take_seat(self.world, self.code, "deaf")).enter()
        self.talk(first, 8.0)
        self.assertIn(deaf.conn_id, self.world.relay.connections)
        for _ in range(round(STUCK / 0.1) + 2):
            deaf.send(b"")
            self.world.advance(0.1)
        self.assertNotIn(deaf.conn_id, self.world.relay.connections)

    def test_little_is_sent_to_who_is_silent(self) -> None:
        first, second = self.meet(2, message_bytes=1_000_000)
        second.online = False
        for n in range(70):
            first.session.custom(bytes([n]) * 900)
        self.world.advance(1.0)
        before = self.world.sent_bytes
        self.world.advance(1.0)
        # at 20 Hz a datagram with the tick and one beside it
        self.assertLessEqual(self.world.sent_bytes - before, 2 * 20 * 1200 + 20 * 100)


class RosterTests(PostCase):
    def test_it_shows_ready_host_away_and_spectator(self) -> None:
        clients = self.meet(3, spectators=1)
        clients[1].session.ready()
        clients[2].online = False
        self.world.advance(6.0)
        late = self.world.join(self.code, "late")
        self.world.advance(0.5)
        flags = {joined.player_id: joined.flags for joined in late.seen(PlayerJoined)}
        ids = [client.joined.player.player_id for client in [*clients, late]]
        expected = [
            PlayerFlags.HOST,
            PlayerFlags.READY,
            PlayerFlags.AWAY,
            PlayerFlags.SPECTATOR,
            PlayerFlags.NONE,
        ]
        self.assertEqual(flags, dict(zip(ids, expected, strict=True)))

    def test_it_shows_teams_and_new_names(self) -> None:
        _first, second = self.meet(2)
        self.change(second, name="renamed", team=3)
        late = self.world.join(self.code, "late")
        self.world.advance(0.5)
        [told] = [j for j in late.seen(PlayerJoined) if j.player_id == 2]
        self.assertEqual((told.name, told.team), ("renamed", 3))

    def test_dummies_are_marked(self) -> None:
        world = World(seed=24)
        world.open_test_lobby()
        client = world.join("TEST", "one")
        world.advance(0.5)
        flags = [joined.flags for joined in client.seen(PlayerJoined)]
        self.assertEqual(flags, [PlayerFlags.DUMMY, PlayerFlags.HOST])


class ChangeTests(PostCase):
    def test_team_and_metadata_are_told(self) -> None:
        first, second = self.meet(2)
        player_id = second.joined.player.player_id
        self.change(second, team=4)
        self.change(second, metadata={"hat": "red"})
        self.change(second, member_metadata={"hp": 7})
        self.change(second, member_metadata={"hp": 7})
        self.world.advance(0.3)
        rev = self.lobby.rev
        expected = [
            PlayerChanged(rev - 2, player_id, 0, 4, 0),
            PlayerChanged(rev - 1, player_id, 0, 4, 1),
            PlayerChanged(rev, player_id, 0, 4, 2),
        ]
        self.assertEqual(first.seen(PlayerChanged), expected)
        self.assertEqual(second.seen(PlayerChanged), expected)

    def test_a_new_name_comes_as_another_joined(self) -> None:
        first, second = self.meet(2)
        player = second.joined.player
        self.change(second, name="New")
        self.world.advance(0.3)
        expected = PlayerJoined(self.lobby.rev, player.player_id, player.slot, 0, 0, "New")
        self.assertEqual(first.seen(PlayerJoined), [expected])

    def test_a_new_name_hides_no_new_metadata(self) -> None:
        """PLAYER_JOINED has no meta_rev: who gets it alone would not look again."""
        first, second = self.meet(2)
        self.change(second, name="New", metadata={"hat": "red"})
        self.world.advance(0.3)
        self.assertEqual([j.name for j in first.seen(PlayerJoined)], ["New"])
        self.assertEqual([c.meta_rev for c in first.seen(PlayerChanged)], [1])

    def test_a_new_host_is_told(self) -> None:
        first, second = self.meet(2)
        new = HandOver(second.joined.player.player_id)
        run(self.world.hosting.hand_over(self.code, new, self.caller(first), self.world.now))
        self.world.advance(0.3)
        expected = [HostChanged(self.lobby.rev, second.joined.player.player_id)]
        self.assertEqual(first.seen(HostChanged), expected)


class RevisionTests(PostCase):
    """What a connected player is told: every revision once, in order, whatever the weather."""

    def storm(self, seed: int) -> None:
        clients = self.meet(4, spectators=1, seed=seed, start="auto", countdown=1.0)
        self.world.weather(BAD_LINK)
        rng = self.world.rng
        first = self.lobby.rev + 1
        for n in range(120):
            client = rng.choice(clients)
            wish = rng.randrange(6)
            if wish == 0:
                self.change(client, team=rng.randrange(256))
            elif wish == 1:
                self.change(client, name=f"name {n}")
            elif wish == 2:
                client.session.chat(f"line {n}")
            elif wish == 3:
                client.session.ready(rng.random() < 0.5)
            elif wish == 4:
                heir = rng.choice(clients[:4]).joined.player.player_id
                host = next(
                    c for c in clients if c.joined.player.player_id == self.lobby.host_player_id
                )
                run(
                    self.world.hosting.hand_over(
                        self.code, HandOver(heir), self.caller(host), self.world.now
                    )
                )
            else:
                client.session.custom(b"%d" % n)
            self.world.advance(0.1)
        self.world.advance(20.0)
        self.assertGreater(self.lobby.rev, first + 40)
        wanted = list(range(first, self.lobby.rev + 1))
        for client in clients:
            revs = [event.rev for event in client.events if hasattr(event, "rev")]
            self.assertEqual(revs, wanted)

    def test_every_revision_once_and_in_order(self) -> None:
        for seed in range(31, 36):
            self.storm(seed)

    def test_a_connection_that_comes_back_goes_on_from_its_roster(self) -> None:
        first, second = self.meet(2)
        second.online = False
        for team in range(5):
            self.change(first, team=team + 1)
        again = self.world.add_client(self.world.session(second.joined), second.joined)
        self.world.advance(0.3)
        [state] = again.seen(LobbyState)
        self.assertEqual(state.rev, self.lobby.rev)
        self.assertEqual([j.team for j in again.seen(PlayerJoined)], [5, 0])
        self.change(first, team=9)
        self.world.advance(0.3)
        [changed] = again.seen(PlayerChanged)
        self.assertEqual(changed.rev, state.rev + 1)


class ForgedTests(PostCase):
    def test_messages_of_the_servers_kinds_do_nothing(self) -> None:
        """A client may send any kind; those that are not its own are of a later version."""
        first, second = self.meet(2)
        rev = self.lobby.rev
        kind, body = encode(HostChanged(1, 2))
        first.session.reliable_out.push(kind, body)
        first.session.message(ChatUp("after"))
        self.world.advance(0.5)
        self.assertEqual([line.text for line in second.seen(ChatDown)], ["after"])
        self.assertEqual(self.lobby.rev, rev + 1)

    def test_a_torn_unreliable_is_malformed(self) -> None:
        first, _ = self.meet(2)
        first.session.frame(FrameType.UNRELIABLE, bytes((TO_ALL,)))
        self.world.advance(0.2)
        self.assertEqual(self.world.stats.drops["malformed"], 1)

    def test_the_client_drops_a_torn_one_too(self) -> None:
        first, _ = self.meet(2)
        connection = self.world.relay.connections[first.joined.ticket.conn_id]
        torn = make_frame(FrameType.UNRELIABLE, b"\0")
        datagram = connection.datagram(torn, self.world.now)
        self.assertEqual(first.session.receive(datagram, self.world.now), [])
        self.assertEqual(len(first.session.drops), 1)
