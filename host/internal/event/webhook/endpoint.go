package webhook

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// signal wakes one waiter; several calls before it looks are one.
type signal chan struct{}

func (s signal) send() {
	select {
	case s <- struct{}{}:
	default:
	}
}

const (
	lookRows  = 64               // deliveries that are read together
	lookNap   = 10 * time.Minute // at most, so that a clock that was set is noticed
	unwritten = 64               // deliveries that were tried and are not yet written
	lastWrite = 5 * time.Second
)

// endpoint sends the deliveries of one webhook, a few at once, and writes what
// came of them, as many in one transaction as have ended since the last.
type endpoint struct {
	*Room
	id      string
	version version // of Run alone: what it was last stirred for
	cancel  context.CancelFunc
	wake    signal // something may be due
	changed signal // what was read of the webhook holds no more
	ended   signal // a delivery was tried

	mu       sync.Mutex
	flying   map[uint64]bool // positions that are tried, until it is written
	outcomes []outcome       // to be written
}

// version says whether an endpoint must read its webhook again.
type version struct {
	number, stirred int
	disabled        string
}

// outcome is what came of one try.
type outcome struct {
	position uint64
	url      string // that was tried
	at       time.Time
	took     time.Duration
	status   int
	answer   string
	why      string // "" if it was delivered
}

func newEndpoint(r *Room, id string) *endpoint {
	return &endpoint{Room: r, id: id, wake: make(signal, 1), changed: make(signal, 1), ended: make(signal, 1), flying: map[uint64]bool{}}
}

// run works until the context ends and everything that was tried is written.
func (e *endpoint) run(ctx context.Context) {
	var senders, writer sync.WaitGroup
	over, jobs := make(chan struct{}), make(chan job)
	writer.Go(func() { e.writeOutcomes(ctx, over) })
	for range sendingOne {
		senders.Go(func() { e.send(ctx, jobs) })
	}
	for ctx.Err() == nil {
		b, err := e.look(ctx)
		if err != nil {
			if ctx.Err() == nil {
				e.config.Logger.Warn("deliveries cannot be read", "tenant", e.config.Tenant, "webhook", e.id, "error", err)
			}
			rest(ctx, time.Second)
			continue
		}
		if !e.hand(ctx, jobs, b) {
			e.wait(ctx, b.next)
		}
	}
	close(jobs)
	senders.Wait()
	close(over)
	writer.Wait()
}

