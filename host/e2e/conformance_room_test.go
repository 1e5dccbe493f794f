package e2e

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance"
)

var (
	_ conformance.Queues = (*realHost)(nil)
	_ conformance.Room   = (*realHost)(nil)
	_ conformance.Past   = (*realHost)(nil)
)

// Waiting implements conformance.Queues: it reads the kernel's own keys.
func (h *realHost) Waiting() (all []conformance.Waiting) {
	h.t.Helper()
	txn, err := h.engine.Begin(context.Background(), storage.Options{ReadOnly: true, Now: time.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	defer txn.Discard()
	for queue, kind := range map[kernel.Queue]string{kernel.Effects: "effect", kernel.Jobs: "job"} {
		pairs, err := txn.Scan(storage.Range{Start: []byte{byte(queue), 0}, End: []byte{byte(queue), 1}})
		if err != nil {
			h.t.Fatal(err)
		}
		for _, p := range pairs {
			parts := bytes.SplitN(p.Key[2:], []byte{0}, 3)
			all = append(all, conformance.Waiting{Kind: kind, App: string(parts[0]), Name: string(parts[1]), ID: string(parts[2]), Payload: p.Value[8:]})
		}
	}
	return all
}

// Descriptor implements conformance.Room.
func (h *realHost) Descriptor(id string) abi.Descriptor {
	set, _ := h.kernel.Set(h.name)
	app, ok := set.App(id)
	if !ok {
		h.t.Fatalf("no app %s", id)
	}
	return *app.Descriptor
}

// Derive implements conformance.Room.
func (h *realHost) Derive() error {
	set, _ := h.kernel.Set(h.name)
	for _, id := range []string{"alpha", "beta"} {
		app, _ := set.App(id)
		if err := h.kernel.Derive(context.Background(), h.name, app); err != nil {
			return err
		}
	}
	return nil
}

// Deliver implements conformance.Room, without any of the care that the event
// room takes.
func (h *realHost) Deliver() error { return h.handOut([]string{"alpha", "beta"}, 0, false) }

// Replay implements conformance.Room.
func (h *realHost) Replay() error { return h.handOut([]string{"alpha"}, abi.FlagReplayable, true) }

// Hear implements conformance.Past: the log gets what an older alpha has put there.
func (h *realHost) Hear(name string, version int, payload []byte) error {
	h.t.Helper()
	txn, err := h.engine.Begin(context.Background(), storage.Options{Now: time.Now()})
	if err != nil {
		h.t.Fatal(err)
	}
	defer txn.Discard()
	e := outbox.Envelope{ID: "01JDXQ0000000000000000000" + strconv.Itoa(version), Type: name, Source: "alpha@0.1.0", Subject: "x", Version: version, Data: payload}
	if err = txn.Append(e.Append(nil)); err == nil {
		_, err = txn.Commit(context.Background())
	}
	if err != nil {
		h.t.Fatal(err)
	}
	err = h.handOut([]string{"alpha"}, 0, false)
	var failed *kernel.Error
	if errors.As(err, &failed) {
		return &failed.Public
	}
	return err
}

// handOut hands the events so far to the apps' handlers that have flags.
func (h *realHost) handOut(apps []string, flags abi.EntryFlags, replayed bool) error {
	entries, err := h.engine.Read(0, 1<<20)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		e, err := outbox.Parse(entry.Data)
		if err != nil {
			return err
		}
		for _, id := range apps {
			info := abi.Info{Event: e.ID, Key: e.Subject, Attempt: 1, Position: entry.Position, Replayed: replayed, Version: e.Version}
			_, failed := h.kernel.Do(context.Background(), kernel.Task{Tenant: h.name, Name: "conformance.deliver", App: id, Do: func(tx *kernel.Tx) error {
				app, _ := tx.Set().App(id)
				for i, x := range app.Descriptor.Entries {
					if x.Kind != abi.EntryEvent || x.Name != e.Type || x.Flags&flags != flags {
						continue
					}
					if _, err := tx.Handle(kernel.Handling{App: app, Entry: uint32(i), Input: e.Data, Info: info, Hop: e.Hop}); err != nil {
						return err
					}
				}
				return nil
			}})
			err = errors.Join(err, failed)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
