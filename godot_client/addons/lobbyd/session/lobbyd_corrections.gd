class_name LobbydCorrections
extends RefCounted
## Where the server puts this player: each correction is told once, whatever brings it.
##
## CORRECTION comes with every snapshot until the server knows that it was applied; a teleport by
## the host is told by TELEPORT, too. Numbers begin anew with each connection.

## corr_id of the newest one told on this connection; 0 for none.
var told_id: int = 0
## Newest own sample that the server has judged on this connection, or the last one before it.
var judged_seq: int = 0


## A new connection: samples up to [param sample_seq] were for the one before.
func restart(sample_seq: int) -> void:
	told_id = 0
	judged_seq = sample_seq


## The correction that a snapshot brings, null where it has none or it was told.
func of_snapshot(snapshot: LobbydFrames.Snapshot) -> LobbydEvent:
	if LobbydSerial.newer(snapshot.last_sample_seq, judged_seq, 32):
		judged_seq = snapshot.last_sample_seq
	return _told_once(snapshot.correction) if snapshot.correction != null else null


## The correction that TELEPORT of the own slot means, null where it was told.
func of_teleport(teleport: LobbydEvent) -> LobbydEvent:
	var correction: LobbydEvent = LobbydEvent.of(LobbydEvent.Kind.CORRECTION)
	correction.position = teleport.position
	correction.rotation = teleport.rotation
	correction.reason = LobbydWire.CorrectionReason.TELEPORT
	correction.code = teleport.code
	return _told_once(correction)


func _told_once(correction: LobbydEvent) -> LobbydEvent:
	# a late snapshot may bring the one before
	if not LobbydSerial.newer(correction.code, told_id, 8):
		return null
	told_id = correction.code
	correction.sample_seq = judged_seq
	return correction
