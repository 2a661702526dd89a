class_name LobbydServerUrl
extends RefCounted
## Where a lobbyd server answers HTTP, taken apart for [HTTPClient].

## Whether the connection is encrypted (https).
var encrypted: bool = false
## Host name or address, an IPv6 address without its brackets.
var host: String = ""
## TCP port.
var port: int = 0
## What stands before every path, without a slash at its end.
var base_path: String = ""


## The address in [param text], null where it is no http or https URL.
static func parse(text: String) -> LobbydServerUrl:
	var url: LobbydServerUrl = LobbydServerUrl.new()
	var bare: String = text.strip_edges()
	if bare.to_lower().begins_with("https://"):
		url.encrypted = true
		bare = bare.substr(8)
	elif bare.to_lower().begins_with("http://"):
		bare = bare.substr(7)
	else:
		return null
	if bare.contains("?") or bare.contains("#") or bare.contains("@") or bare.contains(" "):
		return null
	var slash: int = bare.find("/")
	if slash >= 0:
		url.base_path = bare.substr(slash).rstrip("/")
		bare = bare.left(slash)
	return url if url._take_authority(bare) else null


## The address as a text again.
func _to_string() -> String:
	var shown: String = "[%s]" % host if host.contains(":") else host
	var scheme: String = "https" if encrypted else "http"
	return "%s://%s:%d%s" % [scheme, shown, port, base_path]


func _take_authority(authority: String) -> bool:
	port = 443 if encrypted else 80
	var rest: String = ""
	if authority.begins_with("["):
		var end: int = authority.find("]")
		if end < 0:
			return false
		host = authority.substr(1, end - 1)
		rest = authority.substr(end + 1)
		if not host.is_valid_ip_address():
			return false
	else:
		var colon: int = authority.find(":")
		host = authority if colon < 0 else authority.left(colon)
		rest = "" if colon < 0 else authority.substr(colon)
	if not rest.is_empty():
		var digits: String = rest.trim_prefix(":")
		if not rest.begins_with(":") or not digits.is_valid_int():
			return false
		port = digits.to_int()
	return not host.is_empty() and port > 0 and port < 65536
