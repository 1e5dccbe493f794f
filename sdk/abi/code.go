package abi

// Code is the closed vocabulary of outcomes, stable on the wire. The open half
// of an error is its reason.
type Code uint8

// The codes. Each is mapped once to an HTTP status (host/internal/rest) and to
// a retry policy (Retryable).
const (
	OK                 Code = iota
	Invalid                 // the input breaks a rule that the caller could know
	NotFound                // the thing named does not exist
	Conflict                // it exists already, or another version won
	Denied                  // the caller may not
	FailedPrecondition      // the state does not allow it now
	Exhausted               // a balance, quota or bound would be passed
	Unavailable             // try again later
	Deadline                // time or fuel is spent
	TooLarge                // more than a limit
	Internal                // a fault of the host or of an app
	codes
)

var codeNames = [codes]string{
	"ok", "invalid", "not_found", "conflict", "denied", "failed_precondition",
	"exhausted", "unavailable", "deadline", "too_large", "internal",
}

// String is the code's name on the wire.
func (c Code) String() string {
	if c < codes {
		return codeNames[c]
	}
	return "internal"
}

// ParseCode finds a code by its name.
func ParseCode(name string) (Code, bool) {
	for i, n := range codeNames {
		if n == name {
			return Code(i), true
		}
	}
	return Internal, false
}

// Retryable says whether the same call may succeed when it is made again
// unchanged.
func (c Code) Retryable() bool { return c == Conflict || c == Unavailable || c == Deadline }

// Error is what crosses the boundary when a call does not succeed.
type Error struct {
	Code    Code
	Reason  string  // open, documented by the operation: "reentrant", "unique" …
	Message string  // for the person who called, never a secret
	Pointer string  // RFC 6901 pointer into the input, "" if it is about no field
	App     string  // id@version of the app that raised it, set by the host
	Fields  []Field // parameters of Reason, in the order they were added
}

// Field is one parameter of an error: a number or a text.
type Field struct {
	Name  string
	Text  string
	Int   int64
	IsInt bool
}

// Error makes Error an error; the text is for logs and tests.
func (e *Error) Error() string {
	s := e.Code.String()
	if e.Reason != "" {
		s += " (" + e.Reason + ")"
	}
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Pointer != "" {
		s += " at " + e.Pointer
	}
	return s
}

// Append encodes e as a frame.
func (e *Error) Append(b []byte) []byte {
	b = append(b, byte(e.Code))
	b = AppendString(b, e.Reason)
	b = AppendString(b, e.Message)
	b = AppendString(b, e.Pointer)
	b = AppendString(b, e.App)
	b = AppendUint(b, uint64(len(e.Fields)))
	for _, f := range e.Fields {
		b = AppendString(b, f.Name)
		b = AppendBool(b, f.IsInt)
		if f.IsInt {
			b = AppendInt(b, f.Int)
		} else {
			b = AppendString(b, f.Text)
		}
	}
	return b
}

// ParseError decodes a frame made by Append.
func ParseError(b []byte) (*Error, error) {
	d := NewDecoder(b)
	e := &Error{Code: Code(d.Byte()), Reason: d.String(), Message: d.String(), Pointer: d.String(), App: d.String()}
	for range d.Count(2) {
		f := Field{Name: d.String(), IsInt: d.Bool()}
		if f.IsInt {
			f.Int = d.Int()
		} else {
			f.Text = d.String()
		}
		e.Fields = append(e.Fields, f)
	}
	if e.Code == OK || e.Code >= codes {
		e.Code = Internal
	}
	return e, d.Done()
}
