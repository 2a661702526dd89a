class_name LobbydWarnings
extends RefCounted
## What the editor says of nodes of lobbyd that lack something.

const _AUTOLOAD: String = "autoload/NetworkingManager"


## For a node that needs a client: its own, else that of the autoload.
static func of_client(client: LobbydClient) -> PackedStringArray:
	if client != null or ProjectSettings.has_setting(_AUTOLOAD):
		return []
	return [
		"There is no client: enable the plugin lobbyd, which adds NetworkingManager, or set client."
	]
