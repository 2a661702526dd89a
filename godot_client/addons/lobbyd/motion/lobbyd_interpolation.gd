class_name LobbydInterpolation
extends RefCounted
## How far behind the server timeline other players are drawn.

## Current delay, us.
var delay_usec: int = 100_000
