package event

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// What effects of one app may take.
const (
	effectTime = 30 * time.Second // each
	effectMost = 4                // at once
)

// tried counts the attempts of an effect that has failed before.
type tried struct {
	Attempts int    `json:"attempts"`
	Hash     string `json:"hash"` // of its input: started with another one, it is a new effect
}

var tries = platform.Area[tried]{Name: "event_effect"}

// effectDesk does outside what apps have started.
func (t *tenant) effectDesk() *desk {
	return t.desk("effects", effectMost, func(tx *kernel.Tx, skip func(string) bool) ([]errand, error) {
		return due(tx, kernel.Effects, skip)
	}, t.effect)
}

// attempt is one try of an effect.
type attempt struct {
	kernel.Waiting
	app    *registry.App
	number int // from 1
}

// effect runs the handler outside of any transaction, and then tells the app in
// one that takes the effect off its queue. If the host dies between the two, it
// runs again, with the same key.
func (t *tenant) effect(ctx context.Context, e errand) error {
	at, ok, err := t.beginEffect(ctx, e)
	if err != nil || !ok {
		return err
	}
	var out []byte
	var failed *kernel.Error
	if h, known := t.effectHandling(at); known {
		out, err = t.config.Kernel.Outside(ctx, t.name, h, effectTime, t.config.Send)
	} else {
		failed = gone("The app does not do this any more.")
	}
	if err != nil {
		if ctx.Err() != nil || !errors.As(err, &failed) || hostFault(failed, at.app) {
			return err
		}
	}
	return t.endEffect(ctx, at, out, failed)
}

// hostFault says whether an effect did not fail by itself.
func hostFault(e *kernel.Error, a *registry.App) bool {
	return isDegraded(e, a) || e.Public.App == "" && (e.Public.Code == abi.Unavailable || e.Public.Reason == "canceled")
}

// beginEffect reads what is to be done; false if it was taken back.
func (t *tenant) beginEffect(ctx context.Context, e errand) (at attempt, ok bool, err error) {
	_, err = t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: "event.effect", ReadOnly: true, Do: func(tx *kernel.Tx) (err error) {
		if at.app, err = t.enter(tx, e.app); err != nil {
			return err
		}
		at.Waiting, ok, err = tx.Queued(kernel.Effects, e.app, e.rows[0].Name, e.rows[0].ID)
		if err != nil || !ok || at.Due > tx.Now().UnixMilli() {
			ok = false
			return err
		}
		n, _, err := tries.Get(tx, at.id())
		at.number = 1
		if n.Hash == hashOf(at.Payload) {
			at.number = n.Attempts + 1
		}
		return err
	}})
	return at, ok, err
}

func (at *attempt) id() string { return workID(workEffect, at.App, at.Name, at.ID) }

func (t *tenant) effectHandling(at attempt) (kernel.Handling, bool) {
	entry, ok := at.app.Handler(abi.EntryEffect, at.Name, "")
	return kernel.Handling{
		App: at.app, Entry: entry, Input: at.Payload,
		Seed: t.seed("effect", at.App, at.Name, at.ID, strconv.Itoa(at.number)),
		Info: abi.Info{Key: t.effectKey(at.App, at.Name, at.ID), Attempt: at.number},
	}, ok
}

// effectKey is what an effect is known by outside: the same in every attempt,
// and of nothing else in the world.
func (t *tenant) effectKey(app, name, id string) string {
	return app + "-" + hex.EncodeToString(t.seed("effect key", app, name, id)[:16])
}

// endEffect writes how an attempt ended.
func (t *tenant) endEffect(ctx context.Context, at attempt, out []byte, failed *kernel.Error) error {
	_, err := t.batch(ctx, batch{
		name: "event.effect_done", app: at.App, n: 1,
		enter: func(tx *kernel.Tx) (*registry.App, error) { return t.enter(tx, at.App) },
		step: func(tx *kernel.Tx, a *registry.App, _ int) error {
			row, ok, err := tx.Queued(kernel.Effects, at.App, at.Name, at.ID)
			if err != nil || !ok || row.Due != at.Due || string(row.Payload) != string(at.Payload) {
				return err // started anew meanwhile: that one will be done
			}
			if failed != nil {
				again, err := t.putOff(tx, &at, failed)
				if err != nil || again {
					return err
				}
			}
			return t.tellEffect(tx, a, &at, out, failed)
		},
		leave: func(*kernel.Tx, int) error { return nil },
	})
	return err
}

