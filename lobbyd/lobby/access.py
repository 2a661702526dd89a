"""Who somebody is to a lobby, from a bearer token; and passwords."""

from __future__ import annotations

import hmac

import attrs

from ..errors import Refused
from ..wire.keys import ServerKeys, derive_key
from .bearer import Bearers, Role
from .model import Lobby, Player


@attrs.frozen
class Standing:
    """What a caller is to a lobby: nobody, its owner, one of its members, or the server's admin."""

    owner: bool = False
    player: Player | None = None
    host: bool = False
    admin: bool = False

    @property
    def nobody(self) -> bool:
        """Whether the caller showed no token."""
        return not self.owner and self.player is None and not self.admin

    def tests(self, player_id: int | None) -> bool:
        """Whether it may test with a player's network, None for everybody's."""
        own = self.player is not None and self.player.player_id == player_id
        return self.admin or self.host or own


class Access:
    """Issues bearer tokens, reads them, and checks passwords.

    ``admin_token`` is whose bearer may do what the server's owner may; None for nobody.
    """

    def __init__(self, keys: ServerKeys, admin_token: str | None = None) -> None:
        self._admin_key = derive_key(keys.bearer_key, b"admin token")
        self._admin = None if admin_token is None else self._digest(admin_token)
        self._bearers = Bearers(keys.bearer_key)
        self._password_key = derive_key(keys.bearer_key, b"lobby password")

    def owner_token(self, lobby: Lobby, now: float) -> str:
        """A token for who made the lobby."""
        return self._bearers.issue(Role.OWNER, lobby.lobby_id, 0, now)

    def player_token(self, lobby: Lobby, player: Player, now: float) -> str:
        """A token for a member."""
        if player.seat is None:
            raise TypeError("a dummy has no token")
        return self._bearers.issue(Role.PLAYER, lobby.lobby_id, player.seat.session_id, now)

    def standing(self, lobby: Lobby, token: str | None, now: float) -> Standing:
        """What the bearer of a token is to a lobby.

        Raises Refused token_invalid, or lobby_not_found where the lobby hides from strangers.
        """
        if token is None:
            if lobby.visibility == "private" and lobby.password is not None:
                raise Refused("lobby_not_found")
            return Standing()
        if self.is_admin(token):
            return Standing(admin=True)
        bearer = self._bearers.verify(token, now)
        if bearer is None or bearer.lobby_id != lobby.lobby_id:
            # whoever tries tokens on codes is not to learn which private ones are there
            raise Refused("lobby_not_found" if lobby.visibility == "private" else "token_invalid")
        if bearer.role is Role.OWNER:
            return Standing(owner=True)
        player = lobby.by_session(bearer.session_id)
        if player is None:
            raise Refused("token_invalid", "This player is no longer in the lobby.")
        return Standing(player=player, host=player.player_id == lobby.host_player_id)

    def member(self, lobby: Lobby, token: str | None, now: float) -> Player:
        """The member who asks; raises Refused."""
        standing = self.standing(lobby, token, now)
        if standing.player is None:
            raise Refused("token_required", "Send the player_token that join gave.")
        return standing.player

    def ruler(self, lobby: Lobby, token: str | None, now: float) -> Standing:
        """The host, or the owner while nobody is in; raises Refused."""
        standing = self.standing(lobby, token, now)
        if standing.host or (standing.owner and lobby.empty):
            return standing
        if standing.nobody:
            raise Refused("token_required")
        raise Refused("not_allowed")

    def is_admin(self, token: str | None) -> bool:
        """Whether a bearer token is the admin's; takes as long for one as for another."""
        if self._admin is None or token is None:
            return False
        return hmac.compare_digest(self._digest(token), self._admin)

    def tester(self, lobby: Lobby, token: str | None, now: float, *, members: bool) -> Standing:
        """The admin or, where ``members`` may test, one of them; raises Refused."""
        standing = self.standing(lobby, token, now)
        if standing.nobody:
            raise Refused("token_required")
        if standing.owner:
            raise Refused("not_allowed")
        if not standing.admin and not members:
            raise Refused("conditions_off")
        return standing

    def verifier(self, lobby_id: int, password: str) -> bytes | None:
        """What is kept of a password; None for none."""
        if not password:
            return None
        label = lobby_id.to_bytes(8, "little") + password.encode(errors="replace")
        return derive_key(self._password_key, label)

    def _digest(self, token: str) -> bytes:
        return derive_key(self._admin_key, token.encode(errors="replace"))

    def opens(self, lobby: Lobby, password: str) -> bool:
        """Whether a password is the lobby's; any is, where it has none."""
        if lobby.password is None:
            return True
        given = self.verifier(lobby.lobby_id, password) or b""
        return hmac.compare_digest(given, lobby.password)
