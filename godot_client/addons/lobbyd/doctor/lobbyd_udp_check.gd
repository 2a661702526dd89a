class_name LobbydUdpCheck
extends RefCounted
## Whether UDP reaches a server where it says that it is, and if not, where it answers HTTP.
##
## A server tells players the host that they used for HTTP, or what [code]--advertise-host[/code]
## says. Both are asked at the same time, each at all of its addresses.

## Time for all of it, us.
const DEADLINE_USEC: int = 3_000_000
## After so long a refusal counts, us: an answer may still come from another address.
const REFUSED_USEC: int = 1_000_000

## What came from where the server says that it is.
var advertised: LobbydUdpProbe.Answer = LobbydUdpProbe.Answer.SILENT
## What came from the host that answers HTTP, at addresses that are not those of the former.
var elsewhere: LobbydUdpProbe.Answer = LobbydUdpProbe.Answer.SILENT
## From a HELLO to its answer, us.
var rtt_usec: int = 0

var _port: int = 0
var _known: PackedStringArray = PackedStringArray()
var _lookup: LobbydLookup = null
var _told: Array[LobbydUdpProbe] = []
var _http: Array[LobbydUdpProbe] = []
var _begin_usec: int = 0


## [param told_host] and [param port] are what the server tells, [param http_addresses] those of
## [param http_host].
func _init(
	told_host: String,
	port: int,
	http_host: String,
	http_addresses: PackedStringArray,
	now_usec: int
) -> void:
	_port = port
	_known = http_addresses
	_begin_usec = now_usec
	if told_host == http_host:
		_ask(_known)
	else:
		_lookup = LobbydLookup.new(told_host)


## Lets time pass; gives whether it came to its end.
func poll(now_usec: int) -> bool:
	if _lookup != null and _lookup.is_done():
		_ask(_lookup.take(""))
		_lookup = null
	for probe: LobbydUdpProbe in _told:
		probe.poll(now_usec)
		if probe.answer > advertised:
			advertised = probe.answer
			rtt_usec = probe.rtt_usec
	for probe: LobbydUdpProbe in _http:
		probe.poll(now_usec)
		elsewhere = maxi(elsewhere, probe.answer) as LobbydUdpProbe.Answer
	var age_usec: int = now_usec - _begin_usec
	if advertised >= LobbydUdpProbe.Answer.OTHER_VERSION or age_usec >= DEADLINE_USEC:
		return true
	return age_usec >= REFUSED_USEC and _is_hopeless()


## Ends it.
func close() -> void:
	for probe: LobbydUdpProbe in _told + _http:
		probe.close()


func _ask(told: PackedStringArray) -> void:
	if told.is_empty():
		advertised = LobbydUdpProbe.Answer.NO_ADDRESS
	for address: String in told:
		_told.append(LobbydUdpProbe.new(address, _port))
	for address: String in _known:
		if not told.has(address):
			_http.append(LobbydUdpProbe.new(address, _port))


# Whether each address said no, or there is none, and what the other host says is known.
func _is_hopeless() -> bool:
	if _lookup != null:
		return false
	for probe: LobbydUdpProbe in _told:
		if probe.answer != LobbydUdpProbe.Answer.REFUSED:
			return false
	return _http.is_empty() or elsewhere != LobbydUdpProbe.Answer.SILENT
