class_name LobbydListWindow
extends RefCounted
## Which rows of a long list are in view, when all are equally high.

## Height of one row with the gap below it, in pixels.
var row_height: float = 1.0
## Height of the part that is in view, in pixels.
var view_height: float = 0.0
## How many rows there are.
var count: int = 0
## How far down the list is scrolled, in pixels.
var scroll: float = 0.0


## Height of all rows, in pixels.
func full_height() -> float:
	return row_height * count


## The furthest that can be scrolled, in pixels.
func most_scroll() -> float:
	return maxf(0.0, full_height() - view_height)


## The first row of which something is in view.
func first() -> int:
	return clampi(floori(scroll / row_height), 0, maxi(0, count - 1))


## One beyond the last row of which something is in view.
func end() -> int:
	return clampi(ceili((scroll + view_height) / row_height), 0, count)


## Rows that fit wholly, at least one: a page.
func page() -> int:
	return maxi(1, floori(view_height / row_height))


## The row at a height in the list; -1 beside them.
func row_at(height: float) -> int:
	var row: int = floori(height / row_height)
	return row if height >= 0.0 and row < count else -1


## Whether any part of a row is in view.
func shows(row: int) -> bool:
	return row >= first() and row < end()


## The scroll with which a row is wholly in view, and as near to the present one as can be.
func scroll_to(row: int) -> float:
	var top: float = row * row_height
	return clampf(scroll, maxf(0.0, top + row_height - view_height), top)


## The scroll with which a row that has moved stands where it stood.
func scroll_along(row_before: int, row_now: int) -> float:
	return clampf(scroll + (row_now - row_before) * row_height, 0.0, most_scroll())
