package abi

// The reasons that the host itself gives. They are stable: callers act on them.
// Everything else that stands in Error.Reason belongs to an app and is
// documented by its operation.
const (
	// ReasonReentrant (Denied): an app on the call stack was called again.
	ReasonReentrant = "reentrant"
	// ReasonGrant (Denied): the calling app was not granted this operation, or
	// the slot is another contract's.
	ReasonGrant = "grant"
	// ReasonReadOnly (Denied): a query tried to write, emit, schedule or run a
	// command.
	ReasonReadOnly = "read_only"
	// ReasonEvent (Denied): the event belongs to another contract. (TooLarge):
	// the payload is longer than MaxEvent or the key than MaxTimerID. (Invalid):
	// the payload is no MessagePack map. (FailedPrecondition): it is in another
	// version than the manifest says.
	ReasonEvent = "event"
	// ReasonEventVersion (FailedPrecondition): the event was emitted in a version
	// that its subscriber does not know yet. It is parked at once, and can be
	// replayed when the subscriber was upgraded.
	ReasonEventVersion = "event_version"

	// ReasonPermission (Denied): who acts lacks the permission of the operation;
	// Fields["permission"] names it. ReasonStore (Denied): it is limited to other
	// stores.
	ReasonPermission = "permission"
	ReasonStore      = "store"
	// ReasonGrantBound (Denied): the grant of the calling app is bounded, and
	// this call lies outside; Fields["bound"] says which: "max", "stores", "slot".
	ReasonGrantBound = "grant_bound"
	// ReasonReplay (Denied): a replayed handler called another app.
	ReasonReplay = "replay"
	// ReasonEgress (Denied): an HTTP request to a host that the app was not
	// granted, or that leads to an address inside. ReasonOutside (Denied): a host
	// function that only works in an effect handler, or does not work in one.
	ReasonEgress  = "egress"
	ReasonOutside = "outside"
	// ReasonHTTP (Invalid): a malformed request. (TooLarge): an answer beyond
	// MaxHTTP. (Unavailable): no answer.
	ReasonHTTP = "http"
	// ReasonHop (Exhausted): an event would follow from more than MaxHop handlers.
	ReasonHop = "hop_limit"
	// ReasonIndex (Unavailable): the index is being built.
	ReasonIndex = "index_building"

	// ReasonCallDepth (Exhausted): more than MaxDepth apps would be on the stack.
	ReasonCallDepth = "call_depth"
	// ReasonBound (Exhausted): a counter would leave its bounds.
	ReasonBound = "bound"
	// ReasonQuota (Exhausted): the operation wrote, emitted, logged, read or
	// called more than it may, or the app keeps as much as it may; Fields["limit"]
	// says which: "writes", "write_bytes", "events", "log", "reads", "storage" or
	// "host_calls". The last one ends the operation and cannot be caught.
	ReasonQuota = "quota"

	// ReasonOperation (NotFound): no enabled app provides the operation, or no
	// contract has the slot.
	ReasonOperation = "operation"
	// ReasonFiller (NotFound): no enabled app fills the command slot under this
	// key.
	ReasonFiller = "filler"
	// ReasonZone (NotFound): there is no such time zone.
	ReasonZone = "zone"

	// ReasonUnique (Conflict): another record has the same values in a unique
	// index; Fields["index"] names it.
	ReasonUnique = "unique"
	// ReasonExists (Conflict): an insert found its key taken.
	ReasonExists = "exists"

	// ReasonRecord (Invalid): the record is no MessagePack map or lacks its key.
	// (TooLarge): it is longer than MaxRecord.
	ReasonRecord = "record"
	// ReasonKey (Invalid): a key or cursor is malformed. (TooLarge): it is longer
	// than MaxKey.
	ReasonKey = "key"
	// ReasonKeys (TooLarge): more than MaxPage keys in one frame, or their records
	// are longer than the host answers at once.
	ReasonKeys = "keys"
	// ReasonRandom (TooLarge): more than MaxRandom bytes in one call.
	ReasonRandom = "random"
	// ReasonSign (TooLarge): more than MaxSign bytes in one call.
	// (FailedPrecondition): the host was given no key to sign with.
	ReasonSign = "sign"
	// ReasonInput and ReasonOutput (TooLarge): more than MaxInput or MaxOutput.
	ReasonInput  = "input"
	ReasonOutput = "output"
	// ReasonMalformed (Invalid): the input does not decode into its type.
	ReasonMalformed = "malformed"

	// ReasonFrame (Invalid): the guest sent a frame that does not decode.
	ReasonFrame = "frame"

	// ReasonUndeclared (Internal): a collection, index, counter or timer that
	// the app did not give to NewApp.
	ReasonUndeclared = "undeclared"
	// ReasonAppFault (Internal): the app panicked or its module faulted.
	ReasonAppFault = "app_fault"
)
