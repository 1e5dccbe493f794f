package event

import (
	"cmp"
	"fmt"
	"hash/fnv"
	"slices"
	"sync/atomic"

	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// event is an entry of the log.
type event struct {
	outbox.Envelope
	position uint64
	hash     uint32 // of its key
}

// key is what events must be of to stay in order: their subject, or their type
// if they have none.
func (e *event) key() string { return cmp.Or(e.Subject, e.Type) }

func parse(entry storage.Entry) (event, error) {
	env, err := outbox.Parse(entry.Data)
	if err != nil {
		return event{}, fmt.Errorf("event at %d: %w", entry.Position, err)
	}
	e := event{Envelope: env, position: entry.Position}
	h := fnv.New32a()
	_, _ = h.Write([]byte(e.key())) // a hash does not fail
	e.hash = h.Sum32()
	return e, nil
}

// feed reads the log once for all who follow it: pages of parsed events, the
// newest ones kept.
type feed struct {
	log   storage.Log
	busy  chan struct{} // holds a value while one reads the log or the cache
	head  atomic.Uint64 // newest position that is known to be durable
	pages map[uint64]*page
	order []uint64 // of pages, oldest use first
	bytes int
}

// page holds the events in (from, upTo], a part of what its number stands for.
type page struct {
	from, upTo uint64
	events     []event // only ever appended to
}

// How much is read at once, and kept. Entries are up to 256 KiB.
const (
	pageSize  = 128
	pagesKept = 64
	bytesKept = 16 << 20
)

func newFeed(log storage.Log) *feed {
	return &feed{log: log, busy: make(chan struct{}, 1), pages: map[uint64]*page{}}
}

// begin tells the feed of a position that is durable.
func (f *feed) begin(position uint64) {
	defer f.enter()()
	f.head.Store(max(f.head.Load(), position))
}

// enter waits until nobody reads; the answer lets the next one in.
func (f *feed) enter() (leave func()) {
	f.busy <- struct{}{}
	return func() { <-f.busy }
}

func (f *feed) newest() uint64 {
	return f.head.Load()
}

// advance reads what is new in the log.
func (f *feed) advance() ([]event, error) {
	defer f.enter()()
	entries, err := f.log.Read(f.head.Load(), pageSize)
	if err != nil {
		return nil, err
	}
	events := make([]event, 0, len(entries))
	for _, entry := range entries {
		e, err := parse(entry)
		if err != nil {
			return nil, err
		}
		events = append(events, e)
	}
	for _, e := range events {
		f.append(e)
	}
	return events, nil
}

// append puts a new event on its page. A page may begin in the middle.
func (f *feed) append(e event) {
	n := (e.position - 1) / pageSize
	p, head := f.pages[n], f.head.Load()
	if p == nil || p.upTo != head {
		p = &page{from: head, upTo: head}
		f.keep(n, p)
	}
	p.events, p.upTo = append(p.events, e), e.position
	f.head.Store(e.position)
	f.bytes += len(e.Data)
}

// after lists events behind a position, not beyond the newest known one, and
// says up to where there are no more.
func (f *feed) after(position uint64) ([]event, uint64, error) {
	defer f.enter()()
	head := f.head.Load()
	if position >= head {
		return nil, position, nil
	}
	n := position / pageSize
	end := min((n+1)*pageSize, head)
	p := f.pages[n]
	if p == nil || p.from > position || p.upTo < end {
		var err error
		if p, err = f.read(n, end); err != nil {
			return nil, position, err
		}
	}
	i, _ := slices.BinarySearchFunc(p.events, position+1, func(e event, at uint64) int { return cmp.Compare(e.position, at) })
	return p.events[i:], p.upTo, nil
}

// read reads a page up to an end. What retention has removed is not on it.
func (f *feed) read(n, end uint64) (*page, error) {
	p := &page{from: n * pageSize, upTo: end}
	entries, err := f.log.Read(p.from, pageSize)
	if err != nil {
		return nil, err
	}
	size := 0
	for _, entry := range entries {
		if entry.Position > end {
			break
		}
		e, err := parse(entry)
		if err != nil {
			return nil, err
		}
		p.events = append(p.events, e)
		size += len(e.Data)
	}
	f.keep(n, p)
	f.bytes += size
	return p, nil
}

// keep puts a page into the cache and drops the oldest ones for it.
func (f *feed) keep(n uint64, p *page) {
	f.drop(n)
	f.pages[n], f.order = p, append(f.order, n)
	for len(f.order) > 1 && (len(f.order) > pagesKept || f.bytes > bytesKept) {
		f.drop(f.order[0])
	}
}

func (f *feed) drop(n uint64) {
	old := f.pages[n]
	if old == nil {
		return
	}
	for i := range old.events {
		f.bytes -= len(old.events[i].Data)
	}
	delete(f.pages, n)
	f.order = slices.DeleteFunc(f.order, func(o uint64) bool { return o == n })
}

// at reads one event; false if retention has removed it.
func (f *feed) at(position uint64) (event, bool, error) {
	entries, err := f.log.Read(position-1, 1)
	if err != nil || len(entries) == 0 || entries[0].Position != position {
		return event{}, false, err
	}
	e, err := parse(entries[0])
	return e, err == nil, err
}
