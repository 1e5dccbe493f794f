package abi

// Get names a record: of FuncGet, FuncDelete and, with a counter's name,
// FuncCounter. With an Index, which must be unique, Key is the index's.
type Get struct {
	Collection string
	Index      string
	Key        []byte
}

// Append encodes g.
func (g *Get) Append(b []byte) []byte {
	b = AppendString(b, g.Collection)
	b = AppendString(b, g.Index)
	return AppendBytes(b, g.Key)
}

// ParseGet decodes a Get; its Key aliases b.
func ParseGet(b []byte) (Get, error) {
	d := NewDecoder(b)
	g := Get{Collection: d.String(), Index: d.String(), Key: d.Bytes()}
	return g, d.Done()
}

// GetMany names several records of one collection by primary key: of FuncGetMany
// and, with a counter's name, FuncCounters.
type GetMany struct {
	Collection string
	Keys       [][]byte
}

// Append encodes g.
func (g *GetMany) Append(b []byte) []byte {
	b = AppendString(b, g.Collection)
	return appendList(b, g.Keys)
}

// ParseGetMany decodes a GetMany; its Keys alias b.
func ParseGetMany(b []byte) (GetMany, error) {
	d := NewDecoder(b)
	g := GetMany{Collection: d.String(), Keys: d.list()}
	return g, d.Done()
}

func appendList(b []byte, items [][]byte) []byte {
	b = AppendUint(b, uint64(len(items)))
	for _, item := range items {
		b = AppendBytes(b, item)
	}
	return b
}

func (d *Decoder) list() [][]byte {
	items := make([][]byte, d.Count(1))
	for i := range items {
		items[i] = d.Bytes()
	}
	return items
}

// AppendRecords answers FuncGetMany: the records in the order of the keys, an
// empty one for each that is absent.
func AppendRecords(b []byte, records [][]byte) []byte { return appendList(b, records) }

// ParseRecords decodes AppendRecords; the records alias b.
func ParseRecords(b []byte) ([][]byte, error) {
	d := NewDecoder(b)
	r := d.list()
	return r, d.Done()
}

// AppendInts answers FuncCounters: the values in the order of the keys, 0 for each
// that was never moved.
func AppendInts(b []byte, values []int64) []byte {
	b = AppendUint(b, uint64(len(values)))
	for _, v := range values {
		b = AppendInt(b, v)
	}
	return b
}

// ParseInts decodes AppendInts.
func ParseInts(b []byte) ([]int64, error) {
	d := NewDecoder(b)
	values := make([]int64, d.Count(1))
	for i := range values {
		values[i] = d.Int()
	}
	return values, d.Done()
}

// Scan asks for a page of a collection in the order of its primary key or of
// an index. Prefix, From and To are keys of that order: the range is
// Prefix+[From, To), and an empty To has no upper bound but the prefix.
// After continues a scan: the Cursor of the page before.
type Scan struct {
	Collection, Index string
	Prefix, From, To  []byte
	After             []byte
	Limit             int // 1 to MaxPage; 0 is MaxPage
	Reverse           bool
}

// Append encodes s.
func (s *Scan) Append(b []byte) []byte {
	b = AppendString(b, s.Collection)
	b = AppendString(b, s.Index)
	b = AppendBytes(b, s.Prefix)
	b = AppendBytes(b, s.From)
	b = AppendBytes(b, s.To)
	b = AppendBytes(b, s.After)
	b = AppendUint(b, uint64(max(s.Limit, 0)))
	return AppendBool(b, s.Reverse)
}

// ParseScan decodes a Scan; its slices alias b.
func ParseScan(b []byte) (Scan, error) {
	d := NewDecoder(b)
	s := Scan{Collection: d.String(), Index: d.String(), Prefix: d.Bytes(), From: d.Bytes(), To: d.Bytes(), After: d.Bytes()}
	s.Limit = int(min(d.Uint(), MaxPage))
	s.Reverse = d.Bool()
	return s, d.Done()
}

