// Package platform says what an operation of the host itself looks like: typed
// input and output, a permission, and the place where REST shows it. The rooms
// (lifecycle, event, account …) make their operations with it, the kernel runs
// them, rest routes them, OpenAPI lists them. It knows JSON and the kernel; it
// must not know any room, HTTP servers or storage engines.
package platform

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// About describes an operation to people and to REST.
type About struct {
	Name    string // host.area.verb, e.g. host.users.create
	Method  string // GET for queries, which REST answers to HEAD too; POST, PUT, PATCH, DELETE for commands
	Path    string // below /v1/host, with {name} for fields of the input, e.g. /users/{id}
	Summary string // one line
	Doc     string // errors with their reasons, and what else a caller must know
	Right   string // permission, e.g. host.users; never empty unless Open or Known
	Open    bool   // anybody may call it
	Known   bool   // everybody may call it whom a credential makes known
	// IfMatch: the caller must name the version that it changes. The header
	// If-Match becomes the field if_match of the input; a field etag of the
	// output becomes the header ETag.
	IfMatch bool
	// NoKey: repeating it does no harm by its nature, so that REST does not ask
	// for an Idempotency-Key.
	NoKey bool
	// Positions: the field after of the input is a position of the log, which
	// clients know from elsewhere, and no cursor that only a list makes.
	Positions bool
	Status    int // of success; default 200
}

// Operation is one operation of the host.
type Operation struct {
	About
	Native        *kernel.Native // nil if Raw or Act is set
	Input, Output *jsonschema.Schema
	// Raw answers the request itself: streams and uploads. Authentication and the
	// right are checked before.
	Raw func(w http.ResponseWriter, r *http.Request, p identity.Principal, request string) error
	// Accepts is the type of the body that a command with Raw reads; Input, if
	// set, describes its parts. Default application/octet-stream.
	Accepts string
	// Act, if set, runs an operation that is not one transaction; see Action. The
	// kernel does not run it: it is called with the JSON of the input after the
	// right was checked, and no Idempotency-Key applies to it. Errors are
	// *abi.Error or *kernel.Error.
	Act func(ctx context.Context, by Caller, input []byte) ([]byte, error)
}

// Caller is who asks for an Action, and from where.
type Caller struct {
	Principal identity.Principal
	Request   string     // id of the request, "" for none
	Address   netip.Addr // of the client; zero if it is no network client
}

// Command says whether it changes anything.
func (o *Operation) Command() bool { return o.Method != http.MethodGet }

// Query makes an operation that reads. In and Out are structs with json tags;
// the tag jsonschema describes a field. In must decode strictly: unknown fields,
// duplicates and wrong types are refused.
func Query[In, Out any](a About, fn func(tx *kernel.Tx, in In) (Out, error)) *Operation {
	return operation[In, Out](a, false, fn)
}

// Command makes an operation that reads and writes, in one transaction. fn may
// run several times and has no other effect.
func Command[In, Out any](a About, fn func(tx *kernel.Tx, in In) (Out, error)) *Operation {
	return operation[In, Out](a, true, fn)
}

