package app

import (
	"crypto/hmac"
	"crypto/sha256"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// saltID is the one salt.
const saltID = "erasure"

// mostRedacted is how many records of one history are written in one operation.
const mostRedacted = 200

func erase(tx *sdk.Tx, in customers.CustomerRef) (customers.EraseOut, error) {
	if gone, ok := erasures.Get(tx, sdk.K(in.ID)); ok {
		return gone, nil
	}
	out := customers.EraseOut{ID: in.ID, At: tx.Now()}
	if _, err := customer(tx, in.ID, "/id"); err != nil {
		return out, err
	}
	if err := bury(tx, in.ID); err != nil {
		return out, err
	}
	if err := profiles.Delete(tx, sdk.K(in.ID)); err != nil {
		return out, err
	}
	if err := erasures.Insert(tx, out); err != nil {
		return out, err
	}
	if err := redact(tx, Rest{Customer: in.ID}); err != nil {
		return out, err
	}
	return out, customers.Erased.Emit(tx, customers.ErasedEvent{Customer: in.ID})
}

// bury removes the identifiers of a customer. Each leaves a tombstone, unless
// others have the same value: then it tells of nobody.
func bury(tx *sdk.Tx, id retail.CustomerID) error {
	salt, err := ownSalt(tx)
	if err != nil {
		return err
	}
	for x := range identifiers.Scan(tx, sdk.Scan{Prefix: sdk.K(id)}) {
		if err := identifiers.Delete(tx, x.key()); err != nil {
			return err
		}
		if held(tx, x.Type, x.Value) {
			continue
		}
		if err := tombstones.Put(tx, Tombstone{Hash: hash(salt, x.Type, x.Value), At: tx.Now()}); err != nil {
			return err
		}
	}
	return nil
}

// held says whether anybody has an identifier.
func held(r sdk.Reader, kind customers.IdentifierType, value string) bool {
	for range identifiers.Scan(r, sdk.Scan{Index: "value", Prefix: sdk.K(kind).Text(value), Limit: 1}) {
		return true
	}
	return false
}

// ownSalt is the tenant's salt, made if there is none.
func ownSalt(tx *sdk.Tx) ([]byte, error) {
	if s, ok := salts.Get(tx, sdk.K(saltID)); ok {
		return s.Bytes, nil
	}
	s := Salt{ID: saltID, Bytes: tx.Random(sha256.Size)}
	return s.Bytes, salts.Insert(tx, s)
}

// hash is what a tombstone keeps of an identifier. Without the salt it says
// nothing, and it is keyed because telephone numbers are few enough to try.
func hash(salt []byte, kind customers.IdentifierType, value string) string {
	h := hmac.New(sha256.New, salt)
	_, _ = h.Write([]byte(string(kind) + "\x00" + value)) // a hash takes every write
	return hexadecimal(h.Sum(nil))
}

// hexadecimal is encoding/hex without the package, which would bring fmt into the
// guest.
func hexadecimal(b []byte) string {
	const digits = "0123456789abcdef"
	out := make([]byte, 0, 2*len(b))
	for _, c := range b {
		out = append(out, digits[c>>4], digits[c&15])
	}
	return string(out)
}

// tombstone finds that of an identifier.
func tombstone(r sdk.Reader, kind customers.IdentifierType, value string) (Tombstone, bool) {
	salt, ok := salts.Get(r, sdk.K(saltID))
	if !ok {
		return Tombstone{}, false
	}
	return tombstones.Get(r, sdk.K(hash(salt.Bytes, kind, value)))
}

// redact removes what was said in free words about an erased person from his
// histories. What is too much for one operation follows in the next.
func redact(tx *sdk.Tx, r Rest) error {
	done := 0
	for s := range statements.Scan(tx, from(r.Customer, r.Statement)) {
		if done == mostRedacted {
			return redactRest.Schedule(tx, string(r.Customer), tx.Now(), r)
		}
		s.Proof, s.Source = "", ""
		if err := statements.Put(tx, s); err != nil {
			return err
		}
		r.Statement, done = s.ID, done+1
	}
	for t := range tiers.Scan(tx, from(r.Customer, r.Tier)) {
		if done == mostRedacted {
			return redactRest.Schedule(tx, string(r.Customer), tx.Now(), r)
		}
		t.Reason = ""
		if err := tiers.Put(tx, t); err != nil {
			return err
		}
		r.Tier, done = t.ID, done+1
	}
	return nil
}

// from is the scan of a history, the oldest first, from an id on.
func from(customer retail.CustomerID, id string) sdk.Scan {
	s := sdk.Scan{Prefix: sdk.K(customer)}
	if id != "" {
		s.From = sdk.K(id)
	}
	return s
}
