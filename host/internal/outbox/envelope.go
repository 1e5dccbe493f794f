// Package outbox knows the form in which an event lies in a tenant's log. It
// must not know who reads it.
package outbox

import (
	"github.com/tinylib/msgp/msgp"
)

// Envelope is an event in the log; the names are those of CloudEvents 1.0
// where it has one. Its position is the key it lies under.
type Envelope struct {
	ID        string // ULID
	Type      string // contract.event
	Source    string // app id@version that emitted it
	Subject   string // what it is about: events of one subject stay in order
	Time      int64  // the operation's clock reading, milliseconds since 1970 UTC
	Operation string // id of the operation, shared by all of its events
	Request   string // id of the request that started it
	Principal string // who acted
	Hop       int    // 0 from the edge, one more than the event whose handler emitted it
	Replayed  bool   // emitted while old events were handled: nothing follows outside
	Data      []byte // MessagePack by the event's schema
	Version   int    // of the schema; 0 for the first, which is not written
}

// version is the first byte of an entry, so that the form can change.
const version = 2

// Append encodes e.
func (e *Envelope) Append(b []byte) []byte {
	b = append(b, version)
	fields := uint32(11)
	if e.Version > 1 {
		fields = 12
	}
	b = msgp.AppendArrayHeader(b, fields)
	for _, s := range []string{e.ID, e.Type, e.Source, e.Subject} {
		b = msgp.AppendString(b, s)
	}
	b = msgp.AppendInt64(b, e.Time)
	for _, s := range []string{e.Operation, e.Request, e.Principal} {
		b = msgp.AppendString(b, s)
	}
	b = msgp.AppendInt(b, e.Hop)
	b = msgp.AppendBool(b, e.Replayed)
	b = msgp.AppendBytes(b, e.Data)
	if e.Version > 1 {
		b = msgp.AppendInt(b, e.Version)
	}
	return b
}

// Parse decodes an entry.
func Parse(b []byte) (e Envelope, err error) {
	if len(b) == 0 || b[0] != version {
		return e, msgp.ErrShortBytes
	}
	n, b, err := msgp.ReadArrayHeaderBytes(b[1:])
	if err != nil || n != 11 && n != 12 {
		return e, msgp.ArrayError{Wanted: 11, Got: n}
	}
	for _, s := range []*string{&e.ID, &e.Type, &e.Source, &e.Subject} {
		if *s, b, err = msgp.ReadStringBytes(b); err != nil {
			return e, err
		}
	}
	if e.Time, b, err = msgp.ReadInt64Bytes(b); err != nil {
		return e, err
	}
	for _, s := range []*string{&e.Operation, &e.Request, &e.Principal} {
		if *s, b, err = msgp.ReadStringBytes(b); err != nil {
			return e, err
		}
	}
	if e.Hop, b, err = msgp.ReadIntBytes(b); err != nil {
		return e, err
	}
	if e.Replayed, b, err = msgp.ReadBoolBytes(b); err != nil {
		return e, err
	}
	if e.Data, b, err = msgp.ReadBytesBytes(b, nil); err == nil && n == 12 {
		e.Version, _, err = msgp.ReadIntBytes(b)
	}
	return e, err
}
