"""What the numbers of the catalogue mean, in a line each, for Godot's help."""

from __future__ import annotations

ENUMS = {
    "PacketType": {
        "HELLO": "A client asks for a connection.",
        "CHALLENGE": "The server has the client prove its address.",
        "CONNECT": "The proof, with the token of the seat.",
        "WELCOME": "The connection stands.",
        "DENIED": "There is no connection, see [enum DeniedCode].",
        "RESET": "The server does not know the connection any more.",
        "DATA": "Frames, on a connection that stands.",
    },
    "FrameType": {
        "UPDATE": "Samples of the own player.",
        "SNAPSHOT": "Where the others are.",
        "RELIABLE": "Messages that are repeated until they are acknowledged.",
        "UNRELIABLE": "A message of the game that may get lost.",
        "PING": "Asks for the time.",
        "PONG": "Tells the time.",
        "PATH_CHALLENGE": "Asks whether a new address is this client's.",
        "PATH_RESPONSE": "Says that it is.",
        "DISCONNECT": "Ends the connection.",
        "ERROR": "What a client does wrong, see [enum ErrorCode].",
        "SNAPSHOT_DELTA": "Reserved.",
        "INTEREST": "Reserved.",
    },
    "MessageKind": {
        "PLAYER_JOINED": "A player has a seat, now or already on arrival.",
        "PLAYER_LEFT": "A player is gone.",
        "CUSTOM": "A message of the game.",
        "LOBBY_STATE": "State, host and countdown of the lobby.",
        "HOST_CHANGED": "Another player is the host.",
        "RESUME": "A newer token for the same seat.",
        "TELEPORT": "A player was put elsewhere.",
        "KICKED": "The host put this player out.",
        "READY": "This player is ready, or is not.",
        "AWAY": "A player is not heard.",
        "BACK": "It is heard again.",
        "PLAYER_CHANGED": "Flags, team or metadata of a player changed.",
        "CHAT": "Somebody said something.",
        "CLOSED": "The lobby is over.",
        "DRAIN": "The server is about to end.",
        "REDIRECT": "The lobby is at another address now.",
        "EVENTS_LOST": "So many messages were lost with a server.",
    },
    "DeniedCode": {
        "VERSION": "The server does not speak this version of the wire.",
        "PROTOCOL_ID": "The lobby is another game's, or another version's.",
        "TOKEN_INVALID": "The token is forged, or of another server.",
        "TOKEN_EXPIRED": "The token is too old.",
        "LOBBY_GONE": "There is no such lobby any more.",
        "LOBBY_FULL": "The seat was given to somebody else.",
        "KICKED": "The host put this player out.",
        "RATE_LIMITED": "Too many attempts: try again later.",
        "SHUTDOWN": "The server is about to end.",
        "REPLACED": "The seat is in use over a newer connection.",
        "INTERNAL": "A mistake in the server.",
        "CONN_ID_CLASH": "Another connection has this number: ask again with another one.",
        "BANNED": "The host put this player out for good.",
    },
    "DisconnectReason": {
        "LEFT": "Somebody left.",
        "TIMEOUT": "Nothing was heard for long.",
        "KICKED": "The host put this player out.",
        "CLOSED": "The lobby is over.",
        "SHUTDOWN": "The server ends; the seat stays.",
        "REPLACED": "A newer connection took the seat.",
        "OVERFLOW": "Reliable messages were not acknowledged for too long.",
        "PROTOCOL_ERROR": "The other side does not keep to the protocol.",
        "SEQUENCE_EXHAUSTED": "2^32 datagrams were sent: connect anew.",
    },
    "ErrorCode": {
        "MALFORMED": "A frame could not be read.",
        "OVER_RATE": "Too many datagrams in a second.",
        "UNRELIABLE_LIMIT": "Messages above the lobby's limits.",
        "SAMPLE_TIME": "Samples from the future: the clock is off.",
    },
    "LeftReason": {
        "LEFT": "It left.",
        "TIMEOUT": "It was not heard for so long that its seat was given up.",
        "KICKED": "The host put it out.",
        "CLOSED": "The lobby is over.",
        "OVERFLOW": "It did not acknowledge reliable messages for too long.",
    },
    "LobbyStateCode": {
        "OPEN": "Players may join.",
        "LOCKED": "The host lets nobody in.",
        "COUNTDOWN": "A game is about to start.",
        "IN_GAME": "A game is being played.",
        "CLOSED": "The lobby is over.",
    },
    "PlayerFlags": {
        "NONE": "None of these.",
        "DUMMY": "The server moves it.",
        "HOST": "It rules the lobby.",
        "SPECTATOR": "It watches and has no place.",
        "READY": "It is ready to start.",
        "AWAY": "It is not heard; its seat is held.",
    },
    "WelcomeFlags": {
        "NONE": "None of these.",
        "RESUMED": "It is the seat of an earlier connection.",
    },
    "SnapshotFlags": {
        "NONE": "None of these.",
        "CORRECTION": "It has a correction of the own player.",
        "PARTIAL": "It is one of several datagrams of this tick.",
    },
    "CorrectionReason": {
        "SPEED": "The player was faster than the lobby allows.",
        "BOUNDS": "It was outside of the lobby's bounds.",
        "TIME": "Its samples tell of more time than has passed.",
        "TELEPORT": "It was put there on purpose.",
        "RULE": "The game's own rule on the server says so.",
    },
    "RotationMode": {
        "SMALLEST_THREE": "Three components of a quaternion.",
        "YAW_PITCH": "Two angles.",
    },
}

