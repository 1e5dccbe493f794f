package kernel

import (
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/outbox"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// need is what an app's operation asks of who acts, for this input. The error is
// about an input of which the app might read something else.
func need(target *registry.Operation, input []byte) (identity.Need, error) {
	n := identity.Need{}
	if target.Right != nil {
		n.Right = target.Right.Name
	}
	if target.Info != nil && target.Info.Store != "" {
		if err := unequivocal(input, target.Info.Store); err != nil {
			return n, err
		}
		n.Store = abi.FieldText(input, target.Info.Store)
	}
	return n, nil
}

// unequivocal refuses an input that has a field twice on which something is
// decided.
func unequivocal(input []byte, field string) error {
	if abi.FieldOnce(input, field) {
		return nil
	}
	return failure(abi.Invalid, abi.ReasonMalformed, "The input is malformed, or has the field "+field+" twice.")
}

// decide asks for the one decision, and tells of a refusal.
func (op *operation) decide(n identity.Need) error {
	err := identity.Authorize(op.call.Principal, n)
	var d *identity.Denial
	if errors.As(err, &d) && op.k.config.Hooks.Denied != nil {
		op.k.config.Hooks.Denied(op.call, d)
	}
	return err
}

// granted refuses a call that the session's app may not make: without a grant,
// outside of the grant's bounds, or for somebody who may not.
func (s *session) granted(target *registry.Operation, input []byte) error {
	if target.App == s.app {
		return nil // refused later as re-entry, which says more
	}
	g, ok := s.app.Grant(target.Name)
	if !ok {
		return failure(abi.Denied, abi.ReasonGrant, s.app.ID+" is not granted "+target.Name+".")
	}
	n, err := need(target, input)
	if err != nil {
		return err
	}
	if bound := s.outside(g.Bounds, n.Store, input); bound != "" {
		e := failure(abi.Denied, abi.ReasonGrantBound, s.app.ID+" is granted "+target.Name+" within bounds only.")
		e.Fields = []abi.Field{{Name: "bound", Text: bound}}
		return e
	}
	if target.Right == nil || !target.Right.ActsForUser {
		return nil
	}
	var d *identity.Denial
	if err := s.op.decide(n); errors.As(err, &d) {
		return denied(d)
	}
	return nil
}

// outside names the bound that a call breaks, "" for none.
func (s *session) outside(b *manifest.Bounds, store string, input []byte) string {
	if b == nil {
		return ""
	}
	for _, m := range b.Max {
		if v, ok := abi.FieldInt(input, m.Field); !ok || v > m.Max || !abi.FieldOnce(input, m.Field) {
			return "max"
		}
	}
	switch {
	case b.Stores != nil && !slices.Contains(b.Stores, store):
		return "stores"
	case b.Slot != "" && s.slotName != b.Slot:
		return "slot"
	}
	return ""
}

// record writes the audit of a change, in its transaction. Its key is an id, so
// that no two changes conflict on it.
func (op *operation) record() error {
	if op.body.audit == "" || op.txn.Usage() == (storage.Usage{}) {
		return nil
	}
	a := outbox.Audit{
		ID: op.newID(), Time: op.begun.UnixMilli(), Principal: op.call.Principal.ID, Credential: op.call.Principal.Credential,
		Action: op.body.audit, Objects: op.touched, Request: op.call.Request, Outcome: "done",
	}
	return op.txn.Put(auditKey(a.ID), storage.Record{Value: a.Append(nil)})
}
