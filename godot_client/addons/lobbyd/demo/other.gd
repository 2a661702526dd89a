@tool
extends LobbydRemotePlayer3D
## Another player of the quick start: a capsule with a name, which a [LobbydPlayerSpawner] makes.


func _ready() -> void:
	super()
	appeared.connect(_on_appeared)


func _on_appeared() -> void:
	var label: Label3D = $Name
	label.text = get_player().name
