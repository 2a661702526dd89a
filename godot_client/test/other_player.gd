class_name OtherPlayer
extends Node3D
## A player of another window, or the dummy: drawn as a game draws it, and beside that as ghosts at
## its newest sample and carried on to now.

var _views: Views = null

@onready var _drawn: Dictionary[LobbydRemoteView.View, LobbydRemotePlayer3D] = {
	LobbydRemoteView.View.INTERPOLATED: $Interpolated as LobbydRemotePlayer3D,
	LobbydRemoteView.View.NEWEST: $Raw as LobbydRemotePlayer3D,
	LobbydRemoteView.View.PREDICTED: $Predicted as LobbydRemotePlayer3D,
}


## Dresses it as the player and follows the toggles from now on.
func introduce(player: LobbydRemote, views: Views) -> void:
	_views = views
	_views.changed.connect(_on_views_changed)
	for view: LobbydRemoteView.View in _drawn:
		var remote: LobbydRemotePlayer3D = _drawn[view]
		remote.player_id = player.player_id
		remote.teleported.connect(_trail_of(view).clear)
		_trail_of(view).color = Views.color_of(view)
		if view != LobbydRemoteView.View.INTERPOLATED:
			_avatar_of(view).haunt(Views.color_of(view))
	var color: Color = Avatar.color_of(player.player_id)
	var avatar: Avatar = _avatar_of(LobbydRemoteView.View.INTERPOLATED)
	avatar.dress(player.name, Avatar.DUMMY_COLOR if player.is_dummy() else color)
	_drawn[LobbydRemoteView.View.INTERPOLATED].lag_changed.connect(avatar.mark_late)
	_on_views_changed()


func _on_views_changed() -> void:
	for view: LobbydRemoteView.View in _drawn:
		var is_shown: bool = _views.shows(view)
		_avatar_of(view).visible = is_shown
		_trail_of(view).visible = is_shown and _views.shows_trails()


func _avatar_of(view: LobbydRemoteView.View) -> Avatar:
	return _drawn[view].get_node(^"Avatar") as Avatar


func _trail_of(view: LobbydRemoteView.View) -> Trail:
	return _drawn[view].get_node(^"Trail") as Trail
