class_name LobbydServerClock
extends RefCounted
## The server's timeline as seen from here.

## Smoothed round trip time, us; 0 before the first sample.
var rtt_usec: int = 0
## Mean deviation between arrivals, us.
var jitter_usec: int = 0


## The server timeline at a local moment, us, without wrap-around.
func server_usec(now_usec: int) -> int:
	return now_usec
