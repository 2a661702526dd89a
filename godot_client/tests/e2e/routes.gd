extends RefCounted
## Which function of a client makes which call of the HTTP API.

## Function names by method and path; [code]openapi.json[/code] is held against it.
const FUNCTIONS: Dictionary[String, Array] = {
	"POST /lobbies": ["create_lobby", "host_lobby"],
	"GET /lobbies": ["list_lobbies"],
	"GET /lobbies/{code}": ["get_lobby", "refresh_lobby"],
	"POST /lobbies/{code}/join": ["join_lobby", "enter_lobby"],
	"POST /quickjoin": ["quick_join"],
	"POST /lobbies/{code}/rejoin": ["rejoin"],
	"POST /lobbies/{code}/leave": ["leave"],
	"PATCH /lobbies/{code}/players/{player_id}":
	["set_ready", "set_player_name", "set_team", "set_player_metadata"],
	"POST /lobbies/{code}/chat": ["send_chat"],
	"PATCH /lobbies/{code}": ["change_lobby", "set_locked", "set_listed"],
	"POST /lobbies/{code}/players/{player_id}/kick": ["kick"],
	"POST /lobbies/{code}/players/{player_id}/teleport": ["teleport"],
	"POST /lobbies/{code}/host": ["make_host"],
	"POST /lobbies/{code}/start": ["start_game"],
	"POST /lobbies/{code}/cancel": ["cancel_start"],
	"POST /lobbies/{code}/end": ["end_game"],
	"PUT /lobbies/{code}/conditions": ["set_conditions"],
	"GET /lobbies/{code}/conditions": ["get_conditions"],
	"DELETE /lobbies/{code}/conditions": ["clear_conditions"],
	"DELETE /lobbies/{code}/players/{player_id}/conditions": ["clear_conditions_of"],
	"DELETE /lobbies/{code}": ["delete_lobby"],
	"GET /lobbies/events": ["list_stream"],
	"GET /lobbies/{code}/events": ["lobby_stream"],
	"GET /info": ["get_info"],
}
## Routes that no game calls, and why.
const NOT_FOR_GAMES: Dictionary[String, String] = {
	"GET /healthz": "for who watches the server; get_info() tells a game more",
	"GET /openapi.json": "describes the API to tools",
}


## What is wrong between the server's routes and the table; empty where all is well.
static func differences(openapi: Dictionary) -> PackedStringArray:
	var wrong: PackedStringArray = PackedStringArray()
	var paths: Dictionary = openapi.get("paths", {})
	var seen: Dictionary[String, bool] = {}
	for path: String in paths:
		var methods: Dictionary = paths[path]
		for method: String in methods:
			if not ["get", "post", "put", "patch", "delete"].has(method):
				continue
			var route: String = "%s %s" % [method.to_upper(), path]
			seen[route] = true
			if not FUNCTIONS.has(route) and not NOT_FOR_GAMES.has(route):
				wrong.append("no function for " + route)
	for route: String in FUNCTIONS.keys() + NOT_FOR_GAMES.keys():
		if not seen.has(route):
			wrong.append("the server has no " + route)
	return wrong