// Action makes an operation that is not one transaction: because it takes long
// (a password is hashed) or because its input or output is a secret, which must
// not stand in the record that makes a command repeatable. fn makes transactions
// of its own and writes its own line of the audit. Who lacks the right is
// refused here too; the way in refuses first and reports it.
func Action[In, Out any](a About, fn func(ctx context.Context, by Caller, in In) (Out, error)) *Operation {
	o := &Operation{About: a, Input: schemaOf[In](a.Name), Output: schemaOf[Out](a.Name)}
	o.Act = func(ctx context.Context, by Caller, input []byte) ([]byte, error) {
		if err := a.authorize(by.Principal); err != nil {
			return nil, err
		}
		if a.Known && by.Principal.ID == identity.Nobody().ID {
			return nil, errNobody()
		}
		var in In
		if err := Decode(input, &in); err != nil {
			return nil, err
		}
		out, err := fn(ctx, by, in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}
	return o
}

// authorize refuses an action to who may not do it.
func (a *About) authorize(p identity.Principal) error {
	var d *identity.Denial
	switch {
	case a.Open || a.Known || !errors.As(identity.Authorize(p, identity.Need{Right: a.Right}), &d):
		return nil
	case d.Store != "":
		return &abi.Error{Code: abi.Denied, Reason: abi.ReasonStore, Message: "You may not act for this store."}
	}
	return &abi.Error{Code: abi.Denied, Reason: abi.ReasonPermission, Message: "The permission " + a.Right + " is missing."}
}

// errNobody refuses who has no credential.
func errNobody() error {
	return &abi.Error{Code: abi.Denied, Reason: "principal", Message: "Log in, or send a token."}
}

// None is the input or output of an operation that has none.
type None struct{}

func operation[In, Out any](a About, command bool, fn func(tx *kernel.Tx, in In) (Out, error)) *Operation {
	o := &Operation{About: a, Input: schemaOf[In](a.Name), Output: schemaOf[Out](a.Name)}
	o.Native = &kernel.Native{Name: a.Name, Command: command, Right: a.Right, Open: a.Open || a.Known, Run: func(tx *kernel.Tx, input []byte) ([]byte, error) {
		if a.Known && tx.Principal().ID == identity.Nobody().ID {
			return nil, errNobody()
		}
		var in In
		if err := Decode(input, &in); err != nil {
			return nil, err
		}
		out, err := fn(tx, in)
		if err != nil {
			return nil, err
		}
		return json.Marshal(out)
	}}
	return o
}

// schemaOf derives the schema of a type. One that cannot be derived is a mistake
// of the programmer, found when the host starts.
func schemaOf[T any](name string) *jsonschema.Schema {
	s, err := jsonschema.For[T](nil)
	if err != nil {
		panic(fmt.Sprintf("platform: %s: %v", name, err))
	}
	return s
}

// Decode decodes one JSON object strictly. The error is an *abi.Error with a
// pointer as far as it is known.
func Decode(b []byte, v any) error {
	if len(bytes.TrimSpace(b)) == 0 {
		b = []byte("{}")
	}
	if err := duplicates(b); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refusal(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return invalid("", "There is more than one JSON value.")
	}
	return nil
}

func refusal(err error) *abi.Error {
	var kind *json.UnmarshalTypeError
	if errors.As(err, &kind) {
		return invalid("/"+strings.ReplaceAll(kind.Field, ".", "/"), "This is a "+kind.Value+", which does not fit here.")
	}
	if field, ok := strings.CutPrefix(err.Error(), `json: unknown field "`); ok {
		return invalid("/"+strings.TrimSuffix(field, `"`), "There is no such field.")
	}
	return invalid("", "This is not well-formed JSON.")
}

func invalid(pointer, message string) *abi.Error {
	return &abi.Error{Code: abi.Invalid, Reason: abi.ReasonMalformed, Message: message, Pointer: pointer}
}

// maxNesting is how deep a value may lie in others.
const maxNesting = 64

// duplicates refuses an object with a name twice, at any depth. The names of the
// outermost differ by more than case, for those of a struct's fields are found
// without it.
func duplicates(b []byte) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if e := walk(d, 0); e != nil {
		return e
	}
	return nil
}

// walk reads one value. The pointer of its error begins at the value: whoever
// called puts the way there before it, which costs nothing while all is well.
func walk(d *json.Decoder, depth int) *abi.Error {
	t, err := d.Token()
	if err != nil || depth > maxNesting {
		return invalid("", "This is not well-formed JSON, or nested too deep.")
	}
	open, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	var names map[string]bool
	if open == '{' {
		names = map[string]bool{}
	}
	for i := 0; d.More(); i++ {
		at, e := strconv.Itoa(i), (*abi.Error)(nil)
		if open == '{' {
			at, e = member(d, depth, names)
		}
		if e == nil {
			e = walk(d, depth+1)
		}
		if e != nil {
			e.Pointer = "/" + at + e.Pointer
			return e
		}
	}
	if _, err = d.Token(); err != nil {
		return invalid("", "This is not well-formed JSON.")
	}
	return nil
}

// member reads the name of a member and notes it.
func member(d *json.Decoder, depth int, names map[string]bool) (string, *abi.Error) {
	t, err := d.Token()
	if err != nil {
		return "", invalid("", "This is not well-formed JSON.")
	}
	name, _ := t.(string)
	key := name
	if depth == 0 {
		key = strings.ToLower(strings.ToUpper(name)) // two letters of Unicode fold to ASCII on one way only
	}
	if names[key] {
		return name, invalid("", "This field stands twice.")
	}
	names[key] = true
	return name, nil
}
