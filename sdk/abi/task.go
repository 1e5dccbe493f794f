package abi

// Info is what a guest may know of the operation that it runs in.
type Info struct {
	Operation string   // id of the operation, a ULID; the same in nested calls
	Request   string   // id of the request that started it
	Principal string   // who acts, e.g. "user:anna" or "token:8f…"
	Caller    string   // id of the calling app, "" at the edge
	Stores    []string // that the principal is limited to; empty for all
	Event     string   // id of the event that is handled, "" if none is
	Key       string   // of the event, timer, effect or job that is handled; of an effect the same in every attempt
	Attempt   int      // of handling it, from 1; 0 if nothing is handled
	Position  uint64   // of the event in the log
	Replayed  bool     // the event is of the past: nothing leaves the host
	Version   int      // that the event was emitted in; 0 for the first. Only its own handler is told.
}

// Append encodes i.
func (i *Info) Append(b []byte) []byte {
	b = AppendString(b, i.Operation)
	b = AppendString(b, i.Request)
	b = AppendString(b, i.Principal)
	b = AppendString(b, i.Caller)
	b = AppendStrings(b, i.Stores)
	b = AppendString(b, i.Event)
	b = AppendString(b, i.Key)
	b = AppendUint(b, uint64(i.Attempt))
	b = AppendUint(b, i.Position)
	return appendVersion(AppendBool(b, i.Replayed), i.Version)
}

// ParseInfo decodes an Info.
func ParseInfo(b []byte) (Info, error) {
	d := NewDecoder(b)
	i := Info{
		Operation: d.String(), Request: d.String(), Principal: d.String(), Caller: d.String(),
		Stores: d.strings(), Event: d.String(), Key: d.String(), Attempt: int(min(d.Uint(), 1<<30)), Position: d.Uint(), Replayed: d.Bool(), Version: d.version(),
	}
	return i, d.Done()
}

// Header is one header field of a request or an answer.
type Header struct{ Name, Value string }

// HTTPRequest is what an effect handler asks the host to send. The host must be
// one that the app was granted. Secret names a setting whose value the host
// puts into the header that the grant says; the guest never sees it.
type HTTPRequest struct {
	Method, URL string
	Headers     []Header
	Secret      string
	Body        []byte
}

// Append encodes r.
func (r *HTTPRequest) Append(b []byte) []byte {
	b = AppendString(b, r.Method)
	b = AppendString(b, r.URL)
	b = appendHeaders(b, r.Headers)
	b = AppendString(b, r.Secret)
	return AppendBytes(b, r.Body)
}

// ParseHTTPRequest decodes an HTTPRequest; its Body aliases b.
func ParseHTTPRequest(b []byte) (HTTPRequest, error) {
	d := NewDecoder(b)
	r := HTTPRequest{Method: d.String(), URL: d.String(), Headers: d.headers(), Secret: d.String(), Body: d.Bytes()}
	return r, d.Done()
}

// HTTPResponse is what came back.
type HTTPResponse struct {
	Status  int
	Headers []Header
	Body    []byte
}

// Append encodes r.
func (r *HTTPResponse) Append(b []byte) []byte {
	b = AppendUint(b, uint64(r.Status))
	b = appendHeaders(b, r.Headers)
	return AppendBytes(b, r.Body)
}

// ParseHTTPResponse decodes an HTTPResponse; its Body aliases b.
func ParseHTTPResponse(b []byte) (HTTPResponse, error) {
	d := NewDecoder(b)
	r := HTTPResponse{Status: int(min(d.Uint(), 999)), Headers: d.headers(), Body: d.Bytes()}
	return r, d.Done()
}

func appendHeaders(b []byte, headers []Header) []byte {
	b = AppendUint(b, uint64(len(headers)))
	for _, h := range headers {
		b = AppendString(b, h.Name)
		b = AppendString(b, h.Value)
	}
	return b
}

func (d *Decoder) headers() []Header {
	headers := make([]Header, d.Count(2))
	for i := range headers {
		headers[i] = Header{Name: d.String(), Value: d.String()}
	}
	return headers
}

// EffectEnd tells an app how one of its effects ended: Output if Code is OK, an
// Error frame if it is not and no more attempts will be made.
type EffectEnd struct {
	Input  []byte // what the effect was started with
	Code   Code
	Output []byte
}

// Append encodes e.
func (e *EffectEnd) Append(b []byte) []byte {
	b = AppendBytes(b, e.Input)
	b = append(b, byte(e.Code))
	return AppendBytes(b, e.Output)
}

// ParseEffectEnd decodes an EffectEnd; its slices alias b.
func ParseEffectEnd(b []byte) (EffectEnd, error) {
	d := NewDecoder(b)
	e := EffectEnd{Input: d.Bytes(), Code: Code(d.Byte()), Output: d.Bytes()}
	return e, d.Done()
}

// StepIn is the input of one step of a job or a migration.
type StepIn struct {
	Input  []byte // what the job was begun with; empty in a migration
	Cursor []byte // what the last step answered; empty in the first
}

// Append encodes s.
func (s *StepIn) Append(b []byte) []byte {
	return AppendBytes(AppendBytes(b, s.Input), s.Cursor)
}

// ParseStepIn decodes a StepIn; its slices alias b.
func ParseStepIn(b []byte) (StepIn, error) {
	d := NewDecoder(b)
	s := StepIn{Input: d.Bytes(), Cursor: d.Bytes()}
	return s, d.Done()
}

// Step is what a step of a job or a migration answers.
type Step struct {
	Finished    bool
	Cursor      []byte // where the next step goes on, at most 64 KiB
	Done, Total uint64 // for the progress bar; a Total of 0 is unknown
	Output      []byte // of the whole job, if it is finished
}

// Append encodes s.
func (s *Step) Append(b []byte) []byte {
	b = AppendBool(b, s.Finished)
	b = AppendBytes(b, s.Cursor)
	b = AppendUint(b, s.Done)
	b = AppendUint(b, s.Total)
	return AppendBytes(b, s.Output)
}

// ParseStep decodes a Step; its slices alias b.
func ParseStep(b []byte) (Step, error) {
	d := NewDecoder(b)
	s := Step{Finished: d.Bool(), Cursor: d.Bytes(), Done: d.Uint(), Total: d.Uint(), Output: d.Bytes()}
	return s, d.Done()
}

// Change names a record that derived values are built from.
type Change struct {
	Collection string
	Key        []byte
}

// AppendChanges encodes what FuncPublish and EntryDerive are given. No changes
// at all mean that everything may have changed: build again.
func AppendChanges(b []byte, changes []Change) []byte {
	b = AppendUint(b, uint64(len(changes)))
	for _, c := range changes {
		b = AppendString(b, c.Collection)
		b = AppendBytes(b, c.Key)
	}
	return b
}

// ParseChanges decodes AppendChanges; the keys alias b.
func ParseChanges(b []byte) ([]Change, error) {
	d := NewDecoder(b)
	changes := make([]Change, d.Count(2))
	for i := range changes {
		changes[i] = Change{Collection: d.String(), Key: d.Bytes()}
	}
	return changes, d.Done()
}
