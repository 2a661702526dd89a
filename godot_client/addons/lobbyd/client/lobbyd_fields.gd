class_name LobbydFields
extends RefCounted
## Reads fields of a JSON object that may be absent or of another type.

const _DEPTH: int = 16


## A text; empty where there is none.
static func text(data: Dictionary, key: String) -> String:
	var value: Variant = data.get(key)
	if value is String:
		var found: String = value
		return found
	return ""


## A whole number; [param otherwise] where there is none. JSON numbers arrive as floats.
static func whole(data: Dictionary, key: String, otherwise: int) -> int:
	var value: Variant = data.get(key)
	if value is float or value is int:
		var found: float = value
		return int(found)
	return otherwise


## A number; 0 where there is none.
static func number(data: Dictionary, key: String) -> float:
	var value: Variant = data.get(key)
	if value is float or value is int:
		var found: float = value
		return found
	return 0.0


## Whether a field is true.
static func flag(data: Dictionary, key: String) -> bool:
	var value: Variant = data.get(key)
	return value is bool and value == true


## The texts of a list; empty where there is none.
static func texts(data: Dictionary, key: String) -> PackedStringArray:
	var found: PackedStringArray = PackedStringArray()
	var value: Variant = data.get(key)
	if value is Array:
		for entry: Variant in value:
			if entry is String:
				var one: String = entry
				found.append(one)
	return found


## An object; empty where there is none.
static func object(data: Dictionary, key: String) -> Dictionary:
	var value: Variant = data.get(key)
	if value is Dictionary:
		var found: Dictionary = value
		return found
	return {}


## The object in a JSON text; null where it is none. A zero character, which the engine complains of
## and cannot hold, becomes a space: players write texts.
static func of_json(json_text: String) -> Variant:
	var clean: String = json_text
	if clean.contains("\\u0000"):
		# another way to write a backslash, so that none is left that belongs to another one
		clean = clean.replace("\\\\", "\\u005c").replace("\\u0000", " ")
	var json: JSON = JSON.new()
	if json.parse(clean) != OK or json.data is not Dictionary:
		return null
	return with_ints(json.data)


## The value with whole numbers as int: JSON has only floats, and an id of 2.0 finds no key 2. What
## lies deeper than any answer of a server is null.
static func with_ints(value: Variant, depth: int = 0) -> Variant:
	if depth > _DEPTH:
		return null
	if value is float:
		var real: float = value
		if real == floorf(real) and absf(real) < 9e15:
			return int(real)
	if value is Array:
		var items: Array = []
		for item: Variant in value:
			items.append(with_ints(item, depth + 1))
		return items
	if value is Dictionary:
		var fields: Dictionary = value
		var converted: Dictionary = {}
		for key: Variant in fields:
			converted[key] = with_ints(fields[key], depth + 1)
		return converted
	return value
