class_name LobbydDoctorSentences
extends RefCounted
## The English sentences of the doctor, which [LobbydDoctorWords] fills and translates.

## Names of the steps.
const STEP_WORDS: Dictionary[LobbydFinding.Step, String] = {
	LobbydFinding.Step.ADDRESS: "Address",
	LobbydFinding.Step.NAME: "Name",
	LobbydFinding.Step.TCP: "Connection",
	LobbydFinding.Step.TLS: "Encryption",
	LobbydFinding.Step.HTTP: "HTTP",
	LobbydFinding.Step.LOBBYD: "Server",
	LobbydFinding.Step.VERSION: "Version",
	LobbydFinding.Step.CLOCK: "Clock",
	LobbydFinding.Step.UDP: "UDP",
	LobbydFinding.Step.ROOM: "Room",
}

## States, for who does not see the icons.
const STATE_WORDS: Dictionary[LobbydFinding.State, String] = {
	LobbydFinding.State.WAITING: "waiting",
	LobbydFinding.State.RUNNING: "running",
	LobbydFinding.State.GOOD: "good",
	LobbydFinding.State.NOTE: "worth knowing",
	LobbydFinding.State.BAD: "fault",
	LobbydFinding.State.SKIPPED: "skipped",
}

## What a step found, by step and word.
const FINDING_WORDS: Dictionary[String, String] = {
	"ADDRESS good": "{url} is an address.",
	"ADDRESS no_url": "'{url}' is no address. It looks like http://host:port.",
	"NAME good": "{host} leads to {addresses}.",
	"NAME unknown": "Nobody knows the name {host}.",
	"NAME is_address": "{host} is an IP address already.",
	"TCP good": "{host} takes connections at port {port}.",
	"TCP refused": "{host} is there, but nothing listens at port {port}.",
	"TCP silent": "{host} does not answer at port {port}.",
	"TLS good": "The connection is encrypted, and the certificate is trusted.",
	"TLS plain":
	"The address begins with http: nothing is encrypted. Good at home, not on the internet.",
	"TLS untrusted": "The certificate of {host} is not trusted, or is for another name.",
	"TLS speaks_http": "The server does not encrypt: it speaks http, and the address says https.",
	"HTTP good": "HTTP answered within {ms} ms.",
	"HTTP silent": "The connection stands, but no answer came.",
	"HTTP hung_up": "The connection was closed without an answer.",
	"HTTP proxy": "A proxy answers ({status}), but the server behind it does not.",
	"HTTP speaks_https": "The server encrypts: it speaks https, and the address says http.",
	"HTTP waits": "The server takes no more connections from this address for now.",
	"HTTP connections": "The server holds as many connections as it may.",
	"LOBBYD good": "It is lobbyd {version}.",
	"LOBBYD other": "Something answers ({status}), but it is no lobbyd server.",
	"LOBBYD moved": "It is no lobbyd server: {detail}.",
	"VERSION good": "Server and game both speak version {addon} of the protocol.",
	"VERSION server_newer":
	"The server speaks version {server} of the protocol, the game only {addon}.",
	"VERSION server_older":
	"The server speaks only version {server} of the protocol, the game {addon}.",
	"CLOCK good": "The clocks of server and game agree within {seconds} s.",
	"CLOCK ahead": "This clock is {minutes} minutes ahead of the server's.",
	"CLOCK behind": "This clock is {minutes} minutes behind the server's.",
	"UDP good": "{udp_host}:{udp_port} answered datagrams of 1200 bytes within {ms} ms.",
	"UDP silent": "No answer came from {udp_host}:{udp_port} over UDP.",
	"UDP refused": "{udp_host} says that nothing takes UDP at port {udp_port}.",
	"UDP elsewhere":
	"The server tells players {udp_host}:{udp_port}, which does not answer; {host}:{udp_port} does.",
	"UDP unknown": "The server tells players {udp_host} for UDP, a name that nobody knows.",
	"UDP cut": "Short datagrams get to {udp_host}:{udp_port}, those of 1200 bytes do not.",
	"UDP other_version": "What answers at {udp_host}:{udp_port} speaks another version.",
	"UDP browser": "A browser has no UDP.",
	"ROOM good": "There is room for another lobby and player.",
	"ROOM lobbies": "The server has no room for another lobby: {detail}",
	"ROOM players": "The server has no room for another player: {detail}",
	"ROOM connections": "The server holds as many connections as it may.",
	"ROOM waits": "The server asks this address to wait {seconds} s.",
	"ROOM storage": "The server cannot write to its disk.",
	"ROOM trouble": "The server would not make a lobby ({code}): {detail}",
}

