package webhook

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/storage"
)

// hook is what is kept of a webhook. Instants are milliseconds since 1970 UTC, 0
// for none.
type hook struct {
	URL         string   `json:"url"`
	Description string   `json:"description,omitempty"`
	Types       []string `json:"types"`
	Kind        string   `json:"kind"`
	Public      string   `json:"public,omitempty"`
	Secret      []byte   `json:"secret"` // sealed
	Old         []byte   `json:"old,omitempty"`
	OldUntil    int64    `json:"old_until,omitempty"`
	Created     int64    `json:"created"`
	Version     int      `json:"version"`           // of what people change
	Stirred     int      `json:"stirred,omitempty"` // counts what the worker must look at again
	Disabled    string   `json:"disabled,omitempty"`
	Failing     int64    `json:"failing,omitempty"` // since its first failure after a success
}

// Why a webhook is disabled.
const (
	disabledGone    = "gone"    // it answered 410
	disabledFailing = "failing" // for five days
	disabledAsked   = "asked"   // somebody did it
)

// delivery is what is kept of one event for one webhook.
type delivery struct {
	Event    string `json:"event"` // id
	Type     string `json:"type"`
	Position uint64 `json:"position"`
	State    string `json:"state"`
	Tries    int    `json:"tries,omitempty"`
	Created  int64  `json:"created"`
	Due      int64  `json:"due,omitempty"` // while it waits
	// Of the last try:
	At     int64  `json:"at,omitempty"`
	Status int    `json:"status,omitempty"`
	Answer string `json:"answer,omitempty"` // escaped
	Why    string `json:"why,omitempty"`
	Took   int64  `json:"took,omitempty"` // milliseconds
}

// The states of a delivery.
const (
	stateWaiting   = "waiting"
	stateDelivered = "delivered"
	stateFailed    = "failed"
)

// How long the record of a delivery is kept once it ended.
const (
	keepDelivered = 30 * 24 * time.Hour
	keepFailed    = 90 * 24 * time.Hour
)

// The areas. A delivery's key is webhook.position; areaDue lists those that wait,
// webhook.due.position; areaCursor holds positions of eight bytes; areaGone names
// deleted webhooks of which rows are left.
const (
	areaDue    = "webhook_due"
	areaCursor = "webhook_cursor"
	areaGone   = "webhook_gone"
)

var (
	hooks      = platform.Area[hook]{Name: "webhook"}
	deliveries = platform.Area[delivery]{Name: "delivery"}
)

func deliveryID(webhook string, position uint64) string {
	return fmt.Sprintf("%s.%016x", webhook, position)
}

func dueKey(webhook string, due int64, position uint64) string {
	return fmt.Sprintf("%s.%016x.%016x", webhook, uint64(due), position)
}

// parseDue reads the instant and the position of a key of areaDue.
func parseDue(key string) (due int64, position uint64, err error) {
	parts := strings.Split(key, ".")
	if len(parts) != 3 {
		return 0, 0, storage.ErrCorrupt
	}
	at, err := strconv.ParseUint(parts[1], 16, 63)
	if err != nil {
		return 0, 0, storage.ErrCorrupt
	}
	if position, err = strconv.ParseUint(parts[2], 16, 64); err != nil {
		return 0, 0, storage.ErrCorrupt
	}
	return int64(at), position, nil
}

func readCursor(tx *kernel.Tx, id string) (uint64, error) {
	b, ok, err := tx.Get(areaCursor, id)
	if err != nil || !ok {
		return 0, err
	}
	if len(b) != 8 {
		return 0, storage.ErrCorrupt
	}
	return binary.BigEndian.Uint64(b), nil
}

func putCursor(tx *kernel.Tx, id string, position uint64) error {
	return tx.Put(areaCursor, id, binary.BigEndian.AppendUint64(nil, position))
}

// fromNow makes a webhook receive what is logged behind this commit.
func fromNow(tx *kernel.Tx, id string) error { return tx.PutStamped(areaCursor, id, make([]byte, 8)) }

// schedule writes that a delivery waits until an instant.
func (d *delivery) schedule(tx *kernel.Tx, webhook string, due int64) error {
	if err := d.unschedule(tx, webhook); err != nil {
		return err
	}
	d.State, d.Due = stateWaiting, due
	if err := tx.Put(areaDue, dueKey(webhook, due, d.Position), []byte{}); err != nil {
		return err
	}
	return deliveries.Put(tx, deliveryID(webhook, d.Position), *d)
}

func (d *delivery) unschedule(tx *kernel.Tx, webhook string) error {
	if d.State != stateWaiting {
		return nil
	}
	return tx.Delete(areaDue, dueKey(webhook, d.Due, d.Position))
}

// end writes that a delivery waits no more.
func (d *delivery) end(tx *kernel.Tx, webhook, state string, keep time.Duration) error {
	if err := d.unschedule(tx, webhook); err != nil {
		return err
	}
	d.State, d.Due = state, 0
	return deliveries.PutUntil(tx, deliveryID(webhook, d.Position), *d, tx.Now().Add(keep))
}

// emit logs that something happened to a webhook.
func emit(tx *kernel.Tx, what, id, reason string) error {
	data := msgp.AppendMapHeader(nil, 2)
	data = msgp.AppendString(msgp.AppendString(data, "webhook"), id)
	data = msgp.AppendString(msgp.AppendString(data, "reason"), reason)
	return tx.Emit("host.webhook_"+what, id, data)
}

// disable stops a webhook. What waits stays, for when it is enabled again.
func (h *hook) disable(tx *kernel.Tx, id, why string) error {
	h.Disabled = why
	return emit(tx, "disabled", id, why)
}
