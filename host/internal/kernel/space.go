package kernel

import (
	"encoding/binary"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Where things lie in a tenant's storage. The first byte says what, the app
// comes before all that is its own, and a guest never writes any of it: names
// have no NUL, so no key reaches into another space.
//
//	d app 00 collection 00 key                 a record
//	i app 00 collection 00 index 00 entry      an index entry; its value is the record's key
//	c app 00 counter 00 key                    a counter
//	t 00 app 00 name 00 id                     a timer: due, payload
//	t 01 due app 00 name 00 id                 the order in which timers are due
//	k principal 00 operation 00 key            an idempotency record
//	u app                                      bytes of the app's records, a counter
const (
	spaceRecord  = 'd'
	spaceIndex   = 'i'
	spaceCounter = 'c'
	spaceTimer   = 't'
	spaceKey     = 'k'
	spaceUsage   = 'u'
)

func spacePrefix(space byte, names ...string) []byte {
	b := []byte{space}
	for _, n := range names {
		b = append(append(b, n...), 0)
	}
	return b
}

func recordKey(app, collection string, key []byte) []byte {
	return append(spacePrefix(spaceRecord, app, collection), key...)
}

func indexKey(app, collection, index string, entry []byte) []byte {
	return append(spacePrefix(spaceIndex, app, collection, index), entry...)
}

func counterKey(app, counter string, key []byte) []byte {
	return append(spacePrefix(spaceCounter, app, counter), key...)
}

func timerKeys(app string, s *abi.Schedule, due int64) (byID, byDue []byte) {
	names := spacePrefix(0, app, s.Name)
	names = append(names, s.ID...)
	byID = append([]byte{spaceTimer}, names...)
	byDue = binary.BigEndian.AppendUint64([]byte{spaceTimer, 1}, uint64(due)^(1<<63))
	return byID, append(byDue, names[1:]...)
}

func idempotencyKey(principal, operation, key string) []byte {
	return append(spacePrefix(spaceKey, principal, operation), key...)
}

func usageKey(app string) []byte { return append([]byte{spaceUsage}, app...) }
