package account

import (
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
)

// uses remembers when credentials were used, and which of it is not written yet:
// at most once a minute for each, and never while a request waits.
type uses struct {
	mu    sync.Mutex
	byKey map[string]*use
}

type use struct{ last, written time.Time }

const (
	everyUse = time.Minute
	maxUses  = 1 << 16 // credentials that are remembered
	useBatch = 500     // written in one transaction
)

func newUses() *uses { return &uses{byKey: map[string]*use{}} }

// note says whether it is time to write. Where too many are remembered already,
// a new one is not: it counts as last used when it was last written.
func (u *uses) note(key string, now time.Time) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	e := u.byKey[key]
	if e == nil {
		if len(u.byKey) >= maxUses {
			return true
		}
		e = &use{}
		u.byKey[key] = e
	}
	e.last = now
	return now.Sub(e.written) >= everyUse
}

func (u *uses) last(key string) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if e := u.byKey[key]; e != nil {
		return e.last
	}
	return time.Time{}
}

// due are the uses to be written now; those of old that are written are forgotten.
func (u *uses) due(old time.Duration, now time.Time) map[string]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	due := map[string]time.Time{}
	for key, e := range u.byKey {
		switch {
		case e.last.After(e.written) && e.last.Sub(e.written) >= everyUse:
			if len(due) < useBatch {
				due[key] = e.last
			}
		case now.Sub(e.last) > old:
			delete(u.byKey, key)
		}
	}
	return due
}

func (u *uses) wrote(due map[string]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for key, at := range due {
		if e := u.byKey[key]; e != nil {
			e.written = at
		}
	}
}

// flushUses writes the uses that are due, of credentials that still exist.
func (a *Accounts) flushUses(ctx context.Context) error {
	for {
		due := a.uses.due(a.config.Idle, a.config.Now())
		if len(due) == 0 {
			return nil
		}
		_, err := a.config.Kernel.Do(ctx, kernel.Task{Tenant: a.config.Tenant, Name: "host.used", Do: func(tx *kernel.Tx) error {
			for _, key := range slices.Sorted(maps.Keys(due)) {
				if exists, err := credential(tx, key); err != nil {
					return err
				} else if !exists {
					continue
				}
				if err := lastUsed().Put(tx, key, used{At: due[key].UTC()}); err != nil {
					return err
				}
			}
			return nil
		}})
		if err != nil {
			return err
		}
		a.uses.wrote(due)
	}
}

// credential says whether what a use is of was not revoked meanwhile.
func credential(tx *kernel.Tx, key string) (exists bool, err error) {
	kind, id, _ := strings.Cut(key, "/")
	if identity.Kind(kind) == identity.TokenKind {
		_, exists, err = tokens().Get(tx, id)
	} else {
		_, exists, err = sessions().Get(tx, id)
	}
	return exists, err
}
