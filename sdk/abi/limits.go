package abi

// The limits that a guest cannot raise: of one frame.
const (
	// MaxKey is the length in bytes of one encoded key: a primary key, a
	// counter's key, or an index entry with the primary key behind it. Storage
	// takes 1 KiB; the rest is the host's, for its own prefix.
	MaxKey = 768
	// MaxTimerID is the length in bytes of the id of a timer, and of the key of an
	// event.
	MaxTimerID = MaxKey / 2
	// MaxRandom is the number of bytes of one random call.
	MaxRandom = 4 << 10
	// MaxSign is the number of bytes that one call signs. It costs one host call,
	// like any other, whatever its length; the longest takes some 0.1 ms.
	MaxSign = 64 << 10
	// SignatureSize is the number of bytes that sign answers.
	SignatureSize = 32
	// MaxPage is the number of records of one scan page, and of keys of one
	// get_many or counters.
	MaxPage = 1000
	// MaxPageBytes is the length of the records of one scan page; a page has at
	// least one record.
	MaxPageBytes = 1 << 20
	// MaxEntries is the number of entries that one record may have in one index.
	MaxEntries = 256
)

// The limits of the house. A manifest may ask for less, or with consent for
// more, where the host offers it.
const (
	MaxRecord = 256 << 10     // bytes of one record
	MaxEvent  = 256 << 10     // bytes of one event's payload
	MaxTimer  = MaxRecord - 8 // bytes of one timer's payload; it is stored with its instant
	MaxInput  = 1 << 20       // bytes of the input of an operation or slot
	MaxOutput = 1 << 20       // bytes of its output

	// Of one attempt of one operation with all its nested calls. What is undone
	// counts too: these bound the work, not the result.
	MaxWrites    = 1000     // records put or deleted, counters moved, timers set
	MaxEvents    = 100      // events emitted
	MaxHostCalls = 10_000   // calls of host functions but now and fetch
	MaxLogBytes  = 64 << 10 // bytes of log frames, 256 more for each; what is more is dropped
	MaxDepth     = 8        // apps on the call stack
	MaxChanges   = 1000     // named in one publish; more means to build again

	MaxEventVersion = 1000 // the newest that an event can have

	MaxHop      = 16       // handlers between an event and one that follows from it
	MaxHTTP     = 1 << 20  // bytes of the body of an HTTP request or answer
	MaxHeaders  = 64       // header fields of either
	MaxStepHead = 64 << 10 // bytes of the cursor of a job or migration
)
