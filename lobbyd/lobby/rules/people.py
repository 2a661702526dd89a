"""What players tell of themselves, and to each other."""

from __future__ import annotations

from ...limits import Bucket
from ...wire.messages import ChatDown
from ..model import Lobby, Player
from ..requests import ChangePlayer
from . import life
from .changes import Change, changed, joined

CHATS_A_SECOND = 1.0
CHAT_BURST = 5.0
"""Lines of chat that a player may say at once."""


def change(lobby: Lobby, player: Player, wanted: ChangePlayer, now: float) -> list[Change]:
    """A player's new name, ready mark, team or metadata. Refuses not_a_player: nothing changes."""
    if wanted.ready is not None:
        life.check_can_be_ready(player)
    renamed = wanted.name is not None and wanted.name != player.name
    if wanted.name is not None:
        player.name = wanted.name
    before = player.team, player.metadata, player.member_metadata
    if wanted.team is not None:
        player.team = wanted.team
    if wanted.metadata is not None:
        player.metadata = wanted.metadata
    if wanted.member_metadata is not None:
        player.member_metadata = wanted.member_metadata
    described = before[1:] != (player.metadata, player.member_metadata)
    if described:
        player.meta_rev += 1
    changes: list[Change] = []
    if renamed and player.announced:
        # there is no message for a name alone: a member is simply told again
        changes.append(joined(lobby, player))
    if described or (before[0] != player.team and not renamed):
        changes += changed(lobby, player)
    if wanted.ready is not None:
        changes += life.set_ready(lobby, player, wanted.ready, now)
    return changes


def may_say(player: Player, now: float) -> bool:
    """Whether a line of chat is within the player's limits, wherever it comes from."""
    if player.seat is None:
        return True
    if player.seat.chat is None:
        player.seat.chat = Bucket(CHATS_A_SECOND, CHAT_BURST)
    return player.seat.chat.take(now)


def say(player: Player, text: str) -> list[Change]:
    """A line of chat."""
    return [ChatDown(0, player.player_id, text)]