## The verdict in one sentence.
const VERDICT_WORDS: Dictionary[LobbydDiagnosis.Verdict, String] = {
	LobbydDiagnosis.Verdict.UNFINISHED: "The test is not finished.",
	LobbydDiagnosis.Verdict.GOOD: "Everything works.",
	LobbydDiagnosis.Verdict.BAD_ADDRESS: "The server address is not right.",
	LobbydDiagnosis.Verdict.NAME_NOT_FOUND: "The server's name was not found.",
	LobbydDiagnosis.Verdict.HTTP_UNREACHABLE: "The server cannot be reached.",
	LobbydDiagnosis.Verdict.TLS_FAILED: "The connection cannot be encrypted.",
	LobbydDiagnosis.Verdict.NOT_LOBBYD: "There is no lobbyd server at this address.",
	LobbydDiagnosis.Verdict.VERSION_MISMATCH: "Game and server have different versions.",
	LobbydDiagnosis.Verdict.UDP_BLOCKED: "UDP is blocked.",
	LobbydDiagnosis.Verdict.WRONG_ADVERTISED_HOST: "The server tells players a wrong address.",
	LobbydDiagnosis.Verdict.DATAGRAMS_CUT: "The network loses long datagrams.",
	LobbydDiagnosis.Verdict.NO_UDP: "Games in a browser cannot connect yet.",
	LobbydDiagnosis.Verdict.SERVER_FULL: "The server is full.",
	LobbydDiagnosis.Verdict.RATE_LIMITED: "The server asks you to wait.",
	LobbydDiagnosis.Verdict.SERVER_TROUBLE: "The server has a problem of its own.",
}

## What a player can do.
const PLAYER_WORDS: Dictionary[LobbydDiagnosis.Verdict, String] = {
	LobbydDiagnosis.Verdict.UNFINISHED: "Run the test again.",
	LobbydDiagnosis.Verdict.GOOD: "Have fun.",
	LobbydDiagnosis.Verdict.BAD_ADDRESS:
	"Correct the server address in the settings: it looks like https://play.example.org.",
	LobbydDiagnosis.Verdict.NAME_NOT_FOUND:
	"Check how {host} is spelled, and whether you are on the internet.",
	LobbydDiagnosis.Verdict.HTTP_UNREACHABLE:
	"Check address and port in the settings, and ask whoever runs the server whether it is up.",
	LobbydDiagnosis.Verdict.TLS_FAILED:
	"Check that this computer's date is right and the address begins as the server's does.",
	LobbydDiagnosis.Verdict.NOT_LOBBYD: "Check address and port in the settings.",
	LobbydDiagnosis.Verdict.VERSION_MISMATCH: "Tell whoever runs the server.",
	LobbydDiagnosis.Verdict.UDP_BLOCKED:
	"Try another network (a phone's hotspot, say): firewalls of schools and offices often block UDP.",
	LobbydDiagnosis.Verdict.WRONG_ADVERTISED_HOST:
	"You cannot mend this: send the report to whoever runs the server.",
	LobbydDiagnosis.Verdict.DATAGRAMS_CUT: "Turn the VPN off, or try another network.",
	LobbydDiagnosis.Verdict.NO_UDP: "Play the version for your computer instead.",
	LobbydDiagnosis.Verdict.SERVER_FULL: "Try again later, or join somebody else's lobby.",
	LobbydDiagnosis.Verdict.RATE_LIMITED: "Try again in {seconds} s.",
	LobbydDiagnosis.Verdict.SERVER_TROUBLE:
	"Try again later, and send the report to whoever runs the server.",
}

