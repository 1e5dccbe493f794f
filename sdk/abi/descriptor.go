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
	Derived     []string // names of derived values; their entry is the one of EntryDerive
	DataVersion int      // of what the app keeps; migrations lead to it
}

// EntryKind says what a handler answers.
type EntryKind uint8

// The kinds of handler.
const (
	EntryQuery      EntryKind = iota // Name is contract.operation
	EntryCommand                     // Name is contract.operation
	EntryQueryFill                   // Name is contract.slot
	EntryFill                        // a command slot; Name is contract.slot, Key its key
	EntryEvent                       // Name is contract.event
	EntryTimer                       // Name is the app's own
	EntryDaily                       // Name is the app's own, Key its civil time "04:00" in the tenant's zone
	EntryEffect                      // Name is the app's own; runs outside of a transaction and may use FuncHTTP
	EntryEffectDone                  // Name is the effect's; EffectEnd -> nothing, in a transaction
	EntryJob                         // Name is the app's own; StepIn -> Step, a transaction per step
	EntryMigration                   // Name is MigrateExpand or MigrateContract, Key the data version it leads to; StepIn -> Step
	EntryDerive                      // Derive -> nothing, reads only; builds or brings up to date all derived values
	entryKinds
)

var entryKindNames = [entryKinds]string{
	"query", "command", "query_fill", "fill", "event", "timer",
	"daily", "effect", "effect_done", "job", "migration", "derive",
}

// The phases of a migration. Expand runs while the old version still serves,
// contract after the last operation of the old version has ended.
const (
	MigrateExpand   = "expand"
	MigrateContract = "contract"
)

// EntryFlags say what the host may do with a handler.
type EntryFlags uint8

// The flags of an event handler.
const (
	// FlagReplayable: the handler may run on events of the past, with their time
	// as its own, when its app is enabled later than they happened.
	FlagReplayable EntryFlags = 1 << iota
	// FlagReplayed: the handler wants events that others emit while they replay.
	FlagReplayed
)

// String is the kind's name in manifests and messages.
func (k EntryKind) String() string {
	if k < entryKinds {
		return entryKindNames[k]
	}
	return "unknown"
}

// Entry is one handler of a module.
type Entry struct {
	Kind  EntryKind
	Name  string
	Key   string
	Flags EntryFlags
	// Version is the newest version of the event that the handler understands; 0
	// for the first, and for whatever is no event.
	Version int
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
		b = append(b, byte(e.Flags))
	}
	b = AppendUint(b, uint64(len(d.Collections)))
	for i := range d.Collections {
		b = d.Collections[i].append(b)
	}
	b = AppendStrings(b, d.Counters)
	b = AppendBool(b, d.Settings)
	b = AppendStrings(b, d.Derived)
	b = AppendUint(b, uint64(d.DataVersion))
	return d.appendVersions(b)
}

// appendVersions ends the frame with a version per entry, if any has one.
func (d *Descriptor) appendVersions(b []byte) []byte {
	newest := 0
	for _, e := range d.Entries {
		newest = max(newest, e.Version)
	}
	if newest == 0 {
		return b
	}
	for _, e := range d.Entries {
		b = AppendUint(b, uint64(e.Version))
	}
	return b
}

// versions reads what appendVersions wrote.
func (d *Decoder) versions(entries []Entry) {
	if len(d.b) == 0 {
		return
	}
	newest := 0
	for i := range entries {
		v := d.Uint()
		if v == 1 || v > MaxEventVersion || v > 0 && entries[i].Kind != EntryEvent {
			d.fail()
			return
		}
		entries[i].Version = int(v)
		newest = max(newest, int(v))
	}
	if newest == 0 {
		d.fail()
	}
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
	out.Entries = make([]Entry, d.Count(4))
	for i := range out.Entries {
		e := Entry{Kind: EntryKind(d.Byte()), Name: d.String(), Key: d.String(), Flags: EntryFlags(d.Byte())}
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
	out.Derived = d.strings()
	out.DataVersion = int(min(d.Uint(), 1<<30))
	d.versions(out.Entries)
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
