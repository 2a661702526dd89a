class_name LobbydFinding
extends RefCounted
## What one step of [LobbydDoctor] found.

## The steps, in their order.
enum Step {
	## The address can be read.
	ADDRESS,
	## The host's name leads to IP addresses.
	NAME,
	## The host takes TCP connections at the port.
	TCP,
	## The connection can be encrypted, and the certificate is trusted (https).
	TLS,
	## HTTP is answered.
	HTTP,
	## Who answers is lobbyd.
	LOBBYD,
	## Server and addon speak the same version of the UDP protocol.
	VERSION,
	## The clocks of both are alike.
	CLOCK,
	## UDP datagrams reach the server, and its answers come back.
	UDP,
	## There is room for one more lobby and player.
	ROOM,
}

## How far a step is.
enum State {
	## Not begun.
	WAITING,
	## Under way.
	RUNNING,
	## As it should be.
	GOOD,
	## Not a fault, but worth knowing.
	NOTE,
	## This is why it does not work.
	BAD,
	## Not tried: it makes no sense here, or something before it failed.
	SKIPPED,
}

## Which step.
var step: Step = Step.ADDRESS
## How far it is.
var state: State = State.WAITING
## What was found, as a word for programs ("refused", "silent", ...); empty before.
var word: String = ""
## What stands in the sentence, by name: "host", "port", "ms", ...
var values: Dictionary[String, String] = {}


## The step's name for people.
func title() -> String:
	return LobbydDoctorWords.of_step(step)


## What was found, in one sentence; empty before the step's end.
func text() -> String:
	return LobbydDoctorWords.of_finding(self)


## Whether the step came to its end, or never will.
func is_over() -> bool:
	return state != State.WAITING and state != State.RUNNING
