class_name LobbydMotionTotals
extends RefCounted
## How smoothly the players of a session were drawn, for graphs and tests.

## Poses drawn, one for each player and frame.
var drawn: int = 0
## Poses beyond the newest sample of a player who was moving: data came too late.
var underruns: int = 0
## Poses that stepped faster than a player can move, teleports not counted.
var pops: int = 0
## Times a moving player stood still for more than 50 ms because nothing came.
var freezes: int = 0
## Times new data contradicted what was drawn by more than 1 cm.
var corrections: int = 0
