package kernel

// Where things lie in a tenant's storage. The first byte says what, the app
// comes before all that is its own, and a guest never writes any of it: names
// have no NUL, so no key reaches into another space.
//
//	d app 00 collection 00 key                 a record
//	i app 00 collection 00 index 00 entry      an index entry; its value is the record's key
//	c app 00 counter 00 key                    a counter
//	t, x, j, g 00 app 00 name 00 id            what waits in a queue: due, payload
//	t, x, j, g 01 due app 00 name 00 id        the order in which it is due
//	k principal 00 operation 00 key            an idempotency record
//	u app                                      bytes of the app's records, a counter
//	a id                                       a line of the audit
//	h area 00 key                              what the host itself keeps
//	H                                          the head: what operations run with
const (
	spaceRecord  = 'd'
	spaceIndex   = 'i'
	spaceCounter = 'c'
	spaceKey     = 'k'
	spaceUsage   = 'u'
	spaceAudit   = 'a'
	spaceHouse   = 'h'
	spaceHead    = 'H'
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

func idempotencyKey(principal, operation, key string) []byte {
	return append(spacePrefix(spaceKey, principal, operation), key...)
}

func usageKey(app string) []byte { return append([]byte{spaceUsage}, app...) }

func auditKey(id string) []byte { return append([]byte{spaceAudit}, id...) }

func houseKey(area, key string) []byte { return append(spacePrefix(spaceHouse, area), key...) }

// appPrefixes are where the rows of an app lie; of a queue those by id.
func appPrefixes(app string) [][]byte {
	prefixes := [][]byte{spacePrefix(spaceRecord, app), spacePrefix(spaceIndex, app), spacePrefix(spaceCounter, app)}
	for _, q := range []Queue{Timers, Effects, Jobs, Publishing} {
		prefixes = append(prefixes, append(append([]byte{byte(q), 0}, app...), 0))
	}
	return prefixes
}
