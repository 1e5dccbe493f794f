package sdktest

import "github.com/bottega-retail/bottega/sdk/abi"

// What one attempt of an operation may make the real host keep in its own
// memory, in the numbers of host/internal/kernel, which nobody may import here.
const (
	maxWritten = 16 << 20 // bytes of keys, records, events and timers that wait for the commit
	maxRead    = 16 << 20 // bytes of keys read, with readCost for each
	maxDerived = 1 << 30  // the same while derived values are built, with 50 times the calls
	maxMany    = 8 << 20  // bytes of the records that one get_many answers
	readCost   = 128      // bytes that a key takes beside its own
	lineCost   = 256      // bytes that a log line takes beside its own
)

// usage is what an attempt has used.
type usage struct{ writes, events, calls, log, read, written int }

// allowance is how far usage may grow: that of the operation, or of the filler
// of a query slot within it.
type allowance struct{ calls, log, read int }

var (
	wholeOperation  = allowance{abi.MaxHostCalls, abi.MaxLogBytes, maxRead}
	wholeDerivation = allowance{50 * abi.MaxHostCalls, abi.MaxLogBytes, maxDerived}
)

// allow leaves the operation no more than one filler of a query slot may use,
// and answers how to give back what it did not.
func (op *operation) allow() (give func()) {
	was := op.most
	op.most = allowance{
		min(was.calls, op.used.calls+abi.MaxHostCalls/20),
		min(was.log, op.used.log+abi.MaxLogBytes/20),
		min(was.read, op.used.read+maxRead/20),
	}
	return func() { op.most = was }
}

// charge counts one use of a limit.
func (p *port) charge(used *int, most int, limit string) *abi.Error {
	if *used++; *used > most {
		return quota(limit)
	}
	return nil
}

func (p *port) chargeWrite() *abi.Error { return p.charge(&p.op.used.writes, abi.MaxWrites, "writes") }

// reading counts keys that become part of the read set.
func (p *port) reading(keys ...string) *abi.Error {
	for _, key := range keys {
		p.op.used.read += len(key) + readCost
	}
	if p.op.used.read > p.op.most.read {
		return quota("reads")
	}
	return nil
}

// store writes a cell and counts it.
func (p *port) store(key string, c cell) {
	p.op.used.written += len(key) + len(c.value)
	p.op.env.space.put(key, c)
}

// remove deletes a cell and counts that.
func (p *port) remove(key string) {
	p.op.used.written += len(key)
	p.op.env.space.delete(key)
}

func quota(limit string) *abi.Error {
	e := failure(abi.Exhausted, abi.ReasonQuota, "too many "+limit+" in one operation")
	e.Fields = []abi.Field{{Name: "limit", Text: limit}}
	return e
}