// Page answers a Scan.
type Page struct {
	Records [][]byte
	Cursor  []byte // empty after the last page; a full page has one even if nothing follows
}

// Append encodes p.
func (p *Page) Append(b []byte) []byte {
	b = appendList(b, p.Records)
	return AppendBytes(b, p.Cursor)
}

// ParsePage decodes a Page; its slices alias b.
func ParsePage(b []byte) (Page, error) {
	d := NewDecoder(b)
	p := Page{Records: d.list(), Cursor: d.Bytes()}
	return p, d.Done()
}

// Put writes a record under the key that its fields say.
type Put struct {
	Collection string
	Insert     bool // Conflict, reason "exists", if the key is taken
	Record     []byte
}

// Append encodes p.
func (p *Put) Append(b []byte) []byte {
	b = AppendString(b, p.Collection)
	b = AppendBool(b, p.Insert)
	return AppendBytes(b, p.Record)
}

// ParsePut decodes a Put; its Record aliases b.
func ParsePut(b []byte) (Put, error) {
	d := NewDecoder(b)
	p := Put{Collection: d.String(), Insert: d.Bool(), Record: d.Bytes()}
	return p, d.Done()
}

// Add moves a counter by Delta within [Min, Max].
type Add struct {
	Counter         string
	Key             []byte
	Delta, Min, Max int64
}

// Append encodes a.
func (a *Add) Append(b []byte) []byte {
	b = AppendString(b, a.Counter)
	b = AppendBytes(b, a.Key)
	b = AppendInt(b, a.Delta)
	b = AppendInt(b, a.Min)
	return AppendInt(b, a.Max)
}

// ParseAdd decodes an Add; its Key aliases b.
func ParseAdd(b []byte) (Add, error) {
	d := NewDecoder(b)
	a := Add{Counter: d.String(), Key: d.Bytes(), Delta: d.Int(), Min: d.Int(), Max: d.Int()}
	return a, d.Done()
}

// Invoke calls an operation (Name is contract.operation) or a slot (Name is
// contract.slot; Key names the filler of a command slot).
type Invoke struct {
	Name, Key string
	Input     []byte
}

// Append encodes i.
func (i *Invoke) Append(b []byte) []byte {
	b = AppendString(b, i.Name)
	b = AppendString(b, i.Key)
	return AppendBytes(b, i.Input)
}

// ParseInvoke decodes an Invoke; its Input aliases b.
func ParseInvoke(b []byte) (Invoke, error) {
	d := NewDecoder(b)
	i := Invoke{Name: d.String(), Key: d.String(), Input: d.Bytes()}
	return i, d.Done()
}

// Answer is what one filler of a query slot said: Output, or an Error frame if
// Code is not OK.
type Answer struct {
	Filler string // app id
	Code   Code
	Output []byte
}

// AppendAnswers answers FuncEach, in the order of the fillers' ids.
func AppendAnswers(b []byte, answers []Answer) []byte {
	b = AppendUint(b, uint64(len(answers)))
	for _, a := range answers {
		b = AppendString(b, a.Filler)
		b = append(b, byte(a.Code))
		b = AppendBytes(b, a.Output)
	}
	return b
}

// ParseAnswers decodes AppendAnswers; the outputs alias b.
func ParseAnswers(b []byte) ([]Answer, error) {
	d := NewDecoder(b)
	answers := make([]Answer, d.Count(3))
	for i := range answers {
		answers[i] = Answer{Filler: d.String(), Code: Code(d.Byte()), Output: d.Bytes()}
	}
	return answers, d.Done()
}

// AppendStrings encodes a list of texts.
func AppendStrings(b []byte, items []string) []byte {
	b = AppendUint(b, uint64(len(items)))
	for _, s := range items {
		b = AppendString(b, s)
	}
	return b
}

// ParseStrings decodes AppendStrings.
func ParseStrings(b []byte) ([]string, error) {
	d := NewDecoder(b)
	items := d.strings()
	return items, d.Done()
}

