class_name LobbydPlainText
extends RefCounted
## Text of strangers made safe to draw: one short line that cannot turn or hide what is around it.

## Letters that are drawn at most; a server that keeps to its own limits gives fewer.
const MOST_LETTERS: int = 64

# pairs of first and last: controls, format and direction marks, odd spaces, tags, private use;
# a server refuses them in names, another program in its place may not
const _UNSEEN: PackedInt32Array = [
	0x0000,
	0x001F,
	0x007F,
	0x00A0,
	0x00AD,
	0x00AD,
	0x061C,
	0x061C,
	0x115F,
	0x1160,
	0x1680,
	0x1680,
	0x180E,
	0x180E,
	0x2000,
	0x200F,
	0x2028,
	0x202F,
	0x205F,
	0x206F,
	0x3000,
	0x3000,
	0x3164,
	0x3164,
	0xD800,
	0xF8FF,
	0xFEFF,
	0xFEFF,
	0xFFF0,
	0xFFFB,
	0xE0000,
	0x10FFFF,
]


## One line without anything that is not seen, shortened with an ellipsis.
static func line(text: String, most: int = MOST_LETTERS) -> String:
	var shown: String = ""
	# a hostile text may have millions of letters; those that are passed over count, too
	for i: int in mini(text.length(), most * 4):
		var letter: int = text.unicode_at(i)
		if not is_unseen(letter):
			shown += String.chr(letter)
		elif _is_gap(letter) and not shown.ends_with(" "):
			shown += " "
	shown = shown.strip_edges()
	if shown.length() > most or text.length() > most * 4:
		return shown.left(most - 1) + "…"
	return shown


## Whether a character has no picture of its own: controls, joiners, direction marks, odd spaces.
static func is_unseen(letter: int) -> bool:
	for i: int in range(0, _UNSEEN.size(), 2):
		if letter <= _UNSEEN[i + 1]:
			return letter >= _UNSEEN[i]
	return letter > _UNSEEN[-1]


static func _is_gap(letter: int) -> bool:
	return letter <= 0x00A0 or (letter >= 0x2000 and letter <= 0x200A) or letter >= 0x2028
