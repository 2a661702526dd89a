class_name LobbydLookup
extends RefCounted
## Looks up the addresses of a host name without stopping the game.

var _item: int = IP.RESOLVER_INVALID_ID


func _init(host: String) -> void:
	_item = IP.resolve_hostname_queue_item(host)


func _notification(what: int) -> void:
	if what == NOTIFICATION_PREDELETE and _item != IP.RESOLVER_INVALID_ID:
		IP.erase_resolve_item(_item)


## Whether the answer is there.
func is_done() -> bool:
	return (
		_item == IP.RESOLVER_INVALID_ID
		or IP.get_resolve_item_status(_item) != IP.RESOLVER_STATUS_WAITING
	)


## The addresses found, [param first] before all others unless it is empty. Ask once.
func take(first: String) -> PackedStringArray:
	var addresses: PackedStringArray = PackedStringArray()
	if not first.is_empty():
		addresses.append(first)
	if _item == IP.RESOLVER_INVALID_ID:
		return addresses
	if IP.get_resolve_item_status(_item) == IP.RESOLVER_STATUS_DONE:
		for found: Variant in IP.get_resolve_item_addresses(_item):
			var address: String = found
			if not address.is_empty() and not addresses.has(address):
				addresses.append(address)
	IP.erase_resolve_item(_item)
	_item = IP.RESOLVER_INVALID_ID
	return addresses
