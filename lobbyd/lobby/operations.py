"""What everybody can ask: make, find, join, leave, come back, delete.

The only place where the awaitable directory and the synchronous core meet.
"""

from __future__ import annotations

import attrs

from ..dummy import Circle
from ..errors import Refused, invalid
from ..wire.catalogue import LeftReason
from ..wire.keys import ServerKeys, protocol_id
from .access import Access
from .codes import PRIVATE_LENGTH, PUBLIC_LENGTH, draw_code, is_fit, read_code
from .directory import Directory
from .fields import MetadataField
from .index import Breathe, has_metadata, no_pause, text_of
from .lobbies import Entropy, Lobbies
from .model import Identity, Lobby, Player
from .requests import CreateLobby, JoinLobby, QuickJoin
from .rules import life, terms
from .settings import USUAL_SETTINGS, LobbySettings
from .store import Keeper, Store
from .tickets import Tickets
from .view import Ticket

TEST_CODE = "TEST"
TEST_PLAYERS = 16


@attrs.frozen
class Caller:
    """Who asks: identity, bearer token, and the UDP host and port to put into tickets."""

    identity: Identity = attrs.Factory(Identity)
    token: str | None = attrs.field(default=None, repr=False)
    udp: tuple[str, int] = ("", 0)


@attrs.frozen
class Joined:
    """A seat, and what its holder needs: a bearer token for HTTP, a ticket for UDP."""

    lobby: Lobby
    player: Player
    player_token: str = attrs.field(repr=False)
    ticket: Ticket


@attrs.frozen
class Created:
    """A new lobby, the token that rules it while nobody is in, and the seat if one was asked."""

    lobby: Lobby
    owner_token: str = attrs.field(repr=False)
    joined: Joined | None = None


