package event

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/registry"
)

// lineDesk tries the heads of waiting lines again when they are due.
func (t *tenant) lineDesk() *desk {
	return t.desk("lines", 1, func(tx *kernel.Tx, skip func(app string) bool) ([]errand, error) {
		var due []errand
		for after := ""; len(due) < deskLook; {
			rows, err := tx.Page(areaRetry, "", after, deskLook, false)
			if err != nil {
				return nil, err
			}
			for _, row := range rows {
				after = row.Key
				at, line, _ := strings.Cut(row.Key, "/")
				milli, err := strconv.ParseInt(at, 16, 64)
				if err != nil {
					return nil, err
				}
				if app := appOfLine(line); !skip(app) {
					due = append(due, errand{app: app, key: line, due: time.UnixMilli(milli)})
				}
			}
			if len(rows) < deskLook {
				break
			}
		}
		return due, nil
	}, t.retryLine)
}

// retryLine handles a line from its head on, until something fails or it is
// empty.
func (t *tenant) retryLine(ctx context.Context, e errand) error {
	name := e.key
	var l, old Line
	var stale, blocked bool
	_, err := t.batch(ctx, batch{
		name: "event.retry", app: e.app, n: batchEvents,
		enter: func(tx *kernel.Tx) (*registry.App, error) {
			a, err := t.enter(tx, e.app)
			if err != nil {
				return nil, err
			}
			var ok bool
			l, ok, err = lines.Get(tx, name)
			old = l
			stale = !ok || l.Parked || l.Next != e.due.UnixMilli()
			blocked = stale
			return a, err
		},
		step: func(tx *kernel.Tx, a *registry.App, _ int) (err error) {
			if blocked || l.First == l.End {
				return errEnough
			}
			blocked, err = t.tryHead(tx, a, name, &l)
			return err
		},
		leave: func(tx *kernel.Tx, _ int) error {
			if stale {
				return tx.Delete(areaRetry, retryKey(e.due.UnixMilli(), name))
			}
			if l == old {
				return nil
			}
			if !l.Parked && l.Attempts == 0 {
				l.Next = tx.Now().UnixMilli() // the rest at once, in a transaction of its own
			}
			return l.write(tx, name, &old)
		},
	})
	return err
}

// tryHead handles the head of a line once more and says whether it still blocks.
func (t *tenant) tryHead(tx *kernel.Tx, a *registry.App, name string, l *Line) (bool, error) {
	key := itemKey(name, l.First)
	it, ok, err := items.Get(tx, key)
	if err != nil {
		return false, err
	}
	if ok {
		h, failed, err := t.retrial(tx, a, key, &it, l.Attempts+1)
		if err == nil && h != nil {
			_, failed, err = t.handle(tx, *h)
		}
		if err != nil {
			return false, err
		}
		if failed != nil {
			return true, t.fail(tx, l, name, &it, failed)
		}
		if err = removeItem(tx, key, &it); err != nil {
			return false, err
		}
	}
	l.First++
	l.Attempts = 0
	return false, nil
}
