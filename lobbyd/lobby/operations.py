"""What HTTP can ask of the lobbies: claims codes, calls the rules, makes tickets.

The only place where the awaitable directory and the synchronous core meet.
"""

from __future__ import annotations

import math

import attrs

from ..dummy import Circle
from ..errors import Refused
from ..wire.catalogue import LeftReason
from ..wire.keys import ServerKeys
from ..wire.tokens import Claims, TokenSealer
from . import rules
from .bearer import Bearers, Role
from .codes import RESERVED, draw_code, read_code
from .directory import Directory
from .lobbies import Entropy, Lobbies
from .model import Lobby, Player
from .requests import CreateLobby, JoinLobby
from .view import Ticket

TEST_CODE = "TEST"
TEST_PLAYERS = 16


@attrs.frozen
class Created:
    """A new lobby and the token that may delete it while nobody is in."""

    lobby: Lobby
    owner_token: str


@attrs.frozen
class Joined:
    """A seat, and what its holder needs: a bearer token for HTTP, a ticket for UDP."""

    lobby: Lobby
    player: Player
    player_token: str
    ticket: Ticket


class LobbyOperations:
    """Create, find, join, delete. ``server_id`` is sealed into tokens."""

    def __init__(
        self,
        lobbies: Lobbies,
        directory: Directory,
        keys: ServerKeys,
        *,
        server_id: int,
        entropy: Entropy,
    ) -> None:
        self._lobbies = lobbies
        self._directory = directory
        self._keys = keys
        self._sealer = TokenSealer(keys)
        self._bearers = Bearers(keys.bearer_key)
        self._server_id = server_id
        self._entropy = entropy

    async def open_test_lobby(self, now: float) -> None:
        """Make the permanent lobby TEST with its dummy player."""
        lobby_id = self._keys.test_lobby_id
        if await self._directory.claim(TEST_CODE, lobby_id):
            lobby = self._lobbies.create(
                lobby_id, TEST_CODE, "Test lobby", TEST_PLAYERS, now, permanent=True
            )
            self._lobbies.add_dummy(lobby, "Dummy", Circle())

    async def create(self, request: CreateLobby, now: float) -> Created:
        """Make a lobby; raises Refused code_taken or too_many_lobbies."""
        self._lobbies.check_room()
        lobby_id = self._lobbies.new_id()
        code = await self._claim(request.code, lobby_id)
        lobby = self._lobbies.create(lobby_id, code, request.name, request.max_players, now)
        return Created(lobby, self._bearers.issue(Role.OWNER, lobby_id, 0, now))

    async def find(self, code: str) -> Lobby:
        """The lobby of a code as typed; raises Refused lobby_not_found."""
        return self._lobbies.find(read_code(code))

    async def join(self, code: str, request: JoinLobby, now: float, udp: tuple[str, int]) -> Joined:
        """Take a seat; ``udp`` is the host and port that the ticket names."""
        lobby = await self.find(code)
        player = self._lobbies.join(lobby, request.name, now)
        if player.seat is None:
            raise TypeError("a member has a seat")
        session_id = player.seat.session_id
        bearer = self._bearers.issue(Role.PLAYER, lobby.lobby_id, session_id, now)
        return Joined(lobby, player, bearer, self._ticket(lobby, player, now, udp))

    async def delete(self, code: str, bearer: str | None, now: float) -> None:
        """End a lobby; who may, depends on who is in (docs/http.md)."""
        lobby = await self.find(code)
        if lobby.permanent:
            raise Refused("lobby_permanent")
        role = self._role(lobby, bearer, now)
        if lobby.member_count:
            if role != "host":
                raise Refused("lobby_not_empty")
        elif role is None and not _deletable(lobby, now):
            raise Refused(
                "token_required",
                f"A lobby that was empty for less than {rules.DELETABLE_AFTER:g} s is deleted "
                "with its owner_token.",
            )
        self._lobbies.close(lobby, LeftReason.CLOSED)
        await self.release_removed()

    async def release_removed(self) -> None:
        """Give back the codes of lobbies that ended."""
        for lobby in self._lobbies.take_removed():
            await self._directory.release(lobby.code, lobby.lobby_id)

    async def _claim(self, wanted: str | None, lobby_id: int) -> str:
        if wanted is not None:
            if not await self._directory.claim(wanted, lobby_id):
                raise Refused("code_taken", f"{wanted} is in use.")
            return wanted
        while True:
            code = draw_code(self._entropy)
            if code not in RESERVED and await self._directory.claim(code, lobby_id):
                return code

    def _role(self, lobby: Lobby, text: str | None, now: float) -> str | None:
        """ "owner", "host" or "member"; None without a token; raises token_invalid."""
        if text is None:
            return None
        bearer = self._bearers.verify(text, now)
        if bearer is None or bearer.lobby_id != lobby.lobby_id:
            raise Refused("token_invalid")
        if bearer.role is Role.OWNER:
            return "owner"
        player = lobby.by_session(bearer.session_id)
        if player is None:
            raise Refused("token_invalid", "This player is no longer in the lobby.")
        return "host" if player.player_id == lobby.host_player_id else "member"

    def _ticket(self, lobby: Lobby, player: Player, now: float, udp: tuple[str, int]) -> Ticket:
        seat = player.seat
        if seat is None:
            raise TypeError("a dummy needs no ticket")
        expires = now + rules.JOIN_HOLD
        claims = Claims(
            protocol_id=lobby.protocol_id,
            conn_id=seat.conn_id,
            session_id=seat.session_id,
            lobby_id=lobby.lobby_id,
            player_id=player.player_id,
            slot=player.slot,
            role=0,
            issued=int(now),
            expires=math.ceil(expires),
            server_id=self._server_id,
            session_key=seat.session_key,
            resume_gen=0,
            x=0,
            y=0,
            z=0,
            last_tick=0,
            name=player.name,
        )
        return Ticket(
            token=self._sealer.seal(claims, self._entropy(12)),
            session_key=seat.session_key,
            reset_key=self._keys.reset_key(seat.conn_id),
            conn_id=seat.conn_id,
            protocol_id=lobby.protocol_id,
            udp_host=udp[0],
            udp_port=udp[1],
            expires_at=expires,
        )


def _deletable(lobby: Lobby, now: float) -> bool:
    return lobby.empty_since is not None and now - lobby.empty_since > rules.DELETABLE_AFTER