## What whoever runs the server, or makes the game, does.
const OPERATOR_WORDS: Dictionary[LobbydDiagnosis.Verdict, String] = {
	LobbydDiagnosis.Verdict.UNFINISHED: "Nothing is known yet.",
	LobbydDiagnosis.Verdict.GOOD: "Nothing is to be done.",
	LobbydDiagnosis.Verdict.BAD_ADDRESS: "Check the server address in the project settings.",
	LobbydDiagnosis.Verdict.NAME_NOT_FOUND:
	"Give {host} a DNS record, or use the server's IP address.",
	LobbydDiagnosis.Verdict.HTTP_UNREACHABLE:
	(
		"Start the server with --http tcp:{port}, open TCP port {port} in the firewall;"
		+ ' with Docker publish it: ports: ["{port}:{port}"].'
	),
	LobbydDiagnosis.Verdict.TLS_FAILED:
	"Use a certificate for {host} that players' computers trust, with its whole chain.",
	LobbydDiagnosis.Verdict.NOT_LOBBYD:
	"Check which program has TCP port {port}, and where a proxy in front of it leads.",
	LobbydDiagnosis.Verdict.VERSION_MISMATCH:
	"Update whichever of the two is older: lobbyd on the server, or the addon in the game.",
	LobbydDiagnosis.Verdict.UDP_BLOCKED:
	(
		"Open UDP port {udp_port} in firewall and router; with Docker publish it as UDP,"
		+ ' because without /udp it is TCP only: ports: ["{udp_port}:{udp_port}/udp"].'
	),
	LobbydDiagnosis.Verdict.WRONG_ADVERTISED_HOST:
	(
		"Start the server with --advertise-host {host} instead of {udp_host},"
		+ " or without this option: then players are told the host that they use for HTTP."
	),
	LobbydDiagnosis.Verdict.DATAGRAMS_CUT:
	"Let datagrams of 1200 bytes pass: raise the MTU of the VPN or tunnel to 1280 or more.",
	LobbydDiagnosis.Verdict.NO_UDP: "Export the game for desktop or mobile.",
	LobbydDiagnosis.Verdict.SERVER_FULL: "Start the server with a higher {option}.",
	LobbydDiagnosis.Verdict.RATE_LIMITED:
	(
		"For load tests start the server with --rate-limit off; behind a proxy name it with"
		+ " --trusted-proxies, else all players count as one."
	),
	LobbydDiagnosis.Verdict.SERVER_TROUBLE:
	"Look at the server's log, and at the room on the disk of its --state-dir.",
}

## What players do where more is known than the verdict, by step and word.
const PLAYER_FINDING_WORDS: Dictionary[String, String] = {
	"VERSION server_newer": "Update the game.",
	"VERSION server_older":
	"The game is newer than the server: ask whoever runs the server to update it.",
	"TLS speaks_http": "Write http instead of https in front of the server address.",
	"HTTP speaks_https": "Write https instead of http in front of the server address.",
}

## What operators do where more is known than the verdict, by step and word.
const OPERATOR_FINDING_WORDS: Dictionary[String, String] = {
	"VERSION server_newer":
	"Update the addon in the game to that of lobbyd {version}, or run an older lobbyd.",
	"VERSION server_older": "Update lobbyd on the server, or use the addon of lobbyd {version}.",
	"TLS speaks_http":
	"Encrypt with --http ssl:{port}:privateKey=key.pem:certKey=cert.pem, or tell players http.",
	"HTTP speaks_https": "Set the project's server address to https://{host}:{port}.",
	"HTTP silent": "Look at the server's log: it took the connection and did not answer.",
	"HTTP hung_up": "Check which program has TCP port {port}: it hung up without HTTP.",
	"HTTP proxy": "Start lobbyd, and check to which port the proxy sends its requests.",
	"TCP refused":
	(
		"Start the server with --http tcp:{port}, for all addresses (no interface=127.0.0.1);"
		+ ' with Docker publish it: ports: ["{port}:{port}"].'
	),
	"HTTP connections":
	"One server takes 4096 connections at one time: find out who holds them, or run another one.",
	"ROOM connections":
	"One server takes 4096 connections at one time: find out who holds them, or run another one.",
	"UDP refused":
	(
		"Nothing has UDP port {udp_port} there: check --udp-port, --udp-interface and --advertise-port;"
		+ " with Docker publish it as UDP, because without /udp it is TCP only:"
		+ ' ports: ["{udp_port}:{udp_port}/udp"].'
	),
	"UDP unknown":
	(
		"Start the server with --advertise-host and a name that players' computers can look up,"
		+ " or without this option: then players are told the host that they use for HTTP."
	),
}

## Options of the server that make room, by word.
const OPTIONS: Dictionary[String, String] = {
	"lobbies": "--max-lobbies (--max-lobbies-per-address)",
	"players": "--max-players",
}
