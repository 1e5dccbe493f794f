package lifecycle

import (
	"encoding/json"
	"strconv"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// nothing is the set of a tenant that has no apps.
var nothing, _ = registry.Compose(nil)

var object = json.RawMessage(`{"type":"object"}`)

func both(s string) manifest.Text { return manifest.Text{IT: s, EN: s} }

// app is a program without anything but its name.
func app(id, version string) *program {
	return &program{manifest: &manifest.Manifest{
		ID: id, Version: version, Kind: manifest.App, Name: both(id), Summary: both(id), Vendor: "Test of " + id, Category: "test",
		Provides: &manifest.Provides{Contract: id},
	}}
}

func (p *program) query(name string, g guest) *program {
	return p.operation("query", abi.EntryQuery, name, g)
}

func (p *program) command(name string, g guest) *program {
	return p.operation("command", abi.EntryCommand, name, g)
}

func (p *program) operation(kind string, entry abi.EntryKind, name string, g guest) *program {
	name = p.manifest.Provides.Contract + "." + name
	p.manifest.Provides.Operations = append(p.manifest.Provides.Operations, manifest.Operation{Name: name, Kind: kind, Input: object, Output: object})
	return p.entry(abi.Entry{Kind: entry, Name: name}, g)
}

func (p *program) entry(e abi.Entry, g guest) *program {
	p.entries, p.guests = append(p.entries, e), append(p.guests, g)
	return p
}

// migration adds one half of the way to a data version.
func (p *program) migration(phase string, version int, g guest) *program {
	p.manifest.Provides.Migrations = append(p.manifest.Provides.Migrations, manifest.Migration{Version: version, Phase: phase})
	return p.entry(abi.Entry{Kind: abi.EntryMigration, Name: phase, Key: strconv.Itoa(version)}, g)
}

func (p *program) keeps(name string, indexes ...manifest.Index) *program {
	p.manifest.Provides.Collections = append(p.manifest.Provides.Collections, manifest.Collection{Name: name, Key: []string{"id"}, Indexes: indexes, Record: object})
	return p
}

func (p *program) needs(contract, versions string) *program {
	p.manifest.Needs = append(p.manifest.Needs, manifest.Need{Contract: contract, Range: versions})
	return p
}

func (p *program) grant(g manifest.Grant) *program {
	g.Why = both("because")
	p.manifest.Grants = append(p.manifest.Grants, g)
	return p
}

func (p *program) settings(schema string) *program {
	p.manifest.Provides.Settings = json.RawMessage(schema)
	return p
}

// says answers a fixed text.
func says(s string) guest {
	return func(hostCall, []byte) ([]byte, abi.Code) { return text([]byte{0x81, 0xa1, 'v'}, s), abi.OK }
}

// Records are {id, tag, old?, new?}: two of the fields come and go in migrations.

func text(b []byte, s string) []byte { return append(append(b, 0xd9, byte(len(s))), s...) }

func record2(fields ...string) []byte {
	b := []byte{0x80 | byte(len(fields)/2)}
	for _, f := range fields {
		b = text(b, f)
	}
	return b
}

func put(call hostCall, rec []byte) abi.Code {
	_, code := call(abi.FuncPut, (&abi.Put{Collection: "things", Record: rec}).Append(nil))
	return code
}

// scan reads a page of things behind a cursor.
func scan(call hostCall, index string, after []byte, limit int) (abi.Page, abi.Code) {
	out, code := call(abi.FuncScan, (&abi.Scan{Collection: "things", Index: index, After: after, Limit: limit}).Append(nil))
	if code != abi.OK {
		return abi.Page{}, code
	}
	page, err := abi.ParsePage(out)
	if err != nil {
		return page, abi.Internal
	}
	return page, abi.OK
}

// field is a text of a record, "" if it is absent.
func fieldOf(rec []byte, name string) string { return abi.FieldText(rec, name) }

// shop1 keeps things as {id, old}; shop2 as {id, new, tag} with an index by tag.
func things1(version string) *program {
	return app("things", version).keeps("things").command("put", func(call hostCall, in []byte) ([]byte, abi.Code) {
		return []byte{0x80}, put(call, record2("id", fieldOf(in, "id"), "old", fieldOf(in, "value")))
	}).query("all", all1("old"))
}

// all1 lists id=value of every thing, and ends with the field that it reads.
func all1(fields ...string) guest {
	return func(call hostCall, _ []byte) ([]byte, abi.Code) {
		page, code := scan(call, "", nil, 1000)
		if code != abi.OK {
			return nil, code
		}
		list := ""
		for _, rec := range page.Records {
			list += fieldOf(rec, "id") + "="
			for _, f := range fields {
				if v := fieldOf(rec, f); v != "" {
					list += v
					break
				}
			}
			list += " "
		}
		b := []byte{0x81}
		b = text(b, "list")
		return append(append(b, 0xda, byte(len(list)>>8), byte(len(list))), list...), abi.OK
	}
}

// things2 writes both fields while it is expanded, and takes the old one away in
// the end.
func things2(version string) *program {
	p := app("things", version).keeps("things", manifest.Index{Name: "by_new", Fields: []string{"new"}})
	p.manifest.Provides.DataVersion = 2
	p.command("put", func(call hostCall, in []byte) ([]byte, abi.Code) {
		return []byte{0x80}, put(call, record2("id", fieldOf(in, "id"), "new", fieldOf(in, "value")))
	})
	p.query("all", all1("new", "old"))
	p.query("by_new", func(call hostCall, _ []byte) ([]byte, abi.Code) {
		page, code := scan(call, "by_new", nil, 1000)
		if code != abi.OK {
			return (&abi.Error{Code: code, Reason: abi.ReasonIndex}).Append(nil), code
		}
		return text([]byte{0x81, 0xa1, 'n'}, strconv.Itoa(len(page.Records))), abi.OK
	})
	p.migration(abi.MigrateExpand, 2, moves(func(rec []byte) []byte {
		if old := fieldOf(rec, "old"); old != "" {
			return record2("id", fieldOf(rec, "id"), "old", old, "new", old)
		}
		return rec
	}))
	// What the old version wrote after its batch of the expansion had passed has
	// no new field yet.
	return p.migration(abi.MigrateContract, 2, moves(func(rec []byte) []byte {
		if old := fieldOf(rec, "old"); old != "" {
			return record2("id", fieldOf(rec, "id"), "new", old)
		}
		return rec
	}))
}

// moves is a migration that changes two records a batch.
func moves(to func(rec []byte) []byte) guest {
	return func(call hostCall, in []byte) ([]byte, abi.Code) {
		step, err := abi.ParseStepIn(in)
		if err != nil {
			return nil, abi.Invalid
		}
		page, code := scan(call, "", step.Cursor, 2)
		if code != abi.OK {
			return nil, code
		}
		for _, rec := range page.Records {
			if code := put(call, to(rec)); code != abi.OK {
				return nil, code
			}
		}
		out := abi.Step{Finished: len(page.Cursor) == 0, Cursor: page.Cursor, Done: uint64(len(page.Records))}
		return out.Append(nil), abi.OK
	}
}

func manifestGrant(call string) manifest.Grant { return manifest.Grant{Call: call} }