CONSTANTS = {
    "WIRE_VERSION": "Version of the protocol.",
    "MAGIC_VERSION": "First byte of every datagram.",
    "MAX_DATAGRAM": "Bytes of the largest datagram.",
    "HANDSHAKE_SIZE": "Bytes of HELLO and CONNECT, which are padded.",
    "TAG_SIZE": "Bytes of the tag that ends a datagram.",
    "HEADER_SIZE": "Bytes of the head of DATA.",
    "FRAME_HEADER_SIZE": "Bytes of a frame's type and length.",
    "MIN_DATA": "Bytes of the shortest DATA.",
    "MAX_TOKEN": "Most bytes of a token.",
    "MAX_MESSAGE": "Most bytes of a reliable message's body.",
    "MAX_UNRELIABLE": "Most bytes of an unreliable message.",
    "MAX_SAMPLES": "Most samples in an UPDATE.",
    "MAX_PLAYERS": "Most players and dummies in a lobby.",
    "WINDOW": "Datagrams of the replay window, and most reliable messages under way.",
    "NO_SLOT": "Slot of a spectator, who has none.",
    "TO_HOST": "Instead of a slot: to whoever is the host.",
    "TO_ALL": "Instead of a slot: to all others.",
    "ACK_DELAY_US": "Unit of ack_delay in HEADER, us.",
    "ACK_DELAY_UNKNOWN": "The ack_delay that says nothing.",
    "TICK_AGE_US": "Unit of tick_age in SNAPSHOT, us.",
    "SAMPLE_DT_US": "Unit of sample_dt in UPDATE, us.",
    "MARGIN_US": "Unit of input_margin in SNAPSHOT, us.",
    "AGE_US": "Unit of a record's age, us.",
    "AGE_STALE": "The age of a record that is too old to tell.",
    "POSITION_STEP": "Metres of a unit of positions, unless WELCOME says otherwise.",
    "POSITION_LIMIT": "Most units from the origin.",
}


def of_place(declaration: str, name: str) -> str:
    """What the offset of a field is."""
    return f"Where [code]{name}[/code] begins in {declaration}, bytes."


def of_size(declaration: str) -> str:
    """What the size of a declaration is."""
    return f"Bytes of {declaration}, without what has no fixed length."
