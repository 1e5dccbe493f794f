package abi

// Descriptor is what a module says of itself when ExportDescribe is called.
// The host compares it with the manifest: what the code registers and what the
// retailer was told must be the same.
type Descriptor struct {
	Version     int // ABI version of the SDK that built it
	App         string
	Entries     []Entry // in the order of their numbers
	Collections []Collection
	Counters    []string
	Settings    bool
}

// EntryKind says what a handler answers.
type EntryKind uint8

// The kinds of handler.
const (
	EntryQuery     EntryKind = iota // Name is contract.operation
	EntryCommand                    // Name is contract.operation
	EntryQueryFill                  // Name is contract.slot
	EntryFill                       // a command slot; Name is contract.slot, Key its key
	EntryEvent                      // Name is contract.event
	EntryTimer                      // Name is the app's own
	entryKinds
)

var entryKindNames = [entryKinds]string{"query", "command", "query_fill", "fill", "event", "timer"}

// String is the kind's name in manifests and messages.
func (k EntryKind) String() string {
	if k < entryKinds {
		return entryKindNames[k]
	}
	return "unknown"
}

// Entry is one handler of a module.
type Entry struct {
	Kind EntryKind
	Name string
	Key  string
}

// Append encodes d.
func (d *Descriptor) Append(b []byte) []byte {
	b = AppendUint(b, uint64(d.Version))
	b = AppendString(b, d.App)
	b = AppendUint(b, uint64(len(d.Entries)))
	for _, e := range d.Entries {
		b = append(b, byte(e.Kind))
		b = AppendString(b, e.Name)
		b = AppendString(b, e.Key)
	}
	b = AppendUint(b, uint64(len(d.Collections)))
	for i := range d.Collections {
		b = d.Collections[i].append(b)
	}
	b = AppendStrings(b, d.Counters)
	return AppendBool(b, d.Settings)
}

func (c *Collection) append(b []byte) []byte {
	b = AppendString(b, c.Name)
	b = AppendStrings(b, c.Key)
	b = AppendUint(b, uint64(len(c.Indexes)))
	for _, x := range c.Indexes {
		b = AppendString(b, x.Name)
		b = AppendStrings(b, x.Fields)
		b = AppendBool(b, x.Unique)
	}
	b = AppendString(b, c.Expires)
	return AppendString(b, c.Subject)
}

// ParseDescriptor decodes a Descriptor.
func ParseDescriptor(b []byte) (*Descriptor, error) {
	d := NewDecoder(b)
	out := &Descriptor{Version: int(d.Uint()), App: d.String()}
	out.Entries = make([]Entry, d.Count(3))
	for i := range out.Entries {
		e := Entry{Kind: EntryKind(d.Byte()), Name: d.String(), Key: d.String()}
		if e.Kind >= entryKinds {
			d.fail()
		}
		out.Entries[i] = e
	}
	out.Collections = make([]Collection, d.Count(5))
	for i := range out.Collections {
		out.Collections[i] = d.collection()
	}
	out.Counters = d.strings()
	out.Settings = d.Bool()
	return out, d.Done()
}

func (d *Decoder) collection() Collection {
	c := Collection{Name: d.String(), Key: d.strings()}
	c.Indexes = make([]Index, d.Count(3))
	for i := range c.Indexes {
		c.Indexes[i] = Index{Name: d.String(), Fields: d.strings(), Unique: d.Bool()}
	}
	c.Expires, c.Subject = d.String(), d.String()
	return c
}
