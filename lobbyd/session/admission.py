"""The handshake: HELLO -> CHALLENGE -> CONNECT -> WELCOME, without state until CONNECT holds.

Checks come cheapest first, nothing is kept before the cookie, the token and the
tag were verified, and no answer is larger than what it answers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from ..errors import Malformed
from ..limits import Allowance
from ..lobby.lobbies import Entropy, Lobbies
from ..lobby.model import Lobby, Player, Seat, SeatState
from ..lobby.rules.seats import AWAY_AFTER, JOIN_HOLD, TOKEN_TTL
from ..stats import Stats
from ..wire.catalogue import (
    MAX_TOKEN,
    POSITION_STEP,
    TAG_SIZE,
    WIRE_VERSION,
    DeniedCode,
    PacketType,
    WelcomeFlags,
)
from ..wire.keys import CookieJar, Tagger, connection_keys, epoch_of, hello_key
from ..wire.packets import CHALLENGE, CONNECT, DENIED, HEADER, HELLO, WELCOME
from ..wire.tokens import Claims, TokenSealer
from .connection import Connection, wire_time
from .path import Address


@attrs.frozen
class Admitted:
    """What a CONNECT led to: an answer, and a new connection and its token if it was granted."""

    reply: bytes
    connection: Connection | None = None
    claims: Claims | None = None


class Admission:
    """Answers HELLO and CONNECT. ``tick`` gives the number of the tick at a time."""

    def __init__(
        self,
        lobbies: Lobbies,
        sealer: TokenSealer,
        stats: Stats,
        *,
        allowance: Allowance,
        cookie_key: bytes,
        entropy: Entropy,
        tick: Callable[[float], int],
        tick_hz: int,
        seat_hold: float,
    ) -> None:
        self._lobbies = lobbies
        self._sealer = sealer
        self._stats = stats
        self._allowance = allowance
        self._cookies = CookieJar(cookie_key)
        self._entropy = entropy
        self._tick = tick
        self._tick_hz = tick_hz
        self._seat_hold = seat_hold

    def hello(self, datagram: bytes, address: Address, now: float) -> bytes:
        """The CHALLENGE for a HELLO; raises Malformed."""
        _, client_nonce, client_time = HELLO.unpack(datagram)
        epoch = epoch_of(now)
        cookie = self._cookies.make(*address, client_nonce, epoch)
        return CHALLENGE.pack(client_nonce, cookie, epoch, client_time, wire_time(now))

    def wrong_version(self, datagram: bytes) -> bytes:
        """The hint for a HELLO of another wire version; its nonce may stand elsewhere."""
        return _denied(DeniedCode.VERSION, bytes(datagram[12:28]), None)

    def connect(
        self, datagram: bytes, address: Address, now: float, live: Mapping[int, Connection]
    ) -> Admitted | None:
        """The outcome of a CONNECT, None where no answer is due; raises Malformed."""
        fields = CONNECT.unpack(datagram)
        token_len, protocol_id, nonce, cookie, epoch, counter, _, token, _ = fields
        if not self._cookies.accepts(cookie, *address, nonce, epoch, now):
            self._stats.drop("bad_cookie")
            return None
        if token_len > MAX_TOKEN:
            raise Malformed("a token that is too long")
        try:
            claims = self._sealer.open(token[:token_len])
        except Malformed:
            return Admitted(self._deny(DeniedCode.TOKEN_INVALID, nonce, None))
        # the key comes from the token, the tag's protocol id from the client's claim
        tagger = Tagger(hello_key(claims.session_key, protocol_id))
        if not tagger.signs(datagram):
            self._stats.drop("bad_tag")
            return None
        if protocol_id != claims.protocol_id:
            return Admitted(self._deny(DeniedCode.PROTOCOL_ID, nonce, tagger))
        return self._seat(claims, counter, nonce, tagger, address, now, live)

    def _seat(
        self,
        claims: Claims,
        counter: int,
        nonce: bytes,
        tagger: Tagger,
        address: Address,
        now: float,
        live: Mapping[int, Connection],
    ) -> Admitted | None:
        current = live.get(claims.conn_id)
        if current is not None and current.client_nonce == nonce:
            # the WELCOME was lost: the same again, but never to a client that has it
            if not current.confirmed:
                # the cookie proved this address, which may be another one than before
                current.address = address
                return Admitted(current.welcome)
            self._stats.drop("old_connect")
            return None
        found = self._lobbies.seat(claims.conn_id)
        if found is None or found[1].seat is None:
            return Admitted(self._deny(self._why_no_seat(claims), nonce, tagger))
        lobby, player = found
        seat = found[1].seat
        if seat.session_id != claims.session_id:
            return Admitted(self._deny(DeniedCode.CONN_ID_CLASH, nonce, tagger))
        if _is_over(claims, seat, now):
            return Admitted(self._deny(DeniedCode.TOKEN_EXPIRED, nonce, tagger))
        if counter <= seat.connect_counter:
            self._stats.drop("old_connect")
            return None
        seat.connect_counter = counter
        return self._welcome(lobby, player, seat, claims, nonce, address, now)

    def _why_no_seat(self, claims: Claims) -> DeniedCode:
        lobby = self._lobbies.by_id.get(claims.lobby_id)
        if lobby is None:
            return DeniedCode.LOBBY_GONE
        if claims.session_id in lobby.revoked:
            return lobby.revoked[claims.session_id][0]
        # it left or was away for too long: it may join again
        return DeniedCode.TOKEN_EXPIRED

    def _welcome(
        self,
        lobby: Lobby,
        player: Player,
        seat: Seat,
        claims: Claims,
        nonce: bytes,
        address: Address,
        now: float,
    ) -> Admitted:
        server_nonce = self._entropy(16)
        keys = connection_keys(seat.session_key, claims.protocol_id, nonce, server_nonce)
        connection = Connection(
            seat.conn_id, lobby, player, address, nonce, keys, now, self._allowance
        )
        connection.resume_gen = claims.resume_gen
        held = lobby.settings.seat_hold
        resumed = claims.resume_gen > 0 or seat.state is not SeatState.RESERVED
        body = (
            connection.head(PacketType.WELCOME, now)
            + WELCOME.pack(
                *([0] * (len(HEADER.names))),
                server_nonce,
                player.player_id,
                lobby.lobby_id,
                self._tick(now),
                wire_time(now),
                player.slot,
                lobby.max_players,
                self._tick_hz,
                self._tick_hz,
                0,
                WelcomeFlags.RESUMED if resumed else WelcomeFlags.NONE,
                round(lobby.settings.max_speed * 100),
                POSITION_STEP,
                0.0,
                0.0,
                0.0,
                int(AWAY_AFTER * 1000),
                min(int(self._seat_hold if held is None else held), 0xFFFF),
                int(TOKEN_TTL),
                bytes(TAG_SIZE),
            )[HEADER.size : -TAG_SIZE]
        )
        connection.welcome = body + connection.down.tag(body)
        self._stats.count("welcomes")
        return Admitted(connection.welcome, connection, claims)

    def _deny(self, code: DeniedCode, nonce: bytes, tagger: Tagger | None) -> bytes:
        self._stats.count(f"denied_{code.name.lower()}")
        return _denied(code, nonce, tagger)


def _is_over(claims: Claims, seat: Seat, now: float) -> bool:
    """Whether a token is too old for a seat that is still there."""
    if claims.resume_gen:
        return now >= claims.expires
    # a join's token ends with the seat, which after a restart is held for some seconds more
    return seat.state is SeatState.RESERVED and now >= seat.since + JOIN_HOLD


def _denied(code: DeniedCode, nonce: bytes, tagger: Tagger | None) -> bytes:
    packet = DENIED.pack(code, nonce, 0, WIRE_VERSION, WIRE_VERSION, bytes(TAG_SIZE))
    if tagger is None:
        return packet
    body = packet[:-TAG_SIZE]
    return body + tagger.tag(body)