// worthAnother says whether an effect may succeed when it is tried again: not if
// its handler itself says that nothing will change.
func worthAnother(e *kernel.Error) bool {
	fault := e.Public.App == "" || e.Public.Reason == abi.ReasonAppFault
	return e.Public.Code.Retryable() || fault && e.Public.Reason != reasonGone
}

// putOff queues a failed effect for its next try; false if that was the last.
func (t *tenant) putOff(tx *kernel.Tx, at *attempt, failed *kernel.Error) (bool, error) {
	wait, again := t.retry(at.id(), at.number)
	if !again || !worthAnother(failed) {
		f := failureOf(failed)
		now := tx.Now().UnixMilli()
		w := work{Kind: workEffect, App: at.App, Name: at.Name, Key: at.ID, Begun: now, Attempts: at.number, Failure: &f}
		return false, failWork(tx, at.id(), &w, at.Payload)
	}
	if err := tries.Put(tx, at.id(), tried{Attempts: at.number, Hash: hashOf(at.Payload)}); err != nil {
		return true, err
	}
	w := at.Waiting
	w.Due = tx.Now().Add(wait).UnixMilli()
	return true, tx.Enqueue(w)
}

// tellEffect takes an effect off its queue and tells the app how it ended.
func (t *tenant) tellEffect(tx *kernel.Tx, a *registry.App, at *attempt, out []byte, failed *kernel.Error) error {
	if err := errors.Join(tx.Dequeue(at.Waiting), tries.Delete(tx, at.id())); err != nil {
		return err
	}
	end := abi.EffectEnd{Input: at.Payload, Output: out}
	if failed != nil {
		end.Code, end.Output = failed.Public.Code, failed.Public.Append(nil)
	}
	input := end.Append(nil)
	h, ok := t.effectDone(a, at.Name, at.ID, at.Due, input)
	if !ok {
		return nil
	}
	it := item{Kind: kindEffect, Name: at.Name, ID: at.ID, Due: at.Due}
	line := Line{App: a.ID, Kind: kindEffect, Key: "effect/" + at.Name + "/" + at.ID}
	name := timerPrefix(a.ID) + lineHash(line.Kind, line.Key)
	if joined, err := t.join(tx, name, it, input); err != nil || joined {
		return err
	}
	_, wrong, err := t.handle(tx, h)
	if errors.As(err, new(degraded)) {
		// What was done outside is done: the news of it waits in a line.
		wrong, err = &kernel.Error{Public: abi.Error{Code: abi.Unavailable, Reason: "degraded"}}, nil
	}
	if err != nil || wrong == nil {
		return err
	}
	return t.park(tx, name, line, it, input, wrong)
}

func (t *tenant) effectDone(a *registry.App, name, id string, due int64, end []byte) (kernel.Handling, bool) {
	entry, ok := a.Handler(abi.EntryEffectDone, name, "")
	return kernel.Handling{
		App: a, Entry: entry, Input: end, Seed: t.seed("effect done", a.ID, name, id, strconv.FormatInt(due, 10)),
		Info: abi.Info{Key: t.effectKey(a.ID, name, id), Attempt: 1},
	}, ok
}

// deriveDesk builds derived values when something was published.
func (t *tenant) deriveDesk() *desk {
	return t.desk("derive", 1, func(tx *kernel.Tx, skip func(string) bool) ([]errand, error) {
		return due(tx, kernel.Publishing, skip)
	}, func(ctx context.Context, e errand) error {
		set, ok := t.config.Kernel.Set(t.name)
		if !ok {
			return errAbsent
		}
		a, ok := set.App(e.app)
		if !ok {
			return errAbsent
		}
		if _, ok = a.Handler(abi.EntryDerive, "derive", ""); !ok {
			return t.drop(ctx, e)
		}
		return t.config.Derive(ctx, t.name, a)
	})
}

// drop takes off a queue what a new version of its app does not know.
func (t *tenant) drop(ctx context.Context, e errand) error {
	_, err := t.config.Kernel.Do(ctx, kernel.Task{Tenant: t.name, Name: "event.drop", Do: func(tx *kernel.Tx) error {
		return tx.Dequeue(e.rows[0])
	}})
	return err
}
