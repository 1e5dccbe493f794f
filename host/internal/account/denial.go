package account

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// denials are refusals on their way into the audit. Those of one principal,
// action and reason within a minute are one line with a number, so that who
// asks a million times does not fill the disk.
type denials struct {
	mu    sync.Mutex
	lines map[refusal]*refused
	other *refused // more than fit, in one line
}

// refusal is what makes refusals alike.
type refusal struct {
	principal, action, object, outcome string
	minute                             int64
}

// refused is how often and since when, and what of it is written.
type refused struct {
	id, credential, request string
	begun                   time.Time
	count, written          int
}

// maxDenials is how many different refusals of a minute have lines of their own.
const maxDenials = 1_000

func newDenials() *denials { return &denials{lines: map[refusal]*refused{}} }

// Denied is the kernel's hook: it notes that an operation was refused to who
// asked. It does not wait; Run writes it.
func (a *Accounts) Denied(c kernel.Call, d *identity.Denial) {
	if c.Tenant != a.config.Tenant {
		return
	}
	outcome := "denied: " + d.Right
	if d.Right == "" {
		outcome = "denied: store " + d.Store
		if !plain(d.Store) {
			outcome = "denied: store"
		}
	}
	a.denied(c.Principal, c.Request, refusal{principal: c.Principal.ID, action: c.Operation, outcome: outcome})
}

// refused notes a login that failed: of whom if somebody has that name, but never
// the name, which may be a password in the wrong field.
func (a *Accounts) refused(by platform.Caller, user string) {
	object := "unknown"
	if user != "" {
		object = userPrefix + user
	}
	p := by.Principal
	if p.ID == "" {
		p = identity.Nobody()
	}
	a.denied(p, by.Request, refusal{principal: p.ID, action: actionLogin, object: object, outcome: "denied: login"})
}

func (a *Accounts) denied(p identity.Principal, request string, r refusal) {
	now := a.config.Now()
	r.minute = now.Unix() / 60
	if a.denials.add(r, refused{credential: p.Credential, request: request, begun: now, count: 1}) {
		a.stir()
	}
}

// add says whether something is to be written soon.
func (d *denials) add(r refusal, first refused) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	switch e := d.lines[r]; {
	case e != nil:
		e.count++
		return false // with its minute
	case len(d.lines) < maxDenials:
		d.lines[r] = &first
		return true
	case d.other != nil:
		d.other.count++
		return false
	}
	d.other = &refused{begun: first.begun, count: 1}
	return true
}

// due are the lines to be written: new ones, and those of minutes that are over
// which have grown since.
func (d *denials) due(minute int64, end bool) map[refusal]refused {
	d.mu.Lock()
	defer d.mu.Unlock()
	due := map[refusal]refused{}
	for r, e := range d.lines {
		if e.written == 0 || e.count > e.written && (end || r.minute < minute) {
			due[r] = *e
		}
	}
	if d.other != nil {
		due[refusal{principal: "many", action: "host.audit.denied", outcome: "denied: more than have lines of their own", minute: -1}] = *d.other
	}
	return due
}

// wrote notes what was written under which ids, and forgets minutes that are over.
func (d *denials) wrote(due map[refusal]refused, minute int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for r, was := range due {
		if r.minute < 0 {
			if d.other.count -= was.count; d.other.count == 0 {
				d.other = nil
			}
			continue
		}
		if e := d.lines[r]; e != nil {
			e.id, e.written = was.id, was.count
		}
	}
	for r, e := range d.lines {
		if r.minute < minute && e.written == e.count {
			delete(d.lines, r)
		}
	}
}

// flushDenials writes the lines that are due.
func (a *Accounts) flushDenials(ctx context.Context, end bool) error {
	minute := a.config.Now().Unix() / 60
	due := a.denials.due(minute, end)
	if len(due) == 0 {
		a.denials.wrote(nil, minute)
		return nil
	}
	_, err := a.config.Kernel.Do(ctx, kernel.Task{Tenant: a.config.Tenant, Name: "host.audit.denied", Do: func(tx *kernel.Tx) error {
		for r, e := range due {
			if e.id == "" {
				e.id = tx.NewID()
				due[r] = e
			}
			if err := tx.AddAudit(e.id, e.line(r)); err != nil {
				return err
			}
		}
		return nil
	}})
	if err == nil {
		a.denials.wrote(due, minute)
	}
	return err
}

func (e *refused) line(r refusal) []byte {
	l := outbox.Audit{
		ID: e.id, Time: e.begun.UnixMilli(), Principal: r.principal, Credential: e.credential,
		Action: r.action, Request: e.request, Outcome: r.outcome,
	}
	if r.object != "" {
		l.Objects = []string{r.object}
	}
	if e.count > 1 {
		l.Outcome = fmt.Sprintf("%s (%d times)", r.outcome, e.count)
	}
	return l.Append(nil)
}
