class_name LobbydNames
extends RefCounted
## Names of the wire's numbers, in lower case as everywhere outside of it.


## Name of a [enum LobbydWire.DeniedCode].
static func denied_code(code: int) -> String:
	return _name(LobbydWire.DeniedCode.keys(), LobbydWire.DeniedCode.values(), code)


## Name of a [enum LobbydWire.DisconnectReason].
static func disconnect_reason(reason: int) -> String:
	return _name(LobbydWire.DisconnectReason.keys(), LobbydWire.DisconnectReason.values(), reason)


## Name of a [enum LobbydWire.LobbyStateCode].
static func lobby_state(code: int) -> String:
	return _name(LobbydWire.LobbyStateCode.keys(), LobbydWire.LobbyStateCode.values(), code)


## Name of a [enum LobbydWire.LeftReason].
static func left_reason(code: int) -> String:
	return _name(LobbydWire.LeftReason.keys(), LobbydWire.LeftReason.values(), code)


static func _name(names: Array, numbers: Array, number: int) -> String:
	var at: int = numbers.find(number)
	if at < 0:
		return "code_%d" % number
	var name: String = names[at]
	return name.to_lower()
