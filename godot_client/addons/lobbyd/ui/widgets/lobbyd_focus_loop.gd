class_name LobbydFocusLoop
extends RefCounted
## Keeps the focus of keyboard and gamepad in a dialog that is a part of a screen.
##
## The engine looks for the next control all over the window, also behind the dialog.


## Makes what can have the focus below [param root] now a loop: Tab, down and right lead on, the
## others back. To be called again when other controls are shown.
static func close(root: Control) -> void:
	var stops: Array[Control] = []
	_collect(root, stops)
	for i: int in stops.size():
		var next: NodePath = stops[i].get_path_to(stops[(i + 1) % stops.size()])
		var before: NodePath = stops[i].get_path_to(stops[i - 1])
		stops[i].focus_next = next
		stops[i].focus_neighbor_bottom = next
		stops[i].focus_neighbor_right = next
		stops[i].focus_previous = before
		stops[i].focus_neighbor_top = before
		stops[i].focus_neighbor_left = before


static func _collect(node: Node, stops: Array[Control]) -> void:
	var control: Control = node as Control
	if control != null:
		if not control.visible:
			return
		if control.focus_mode == Control.FOCUS_ALL:
			stops.append(control)
	# a number field's text is a part of it that is not in the scene
	for child: Node in node.get_children(true):
		_collect(child, stops)