class LobbyOperations:
    """The lobbies as callers see them."""

    def __init__(
        self,
        lobbies: Lobbies,
        directory: Directory,
        keys: ServerKeys,
        *,
        server_id: int,
        entropy: Entropy,
        store: Store | None = None,
        admin_token: str | None = None,
    ) -> None:
        self.lobbies = lobbies
        self.access = Access(keys, admin_token)
        self.keeper = Keeper(lobbies, store)
        self._directory = directory
        self._keys = keys
        self._tickets = Tickets(keys, server_id=server_id, entropy=entropy)
        self._entropy = entropy

    async def restore(self, now: float, *, test_lobby: bool = True) -> tuple[int, int]:
        """Go on with the store's lobbies; (how many there are, how many records were no good)."""
        permanent = self._keys.test_lobby_id if test_lobby else None
        return await self.keeper.load(self._directory, now, permanent=permanent)

    async def open_test_lobby(self, now: float) -> None:
        """Make the permanent lobby TEST with its dummy player, if it is not there yet."""
        lobby_id = self._keys.test_lobby_id
        if lobby_id in self.lobbies.by_id:
            return
        if await self._directory.claim(TEST_CODE, lobby_id):
            wanted = CreateLobby(name="Test lobby", max_players=TEST_PLAYERS)
            lobby = self._new(lobby_id, TEST_CODE, wanted, now)
            lobby.permanent = True
            self.lobbies.add(lobby, now)
            self.lobbies.add_dummy(lobby, "Dummy", Circle(), now)

    async def create(self, wanted: CreateLobby, caller: Caller, now: float) -> Created:
        """Make a lobby, and join it if a player comes with it.

        Raises Refused code_taken, too_many_lobbies, invalid_request.
        """
        self.lobbies.check_room(caller.identity.address)
        if wanted.code is not None and wanted.visibility == "private":
            raise Refused("invalid_request", "code: a private lobby's code is drawn, as its key")
        if len(terms.reservations(wanted.reserved)) > wanted.max_players:
            raise invalid("reserved", f"at most max_players names, which is {wanted.max_players}")
        lobby_id = self.lobbies.new_id()
        code = await self._claim(wanted.code, wanted.visibility, lobby_id)
        await self._check_room_again(code, lobby_id, caller)
        lobby = self._new(lobby_id, code, wanted, now, caller.identity.address)
        self.lobbies.add(lobby, now)
        joined = None
        try:
            if wanted.player is not None:
                joined = self._join(lobby, wanted.player, caller, now)
            await self.keeper.saved(lobby)
        except Refused:
            # all places reserved for others, or no room on the disk: nothing is left of it
            self.lobbies.close(lobby, LeftReason.CLOSED, now)
            await self.release_removed()
            raise
        return Created(lobby, self.access.owner_token(lobby, now), joined)

    async def find(self, code: str) -> Lobby:
        """The lobby of a code as typed; raises Refused lobby_not_found."""
        return self.lobbies.find(read_code(code))

    async def look(self, code: str, caller: Caller, now: float) -> tuple[Lobby, Player | None]:
        """A lobby for a caller, and the member it is; a private one with a password hides."""
        lobby = await self.find(code)
        return lobby, self.access.standing(lobby, caller.token, now).player

    async def join(self, code: str, wanted: JoinLobby, caller: Caller, now: float) -> Joined:
        """Take a seat. Raises Refused lobby_not_found, wrong_password, and what the rules say."""
        lobby = await self.find(code)
        by_name = not wanted.spectator and wanted.name.casefold() in lobby.reserved
        if not by_name and not self.access.opens(lobby, wanted.password):
            # of a private lobby nobody is to learn that it exists
            private = lobby.visibility == "private"
            raise Refused("lobby_not_found" if private else "wrong_password")
        return await self._keep_seat(self._join(lobby, wanted, caller, now), now)

    async def rejoin(self, code: str, caller: Caller, now: float) -> Joined:
        """A new ticket for the seat that the caller's token is for, while it is held."""
        lobby = await self.find(code)
        player = self.access.member(lobby, caller.token, now)
        return self._joined(lobby, player, caller, now)

    async def quick_join(
        self, wanted: QuickJoin, caller: Caller, now: float, breathe: Breathe = no_pause
    ) -> Joined:
        """A seat in the fullest lobby that fits, or in a new one.

        ``breathe`` is awaited between slices of a long search.
        """
        fresh = CreateLobby(game=wanted.game, version=wanted.version, **wanted.create)
        metadata = {**fresh.metadata, **wanted.metadata}
        # together they could be more than a lobby may have
        fresh = attrs.evolve(fresh, metadata=MetadataField().read("create.metadata", metadata))
        self.lobbies.check_seats()
        found = await self._quick(wanted, caller, now, breathe)
        if found is not None:
            return await self._keep_seat(found, now)
        self.lobbies.check_room(caller.identity.address)
        lobby_id = self.lobbies.new_id()
        code = await self._claim(None, "public", lobby_id)
        # while the code was claimed somebody else may have made one
        found = await self._quick(wanted, caller, now, breathe)
        if found is not None:
            await self._directory.release(code, lobby_id)
            return await self._keep_seat(found, now)
        await self._check_room_again(code, lobby_id, caller)
        lobby = self._new(lobby_id, code, fresh, now, caller.identity.address)
        self.lobbies.add(lobby, now)
        return await self._keep_seat(self._join(lobby, wanted.player, caller, now), now)

    async def leave(self, code: str, caller: Caller, now: float) -> None:
        """Give up the caller's seat."""
        lobby = await self.find(code)
        player = self.access.member(lobby, caller.token, now)
        self.lobbies.leave(lobby, player, LeftReason.LEFT, now)
        await self.release_removed()
        await self.keeper.saved(lobby)

    async def delete(self, code: str, caller: Caller, now: float) -> None:
        """End a lobby; who may, depends on who is in (docs/http.md)."""
        lobby = await self.find(code)
        if lobby.permanent:
            raise Refused("lobby_permanent")
        standing = self.access.standing(lobby, caller.token, now)
        if not lobby.empty:
            if not standing.host:
                raise Refused("lobby_not_empty")
        elif standing.nobody and not _deletable(lobby, now):
            raise Refused(
                "token_required",
                f"A lobby that was empty for less than {life.DELETABLE_AFTER:g} s is deleted "
                "with its owner_token.",
            )
        self.lobbies.close(lobby, LeftReason.CLOSED, now)
        await self.release_removed()
        await self.keeper.saved(lobby)

    async def release_removed(self) -> None:
        """Give back the codes of lobbies that ended."""
        for lobby in self.lobbies.take_removed():
            await self._directory.release(lobby.code, lobby.lobby_id)

    def _new(
        self, lobby_id: int, code: str, wanted: CreateLobby, now: float, maker: bytes = b""
    ) -> Lobby:
        return Lobby(
            lobby_id,
            code,
            wanted.name or code,
            game=wanted.game,
            version=wanted.version,
            protocol_id=protocol_id(wanted.game, wanted.version),
            max_players=wanted.max_players,
            created_at=now,
            empty_since=now,
            visibility=wanted.visibility,
            password=self.access.verifier(lobby_id, wanted.password),
            metadata=wanted.metadata,
            member_metadata=wanted.member_metadata,
            settings=LobbySettings(**wanted.settings) if wanted.settings else USUAL_SETTINGS,
            reserved=terms.reservations(wanted.reserved),
            maker=maker,
        )

    def _join(self, lobby: Lobby, wanted: JoinLobby, caller: Caller, now: float) -> Joined:
        player = self.lobbies.join(
            lobby, wanted.name, caller.identity, now, spectator=wanted.spectator
        )
        player.team = wanted.team
        player.metadata, player.member_metadata = wanted.metadata, wanted.member_metadata
        return self._joined(lobby, player, caller, now)

    async def _keep_seat(self, joined: Joined, now: float) -> Joined:
        """A seat that was given, as soon as a crash cannot take it back; else it is given up."""
        try:
            await self.keeper.saved(joined.lobby)
        except Refused:
            if joined.player.player_id in joined.lobby.players:
                self.lobbies.leave(joined.lobby, joined.player, LeftReason.LEFT, now)
            raise
        return joined

    def _joined(self, lobby: Lobby, player: Player, caller: Caller, now: float) -> Joined:
        ticket = self._tickets.make(lobby, player, now, caller.udp)
        return Joined(lobby, player, self.access.player_token(lobby, player, now), ticket)

    async def _quick(
        self, wanted: QuickJoin, caller: Caller, now: float, breathe: Breathe
    ) -> Joined | None:
        texts = {key: text_of(value) for key, value in wanted.metadata.items()}
        async for lobby in self.lobbies.index.fullest(wanted.game, wanted.version, breathe):
            banned = any(ban.covers(caller.identity, now) for ban in lobby.bans)
            if not banned and has_metadata(lobby.metadata, texts):
                return self._join(lobby, wanted.player, caller, now)
        return None

    async def _check_room_again(self, code: str, lobby_id: int, caller: Caller) -> None:
        """Refuse where others took the room while the code was claimed; gives the code back."""
        try:
            self.lobbies.check_room(caller.identity.address)
        except Refused:
            await self._directory.release(code, lobby_id)
            raise

    async def _claim(self, wanted: str | None, visibility: str, lobby_id: int) -> str:
        if wanted is not None:
            if not await self._directory.claim(wanted, lobby_id):
                raise Refused("code_taken", f"{wanted} is in use.")
            return wanted
        length = PRIVATE_LENGTH if visibility == "private" else PUBLIC_LENGTH
        while True:
            code = draw_code(self._entropy, length)
            if is_fit(code) and await self._directory.claim(code, lobby_id):
                return code


def _deletable(lobby: Lobby, now: float) -> bool:
    return lobby.empty_since is not None and now - lobby.empty_since > life.DELETABLE_AFTER
