package webhook

import (
	"cmp"
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

const right = "host.webhooks"

// Operations are the room's operations, for the kernel and for REST.
func (r *Room) Operations() []*platform.Operation {
	return append([]*platform.Operation{
		platform.Action(platform.About{
			Name: "host.webhooks.create", Method: http.MethodPost, Path: "/webhooks", Right: right, NoKey: true, Status: http.StatusCreated,
			Summary: "Have events sent to an address",
			Doc:     "From now on, every event of the named types is posted to the address, signed as Standard Webhooks 1.0 say: kind v1 with the secret that is answered here and never again, kind v1a with a key whose public half every answer shows. Deliveries may come twice, with the same webhook-id, and out of order. Errors: invalid (target_forbidden: only https, port 443 or 8443, a name on the internet), exhausted (webhooks), denied (store: who may act for some stores only).",
		}, r.create),
		platform.Query(platform.About{Name: "host.webhooks.list", Method: http.MethodGet, Path: "/webhooks", Right: right, Summary: "List webhooks"}, list),
		platform.Query(platform.About{Name: "host.webhooks.get", Method: http.MethodGet, Path: "/webhooks/{id}", Right: right, Summary: "Read a webhook", Doc: "Errors: not_found (webhook)."}, get),
		platform.Command(platform.About{
			Name: "host.webhooks.update", Method: http.MethodPatch, Path: "/webhooks/{id}", Right: right, IfMatch: true, NoKey: true,
			Summary: "Change address, types or description of a webhook",
			Doc:     "Fields that are left out stay. What waits goes to the new address. Errors: not_found (webhook), conflict (stale), invalid (target_forbidden).",
		}, r.update),
		platform.Command(platform.About{
			Name: "host.webhooks.delete", Method: http.MethodDelete, Path: "/webhooks/{id}", Right: right, NoKey: true,
			Summary: "Delete a webhook", Doc: "With its deliveries. Errors: not_found (webhook).",
		}, remove),
		platform.Action(platform.About{
			Name: "host.webhooks.rotate", Method: http.MethodPost, Path: "/webhooks/{id}/rotate", Right: right, NoKey: true,
			Summary: "Give a webhook a new secret",
			Doc:     "For a day deliveries have both signatures; with `immediately` only the new one, as after a leak. Errors: not_found (webhook).",
		}, r.rotate),
		platform.Command(platform.About{
			Name: "host.webhooks.enable", Method: http.MethodPost, Path: "/webhooks/{id}/enable", Right: right, NoKey: true,
			Summary: "Enable a webhook that was disabled",
			Doc:     "What waited goes on. New events are delivered from now on, or from behind the position `after`. Errors: not_found (webhook), invalid (malformed) for an `after` that is not in the log.",
		}, r.enable),
		platform.Command(platform.About{
			Name: "host.webhooks.disable", Method: http.MethodPost, Path: "/webhooks/{id}/disable", Right: right, NoKey: true,
			Summary: "Disable a webhook", Doc: "Nothing is sent until it is enabled. Errors: not_found (webhook).",
		}, disable),
		platform.Action(platform.About{
			Name: "host.webhooks.test", Method: http.MethodPost, Path: "/webhooks/{id}/test", Right: right, NoKey: true,
			Summary: "Send webhook.test to a webhook",
			Doc:     "Says whether it was accepted, and nothing else; if it was not, after five seconds. Six in a minute. Errors: not_found (webhook), exhausted (tests).",
		}, r.test),
	}, r.deliveryOperations()...)
}

// Webhook is a webhook as it is shown.
type Webhook struct {
	ID          string    `json:"id"`
	URL         string    `json:"url"`
	Types       []string  `json:"types" jsonschema:"of events: till.closed, till.* or *"`
	Description string    `json:"description,omitzero"`
	Kind        string    `json:"kind" jsonschema:"of its signatures: v1 (a shared secret) or v1a (ed25519)"`
	PublicKey   string    `json:"public_key,omitzero" jsonschema:"of kind v1a: whpk_…"`
	Created     time.Time `json:"created"`
	Position    string    `json:"position,omitzero" jsonschema:"up to here the log was looked at, or further if nothing was wanted; absent in the answer to what made it begin now"`
	Disabled    string    `json:"disabled,omitzero" jsonschema:"why: gone (it answered 410), failing (for five days) or asked"`
	Failing     time.Time `json:"failing,omitzero" jsonschema:"since when no delivery has succeeded"`
	Rotating    time.Time `json:"rotating,omitzero" jsonschema:"until when the old secret signs too"`
	ETag        string    `json:"etag"`
}

func show(tx *kernel.Tx, id string, h *hook) (Webhook, error) {
	cursor, err := readCursor(tx, id)
	w := Webhook{
		ID: id, URL: h.URL, Types: h.Types, Description: h.Description, Kind: h.Kind, PublicKey: h.Public, Created: instant(h.Created),
		Disabled: h.Disabled, Failing: instant(h.Failing), ETag: strconv.Itoa(h.Version),
	}
	if cursor > 0 { // else it will be stamped with this commit's own
		w.Position = strconv.FormatUint(cursor, 10)
	}
	if h.OldUntil > tx.Now().UnixMilli() {
		w.Rotating = instant(h.OldUntil)
	}
	return w, err
}

// instant is the zero time for 0.
func instant(milli int64) time.Time {
	if milli == 0 {
		return time.Time{}
	}
	return time.UnixMilli(milli).UTC()
}

// Listing is which part of a list is asked for.
type Listing struct {
	After string `json:"after,omitzero" jsonschema:"next of the page before"`
	Limit int    `json:"limit,omitzero" jsonschema:"at most 200; default 50"`
}

func (l Listing) limit() int { return min(max(cmp.Or(l.Limit, 50), 1), 200) }

// Webhooks is a page of webhooks.
type Webhooks struct {
	Items []Webhook `json:"items"`
	Next  string    `json:"next,omitzero"`
}

func list(tx *kernel.Tx, l Listing) (Webhooks, error) {
	out := Webhooks{Items: []Webhook{}}
	items, err := hooks.Page(tx, "", l.After, l.limit()+1, false)
	if err != nil {
		return out, err
	}
	for _, item := range items {
		if len(out.Items) == l.limit() {
			out.Next = out.Items[len(out.Items)-1].ID
			break
		}
		w, err := show(tx, item.Key, &item.Value)
		if err != nil {
			return out, err
		}
		out.Items = append(out.Items, w)
	}
	return out, nil
}

// Named is the id of a webhook or a delivery.
type Named struct {
	ID string `json:"id"`
}

// known finds a webhook.
func known(tx *kernel.Tx, id string) (hook, error) {
	var h hook
	ok := len(id) <= 64
	var err error
	if ok {
		h, ok, err = hooks.Get(tx, id)
	}
	if err == nil && !ok {
		err = failure(abi.NotFound, ReasonWebhook, "There is no such webhook.")
	}
	return h, err
}

func get(tx *kernel.Tx, in Named) (Webhook, error) {
	h, err := known(tx, in.ID)
	if err != nil {
		return Webhook{}, err
	}
	return show(tx, in.ID, &h)
}

// Change is what to change of a webhook.
type Change struct {
	ID          string   `json:"id"`
	IfMatch     string   `json:"if_match" jsonschema:"etag of the webhook that is changed"`
	URL         *string  `json:"url,omitzero"`
	Types       []string `json:"types,omitzero"`
	Description *string  `json:"description,omitzero"`
}

const maxDescription = 500

func checkDescription(s string) error {
	if len(s) > maxDescription || strings.ContainsFunc(s, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return invalid("/description", abi.ReasonMalformed, "A description is one line of at most 500 bytes.")
	}
	return nil
}

func (r *Room) update(tx *kernel.Tx, in Change) (Webhook, error) {
	h, err := known(tx, in.ID)
	if err != nil {
		return Webhook{}, err
	}
	if now := strconv.Itoa(h.Version); in.IfMatch != now {
		e := failure(abi.Conflict, ReasonStale, "It was changed since you read it.")
		e.Pointer, e.Fields = "/if_match", []abi.Field{{Name: "etag", Text: now}}
		return Webhook{}, e
	}
	if in.URL != nil {
		if h.URL != *in.URL {
			h.Failing = 0 // the other address was
		}
		h.URL, err = *in.URL, checkTarget(*in.URL, r.config.Insecure)
	}
	if in.Types != nil && err == nil {
		h.Types, err = in.Types, checkTypes(in.Types)
	}
	if in.Description != nil && err == nil {
		h.Description, err = *in.Description, checkDescription(*in.Description)
	}
	if err != nil {
		return Webhook{}, err
	}
	return save(tx, in.ID, h, "changed", "")
}

// save writes a webhook that somebody has changed.
func save(tx *kernel.Tx, id string, h hook, what, reason string) (Webhook, error) {
	h.Version++
	tx.Touch("webhook:" + id)
	if err := hooks.Put(tx, id, h); err != nil {
		return Webhook{}, err
	}
	if err := emit(tx, what, id, reason); err != nil {
		return Webhook{}, err
	}
	return show(tx, id, &h)
}

func remove(tx *kernel.Tx, in Named) (platform.None, error) {
	if _, err := known(tx, in.ID); err != nil {
		return platform.None{}, err
	}
	tx.Touch("webhook:" + in.ID)
	for _, area := range []string{hooks.Name, areaCursor} {
		if err := tx.Delete(area, in.ID); err != nil {
			return platform.None{}, err
		}
	}
	if err := tx.Put(areaGone, in.ID, []byte{}); err != nil {
		return platform.None{}, err
	}
	return platform.None{}, emit(tx, "deleted", in.ID, "")
}

// Enabling is where a webhook goes on.
type Enabling struct {
	ID    string `json:"id"`
	After string `json:"after,omitzero" jsonschema:"position; default: from now on"`
}

func (r *Room) enable(tx *kernel.Tx, in Enabling) (Webhook, error) {
	h, err := known(tx, in.ID)
	if err != nil {
		return Webhook{}, err
	}
	move := h.Disabled != ""
	h.Disabled, h.Failing = "", 0
	switch {
	case in.After != "":
		after, err := r.position("/after", in.After)
		if err != nil {
			return Webhook{}, err
		}
		if err = putCursor(tx, in.ID, after); err != nil {
			return Webhook{}, err
		}
	case move:
		if err = fromNow(tx, in.ID); err != nil {
			return Webhook{}, err
		}
	}
	return save(tx, in.ID, h, "enabled", "")
}

// position reads a position that is in the log, or 0.
func (r *Room) position(pointer, text string) (uint64, error) {
	p, err := strconv.ParseUint(text, 10, 63)
	there := err == nil
	if there && p > 0 {
		events, err := r.entries(p-1, 1)
		if err != nil {
			return 0, err
		}
		there = len(events) > 0
	}
	if !there {
		return 0, invalid(pointer, abi.ReasonMalformed, "This is no position in the log.")
	}
	return p, nil
}

func disable(tx *kernel.Tx, in Named) (Webhook, error) {
	h, err := known(tx, in.ID)
	if err != nil {
		return Webhook{}, err
	}
	if h.Disabled != "" {
		return show(tx, in.ID, &h)
	}
	h.Disabled = disabledAsked
	return save(tx, in.ID, h, "disabled", disabledAsked)
}

// NewWebhook is a webhook to be made.
type NewWebhook struct {
	URL         string   `json:"url" jsonschema:"https address on the internet"`
	Types       []string `json:"types" jsonschema:"of events: till.closed, till.* or *"`
	Description string   `json:"description,omitzero"`
	Kind        string   `json:"kind,omitzero" jsonschema:"of signatures: v1 (default; a shared secret) or v1a (ed25519)"`
}

// MadeWebhook is a webhook with its secret.
type MadeWebhook struct {
	Webhook
	Secret string `json:"secret,omitzero" jsonschema:"of kind v1: whsec_…, shown once"`
}

func (r *Room) check(by platform.Caller, in *NewWebhook) error {
	in.Kind = cmp.Or(in.Kind, kindHMAC)
	if by.Principal.Stores != nil {
		return failure(abi.Denied, abi.ReasonStore, "A webhook sees all stores, and you may act for some.")
	}
	if in.Kind != kindHMAC && in.Kind != kindEd25519 {
		return invalid("/kind", abi.ReasonMalformed, "The kind is v1 or v1a.")
	}
	if err := checkTarget(in.URL, r.config.Insecure); err != nil {
		return err
	}
	if err := checkTypes(in.Types); err != nil {
		return err
	}
	return checkDescription(in.Description)
}

func (r *Room) create(ctx context.Context, by platform.Caller, in NewWebhook) (out MadeWebhook, err error) {
	if err = r.check(by, &in); err != nil {
		return out, err
	}
	key, err := newKey(r.config.Random)
	if err != nil {
		return out, err
	}
	err = r.act(ctx, by, "host.webhooks.create", func(tx *kernel.Tx) (string, error) {
		rows, err := hooks.Page(tx, "", "", maxHooks, false)
		if err != nil {
			return "", err
		}
		if len(rows) == maxHooks {
			return "", failure(abi.Exhausted, ReasonMost, "There are 100 webhooks already.")
		}
		id := tx.NewID()
		h := hook{URL: in.URL, Types: in.Types, Description: in.Description, Kind: in.Kind, Created: tx.Now().UnixMilli()}
		out.Secret, h.Public = shown(h.Kind, key)
		if h.Secret, err = r.config.Seal.Seal(sealPurpose, r.about(id), key, r.config.Random); err != nil {
			return "", err
		}
		if err = fromNow(tx, id); err != nil {
			return "", err
		}
		out.Webhook, err = save(tx, id, h, "created", "")
		return id, err
	})
	return out, err
}

// act runs the transaction of an Action and writes its line of the audit.
func (r *Room) act(ctx context.Context, by platform.Caller, action string, do func(tx *kernel.Tx) (id string, err error)) error {
	_, err := r.config.Kernel.Do(ctx, kernel.Task{
		Tenant: r.config.Tenant, Name: action, Principal: by.Principal, Request: by.Request,
		Do: func(tx *kernel.Tx) error {
			id, err := do(tx)
			if err != nil {
				return err
			}
			p := tx.Principal()
			l := outbox.Audit{
				ID: tx.NewID(), Time: tx.Now().UnixMilli(), Principal: p.ID, Credential: p.Credential,
				Action: action, Objects: []string{"webhook:" + id}, Request: tx.Request(), Outcome: "done",
			}
			return tx.AddAudit(l.ID, l.Append(nil))
		},
	})
	return err
}

// Rotation is how a webhook gets a new secret.
type Rotation struct {
	ID          string `json:"id"`
	Immediately bool   `json:"immediately,omitzero" jsonschema:"the old secret signs no more"`
}

func (r *Room) rotate(ctx context.Context, by platform.Caller, in Rotation) (out MadeWebhook, err error) {
	key, err := newKey(r.config.Random)
	if err != nil {
		return out, err
	}
	err = r.act(ctx, by, "host.webhooks.rotate", func(tx *kernel.Tx) (string, error) {
		h, err := known(tx, in.ID)
		if err != nil {
			return "", err
		}
		h.Old, h.OldUntil = h.Secret, tx.Now().Add(rotationTakes).UnixMilli()
		if in.Immediately {
			h.Old, h.OldUntil = nil, 0
		}
		out.Secret, h.Public = shown(h.Kind, key)
		if h.Secret, err = r.config.Seal.Seal(sealPurpose, r.about(in.ID), key, r.config.Random); err != nil {
			return "", err
		}
		out.Webhook, err = save(tx, in.ID, h, "rotated", "")
		return in.ID, err
	})
	return out, err
}
