package webhook

import (
	"encoding/binary"
	"net/http"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// waits are those of Standard Webhooks, after the first and each further failure;
// the failure after the last one is the end: ten tries in a good three days.
var waits = []time.Duration{
	5 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour, 24 * time.Hour,
}

// patience is for how long nothing but failures may come before a webhook is
// disabled.
const patience = 5 * 24 * time.Hour

// apply writes what came of some tries.
func (e *endpoint) apply(tx *kernel.Tx, some []outcome) error {
	h, ok, err := hooks.Get(tx, e.id)
	if err != nil || !ok {
		return err // it was deleted, and all of it goes
	}
	failing, disabled := h.Failing, h.Disabled
	for i := range some {
		o := &some[i]
		d, ok, err := deliveries.Get(tx, deliveryID(e.id, o.position))
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err = o.apply(tx, e.id, &h, &d); err != nil {
			return err
		}
	}
	if failing == h.Failing && disabled == h.Disabled {
		return nil
	}
	return hooks.Put(tx, e.id, h)
}

// apply writes what came of one try. One of an address that is no longer the
// webhook's says nothing of it: only that it delivered, if it did.
func (o *outcome) apply(tx *kernel.Tx, id string, h *hook, d *delivery) error {
	old := o.url != h.URL
	if old && (o.why == whyNoAnswer || o.why == whyRefused) {
		return d.schedule(tx, id, tx.Now().UnixMilli())
	}
	d.Tries++
	d.At, d.Took, d.Status, d.Answer, d.Why = o.at.UnixMilli(), o.took.Milliseconds(), o.status, o.answer, o.why
	now := tx.Now().UnixMilli()
	switch o.why {
	case "":
		if !old {
			h.Failing = 0
		}
		return d.end(tx, id, stateDelivered, keepDelivered)
	case whyGone, whyBody:
		return d.end(tx, id, stateFailed, keepFailed) // not the receiver's fault
	}
	if h.Failing == 0 {
		h.Failing = now
	}
	if err := o.giveUp(tx, id, h, now); err != nil {
		return err
	}
	if d.Tries > len(waits) || o.status == http.StatusGone {
		return d.end(tx, id, stateFailed, keepFailed)
	}
	return d.schedule(tx, id, now+spread(tx, waits[d.Tries-1]).Milliseconds())
}

// giveUp disables a webhook that says it is gone, or has long done nothing but
// fail.
func (o *outcome) giveUp(tx *kernel.Tx, id string, h *hook, now int64) error {
	switch {
	case h.Disabled != "":
		return nil
	case o.status == http.StatusGone:
		return h.disable(tx, id, disabledGone)
	case now-h.Failing >= patience.Milliseconds():
		return h.disable(tx, id, disabledFailing)
	}
	return nil
}

// spread makes a wait up to a tenth longer, so that what failed together is not
// tried together.
func spread(tx *kernel.Tx, d time.Duration) time.Duration {
	return d + d/10*time.Duration(binary.BigEndian.Uint16(tx.Random(2)))/(1<<16)
}

// payload is the body of a delivery; false if retention has removed the event.
func (r *Room) payload(position uint64) ([]byte, bool, error) {
	events, err := r.entries(position-1, 1)
	if err != nil || len(events) == 0 || events[0].position != position {
		return nil, false, err
	}
	b, err := r.config.JSON(r.config.Tenant, &events[0].Envelope, position)
	return b, err == nil, err
}