func (d *Decoder) strings() []string {
	items := make([]string, d.Count(1))
	for i := range items {
		items[i] = d.String()
	}
	return items
}

// Emit appends an event. Key is what it is ordered by, "" for the whole event.
type Emit struct {
	Name, Key string
	Payload   []byte
	Version   int // of the payload's shape; 0 for the first
}

// Append encodes e.
func (e *Emit) Append(b []byte) []byte {
	b = AppendString(b, e.Name)
	b = AppendString(b, e.Key)
	return appendVersion(AppendBytes(b, e.Payload), e.Version)
}

// ParseEmit decodes an Emit; its Payload aliases b.
func ParseEmit(b []byte) (Emit, error) {
	d := NewDecoder(b)
	e := Emit{Name: d.String(), Key: d.String(), Payload: d.Bytes(), Version: d.version()}
	return e, d.Done()
}

// Schedule asks for a timer of the calling app at or after At, once. A second
// one with the same Name and ID replaces the first.
type Schedule struct {
	Name, ID string
	At       int64 // milliseconds since 1970 UTC
	Payload  []byte
}

// Append encodes s.
func (s *Schedule) Append(b []byte) []byte {
	b = AppendString(b, s.Name)
	b = AppendString(b, s.ID)
	b = AppendInt(b, s.At)
	return AppendBytes(b, s.Payload)
}

// ParseSchedule decodes a Schedule; its Payload aliases b.
func ParseSchedule(b []byte) (Schedule, error) {
	d := NewDecoder(b)
	s := Schedule{Name: d.String(), ID: d.String(), At: d.Int(), Payload: d.Bytes()}
	return s, d.Done()
}

// ZoneAt asks for the rules of an IANA zone at an instant.
type ZoneAt struct {
	Zone string
	At   int64 // milliseconds since 1970 UTC
}

// Append encodes z.
func (z *ZoneAt) Append(b []byte) []byte {
	return AppendInt(AppendString(b, z.Zone), z.At)
}

// ParseZoneAt decodes a ZoneAt.
func ParseZoneAt(b []byte) (ZoneAt, error) {
	d := NewDecoder(b)
	z := ZoneAt{Zone: d.String(), At: d.Int()}
	return z, d.Done()
}

// ZoneSpan is the time [Start, End) around an instant in which a zone keeps
// one offset. Start or End is 0 if there is no change on that side.
type ZoneSpan struct {
	Offset     int // seconds east of UTC
	Name       string
	Start, End int64 // milliseconds since 1970 UTC
}

// Append encodes z.
func (z *ZoneSpan) Append(b []byte) []byte {
	b = AppendInt(b, int64(z.Offset))
	b = AppendString(b, z.Name)
	b = AppendInt(b, z.Start)
	return AppendInt(b, z.End)
}

// ParseZoneSpan decodes a ZoneSpan.
func ParseZoneSpan(b []byte) (ZoneSpan, error) {
	d := NewDecoder(b)
	z := ZoneSpan{Offset: int(d.Int()), Name: d.String(), Start: d.Int(), End: d.Int()}
	return z, d.Done()
}

// Log is one log line of a guest.
type Log struct {
	Level   LogLevel
	Message string
	Fields  []Field
}

// LogLevel is a severity.
type LogLevel uint8

// The severities.
const (
	LogDebug LogLevel = iota
	LogInfo
	LogWarn
	LogError
)

// Append encodes l.
func (l *Log) Append(b []byte) []byte {
	e := Error{Message: l.Message, Fields: l.Fields}
	return e.Append(append(b, byte(l.Level)))
}

// ParseLog decodes a Log.
func ParseLog(b []byte) (Log, error) {
	d := NewDecoder(b)
	level := LogLevel(d.Byte())
	e, err := ParseError(d.Rest())
	return Log{Level: min(level, LogError), Message: e.Message, Fields: e.Fields}, err
}