// wait waits until something may be due.
func (e *endpoint) wait(ctx context.Context, next time.Duration) {
	timer := time.NewTimer(next)
	defer timer.Stop()
	select {
	case <-e.wake:
	case <-e.changed:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// batch is what one look found.
type batch struct {
	url    string
	signer *signer
	due    []delivery
	next   time.Duration // until something else is due
}

// look reads what is due and is not being tried.
func (e *endpoint) look(ctx context.Context) (b batch, err error) {
	e.mu.Lock()
	flying := maps.Clone(e.flying)
	e.mu.Unlock()
	b.next = lookNap
	if len(flying) >= unwritten {
		return b, nil
	}
	var h hook
	err = e.read(ctx, "webhook.due", func(tx *kernel.Tx) (err error) {
		var ok bool
		if h, ok, err = hooks.Get(tx, e.id); err != nil || !ok || h.Disabled != "" {
			return err
		}
		b.due, b.next, err = e.due(tx, flying)
		return err
	})
	if err != nil || len(b.due) == 0 {
		return b, err
	}
	b.url = h.URL
	b.signer, err = e.signer(e.id, &h)
	return b, err
}

// due lists what waits and is due, and says when the next one is.
func (e *endpoint) due(tx *kernel.Tx, flying map[uint64]bool) (all []delivery, next time.Duration, err error) {
	rows, err := tx.Page(areaDue, e.id+".", "", lookRows+len(flying), false)
	if err != nil {
		return nil, 0, err
	}
	now := e.config.Now().UnixMilli()
	for _, row := range rows {
		at, position, err := parseDue(row.Key)
		if err != nil {
			return nil, 0, err
		}
		if at > now {
			return all, min(lookNap, time.Duration(at-now)*time.Millisecond), nil
		}
		if flying[position] {
			continue
		}
		d, ok, err := deliveries.Get(tx, deliveryID(e.id, position))
		if err != nil {
			return nil, 0, err
		}
		if ok {
			all = append(all, d)
		}
	}
	return all, lookNap, nil
}

// hand gives what was found to the senders, in order, each as soon as one is
// free. It stops when the webhook changed: what is left is looked at again.
func (e *endpoint) hand(ctx context.Context, jobs chan<- job, b batch) (again bool) {
	for _, d := range b.due {
		e.mu.Lock()
		e.flying[d.Position] = true
		e.mu.Unlock()
		select {
		case jobs <- job{d, b.url, b.signer}:
			continue
		case <-e.changed:
		case <-ctx.Done():
		}
		e.forget(d.Position)
		return true
	}
	return len(b.due) > 0
}

// job is one delivery to try.
type job struct {
	delivery
	url    string
	signer *signer
}

func (e *endpoint) forget(position uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.flying, position)
}

// send tries deliveries until there are no more.
func (e *endpoint) send(ctx context.Context, jobs <-chan job) {
	for j := range jobs {
		select {
		case e.places <- struct{}{}:
		case <-ctx.Done():
			e.forget(j.Position)
			continue
		}
		o := e.try(ctx, &j)
		<-e.places
		if ctx.Err() != nil && o.why == whyNoAnswer {
			e.forget(j.Position) // the host stops: that was no try
			continue
		}
		e.mu.Lock()
		e.outcomes = append(e.outcomes, o)
		e.mu.Unlock()
		e.ended.send()
	}
}

// Why a delivery failed. What the network says is one thing to whoever reads it:
// a webhook is no way to look around in a network.
const (
	whyNoAnswer = "no_answer"
	whyRefused  = "refused" // any status but 2xx
	whyGone     = "event_gone"
	whyBody     = "event_unreadable"
)

const answerMost = 1 << 10 // bytes of an answer that are kept

// try posts one delivery.
func (e *endpoint) try(ctx context.Context, j *job) outcome {
	o := outcome{position: j.Position, url: j.url, at: e.config.Now()}
	payload, ok, err := e.payload(j.Position)
	if err != nil || !ok {
		if o.why = whyGone; err != nil {
			o.why = whyBody
			e.config.Logger.Warn("an event cannot be delivered", "tenant", e.config.Tenant, "position", j.Position, "error", err)
		}
		return o
	}
	header := signed(j.signer, j.Event+"."+e.id, o.at, payload)
	ctx, cancel := context.WithTimeout(ctx, e.config.Timeout)
	defer cancel()
	a, err := e.config.Post.Post(ctx, j.url, header, payload, answerMost)
	o.took = e.config.Now().Sub(o.at)
	switch {
	case err != nil:
		o.why = whyNoAnswer
		e.config.Logger.Debug("a delivery was not answered", "tenant", e.config.Tenant, "webhook", e.id, "position", j.Position, "error", err)
	case a.Status < 200 || a.Status > 299:
		o.why = whyRefused
		fallthrough
	default:
		o.status, o.answer = a.Status, escaped(a.Body)
	}
	return o
}

// signed are the headers of a delivery.
func signed(s *signer, id string, at time.Time, payload []byte) http.Header {
	return http.Header{
		"Content-Type": {"application/json"}, "User-Agent": {"Bottega-Webhooks"},
		headerID: {id}, headerTimestamp: {strconv.FormatInt(at.Unix(), 10)}, headerSignature: {s.signature(id, at, payload)},
	}
}

// escaped makes an answer text without control characters.
func escaped(b []byte) string {
	quoted := strconv.QuoteToGraphic(string(b))
	return quoted[1 : len(quoted)-1]
}

// writeOutcomes writes what came of tries until they are over.
func (e *endpoint) writeOutcomes(ctx context.Context, over <-chan struct{}) {
	for faults := 0; ; {
		select {
		case <-e.ended:
			if err := e.writeSome(ctx); err != nil && ctx.Err() == nil {
				e.config.Logger.Warn("deliveries cannot be written", "tenant", e.config.Tenant, "webhook", e.id, "error", err)
				rest(ctx, min(restMost, restFirst<<min(faults, 16)))
				faults++
				e.ended.send()
				continue
			}
			faults = 0
			e.wake.send()
		case <-over:
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastWrite)
			defer cancel()
			if err := e.writeSome(end); err != nil {
				e.config.Logger.Warn("deliveries will be sent again", "tenant", e.config.Tenant, "webhook", e.id, "error", err)
			}
			return
		}
	}
}

// writeSome writes the outcomes there are in one transaction.
func (e *endpoint) writeSome(ctx context.Context) error {
	e.mu.Lock()
	some := slices.Clone(e.outcomes)
	e.mu.Unlock()
	if len(some) == 0 {
		return nil
	}
	err := e.write(ctx, "webhook.outcomes", func(tx *kernel.Tx) error { return e.apply(tx, some) })
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.outcomes = slices.Delete(e.outcomes, 0, len(some))
	for _, o := range some {
		delete(e.flying, o.position)
	}
	return nil
}
