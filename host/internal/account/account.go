// Package account keeps who may act for a tenant: users with passwords, their
// roles and sessions, tokens of programs, and the audit of what they did. It is a
// room: it knows the kernel and identity; it must not know HTTP, cookies or any
// other room. Nothing secret leaves it but what is shown once, to its owner.
package account

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
)

// Config is what Accounts are made of. Kernel and Tenant are required; zero is
// the default of every other field.
type Config struct {
	Kernel *kernel.Kernel
	Tenant string
	Logger hclog.Logger     // default: none; never sees a secret
	Now    func() time.Time // default time.Now; the kernel's own clock
	Random io.Reader        // default crypto/rand

	Hashing identity.Hashing // of passwords; four at once
	// Roles are ready roles beside those of the house (owner, manager, developer,
	// integrator): the words of a trade, which the host does not know.
	Roles []identity.Role
	// House are names that make a bad password: of the retailer, of the product.
	House []string

	Idle       time.Duration // of a session without a request; default 30 min
	Absolute   time.Duration // of a session; default 12 h
	Invitation time.Duration // until an invitation is of no use; default 72 h
	Token      time.Duration // of a token whose maker does not say; default 90 days
}

// maxToken is the longest life of a token.
const maxToken = 366 * 24 * time.Hour

func (c *Config) fill() {
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	for _, d := range []struct {
		field *time.Duration
		value time.Duration
	}{{&c.Idle, 30 * time.Minute}, {&c.Absolute, 12 * time.Hour}, {&c.Invitation, 72 * time.Hour}, {&c.Token, 90 * 24 * time.Hour}} {
		if *d.field == 0 {
			*d.field = d.value
		}
	}
}

// Accounts are who may act for one tenant. Safe for concurrent use.
type Accounts struct {
	config  Config
	ready   []identity.Role // that nobody can change
	policy  *identity.Policy
	hashers *hashers
	brake   *brake
	uses    *uses
	denials *denials
	known   memos         // of what each request reads
	wake    chan struct{} // something waits to be written
}

// memos are those of the records that say who acts.
type memos struct {
	users    *memo[user]
	sessions *memo[session]
	tokens   *memo[token]
}

// New makes the accounts of a tenant that the kernel has, or will have, open.
// The error is one of the configuration: a ready role twice or with what is no
// right.
func New(c Config) (*Accounts, error) {
	c.fill()
	a := &Accounts{config: c, ready: readyRoles(), policy: identity.NewPolicy(), brake: newBrake(), uses: newUses(), denials: newDenials(),
		known: memos{newMemo[user](), newMemo[session](), newMemo[token]()}, wake: make(chan struct{}, 1)}
	for _, r := range c.Roles {
		if _, taken := a.readyRole(r.ID); taken || !slug(r.ID) {
			return nil, fmt.Errorf("account: the ready role %q stands twice or has no proper id", r.ID)
		}
		for _, right := range r.Rights {
			if err := identity.CheckRight(right); err != nil {
				return nil, fmt.Errorf("account: the ready role %s: %w", r.ID, err)
			}
		}
		a.ready = append(a.ready, r)
	}
	var err error
	if a.hashers, err = newHashers(c.Hashing, c.Random); err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	return a, nil
}

// Operations are all that can be asked of accounts over REST and by the command
// line.
func (a *Accounts) Operations() []*platform.Operation {
	var all []*platform.Operation
	for _, family := range [][]*platform.Operation{
		a.signingIn(), a.ofSessions(), a.ofMe(), a.ofUsers(), a.ofPasswords(), a.ofRoles(), a.ofTokens(), a.ofAudit(),
	} {
		all = append(all, family...)
	}
	return all
}

// Pauses of the work in the background.
const (
	pause = time.Second      // between two writes at least
	round = 10 * time.Second // until a minute that has ended is noticed
	last  = 5 * time.Second  // for what is left at the end
)

// Run writes what need not be written before a request is answered: when
// credentials were last used, and what was refused. It ends with ctx, when all
// that it knew of is written.
func (a *Accounts) Run(ctx context.Context) error {
	tick := time.NewTicker(round)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			end, cancel := context.WithTimeout(context.WithoutCancel(ctx), last)
			defer cancel()
			return a.flush(end, true)
		case <-a.wake:
		case <-tick.C:
		}
		if err := a.flush(ctx, false); err != nil && ctx.Err() == nil {
			a.config.Logger.Warn("accounts could not write what happened", "error", err.Error())
		}
		linger(ctx, pause)
	}
}

// linger waits, at most until ctx ends.
func linger(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// flush writes what waits; the last time also counts of a minute that goes on.
func (a *Accounts) flush(ctx context.Context, end bool) error {
	if err := a.flushUses(ctx); err != nil {
		return err
	}
	return a.flushDenials(ctx, end)
}

// stir wakes Run.
func (a *Accounts) stir() {
	select {
	case a.wake <- struct{}{}:
	default:
	}
}

// read runs a transaction that only reads, as the host.
func (a *Accounts) read(ctx context.Context, name string, do func(tx *kernel.Tx) error) error {
	_, err := a.config.Kernel.Do(ctx, kernel.Task{Tenant: a.config.Tenant, Name: name, ReadOnly: true, Do: do})
	return err
}

// write runs a transaction for a caller and audits it: do answers what it was
// about, and as whom if the caller only just became somebody.
func (a *Accounts) write(ctx context.Context, by platform.Caller, action string, do func(tx *kernel.Tx) (deed, error)) error {
	_, err := a.config.Kernel.Do(ctx, kernel.Task{
		Tenant: a.config.Tenant, Name: action, Principal: by.Principal, Request: by.Request,
		Do: func(tx *kernel.Tx) error {
			d, err := do(tx)
			if err != nil {
				return err
			}
			return d.record(tx, action)
		},
	})
	return err
}
