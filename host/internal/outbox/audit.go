package outbox

import "github.com/tinylib/msgp/msgp"

// Audit is one line of who did what. It holds ids only: no value, no secret, no
// personal data.
type Audit struct {
	ID         string   // ULID, in the order of time
	Time       int64    // milliseconds since 1970 UTC
	Principal  string   // who acted
	Credential string   // session or token that they came with
	Action     string   // operation
	Objects    []string // what it was about, e.g. "user:anna"
	Request    string   // id of the request
	Outcome    string   // "done", or "denied: " and the missing right
}

// Append encodes a.
func (a *Audit) Append(b []byte) []byte {
	b = append(b, version)
	b = msgp.AppendArrayHeader(b, 8)
	b = msgp.AppendString(b, a.ID)
	b = msgp.AppendInt64(b, a.Time)
	for _, s := range []string{a.Principal, a.Credential, a.Action, a.Request, a.Outcome} {
		b = msgp.AppendString(b, s)
	}
	b = msgp.AppendArrayHeader(b, uint32(len(a.Objects)))
	for _, s := range a.Objects {
		b = msgp.AppendString(b, s)
	}
	return b
}

// ParseAudit decodes a line.
func ParseAudit(b []byte) (a Audit, err error) {
	if len(b) == 0 || b[0] != version {
		return a, msgp.ErrShortBytes
	}
	n, b, err := msgp.ReadArrayHeaderBytes(b[1:])
	if err != nil || n != 8 {
		return a, msgp.ArrayError{Wanted: 8, Got: n}
	}
	if a.ID, b, err = msgp.ReadStringBytes(b); err != nil {
		return a, err
	}
	if a.Time, b, err = msgp.ReadInt64Bytes(b); err != nil {
		return a, err
	}
	for _, s := range []*string{&a.Principal, &a.Credential, &a.Action, &a.Request, &a.Outcome} {
		if *s, b, err = msgp.ReadStringBytes(b); err != nil {
			return a, err
		}
	}
	if n, b, err = msgp.ReadArrayHeaderBytes(b); err != nil || int(n) > len(b) {
		return a, msgp.ErrShortBytes
	}
	a.Objects = make([]string, n)
	for i := range a.Objects {
		if a.Objects[i], b, err = msgp.ReadStringBytes(b); err != nil {
			return a, err
		}
	}
	return a, nil
}
