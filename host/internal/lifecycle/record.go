package lifecycle

import (
	"context"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/host/internal/registry"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The areas of the room.
var (
	apps     = platform.Area[record]{Name: "app"}
	jobs     = platform.Area[job]{Name: "job"}
	open     = platform.Area[string]{Name: "job.open"} // jobs that have not ended, with their subject
	settings = platform.Area[filled]{Name: "setting"}
)

// state is what is true of an app between jobs.
type state string

const (
	stateNew       state = ""          // only while its first job runs
	stateInstalled state = "installed" // consented to, never enabled
	stateEnabled   state = "enabled"
	stateDisabled  state = "disabled"
	stateRemoving  state = "removing" // part of its data is gone: it can only go wholly
)

// record is what is kept of an app of a tenant. A change of it that operations
// must see comes with a new generation in the head.
type record struct {
	State   state  `json:"state"`
	Job     string `json:"job,omitempty"` // that works on it; nobody else may
	Package string `json:"package"`       // digest of manifest and module together
	Version string `json:"version"`
	Digest  string `json:"digest"` // of the module

	Consent consent `json:"consent"`

	DataVersion int     `json:"data_version"` // of the data that is kept
	Contract    []int   `json:"contract,omitempty"`
	Indexes     []index `json:"indexes,omitempty"`

	Since    uint64 `json:"since,omitempty"` // log position at which it was enabled
	Replayed bool   `json:"replayed,omitempty"`
}

// consent is what the retailer said yes to.
type consent struct {
	Asked  []manifest.Grant `json:"asked,omitempty"`  // as the manifest had it
	Grants []manifest.Grant `json:"grants,omitempty"` // perhaps within narrower bounds
	Limits manifest.Limits  `json:"limits,omitzero"`
	Events []string         `json:"events,omitempty"`
	By     string           `json:"by,omitempty"`
	At     int64            `json:"at,omitempty"` // milliseconds since 1970 UTC
	Digest string           `json:"digest,omitempty"`
}

// index is one index as it is in storage.
type index struct {
	registry.IndexName
	Fields []string `json:"fields"`
	Unique bool     `json:"unique,omitempty"`
	// Stage is "" for one that is complete; else what is to be done.
	Stage stage  `json:"stage,omitempty"`
	After []byte `json:"after,omitempty"` // where the next batch begins
}

type stage string

const (
	stageClear stage = "clear" // entries of another index of that name go first
	stageBuild stage = "build"
	stageBuilt stage = "built" // complete, and not read before the next switch
	stageDrop  stage = "drop"  // no version of the app has it any more
)

// building lists the indexes that cannot be read.
func (rec *record) building() (names []registry.IndexName) {
	for _, x := range rec.Indexes {
		if x.Stage == stageClear || x.Stage == stageBuild || x.Stage == stageBuilt {
			names = append(names, x.IndexName)
		}
	}
	return names
}

// unfinished says whether the enabled version has work left: the end of a
// migration, or indexes.
func (rec *record) unfinished() bool {
	return len(rec.Contract) > 0 || slices.ContainsFunc(rec.Indexes, func(x index) bool { return x.Stage != "" })
}

// moved is what becomes of the indexes when a module takes over data that
// another version has written; an app without data has them all complete.
func moved(have []index, d *abi.Descriptor, empty bool) (next []index) {
	for _, c := range d.Collections {
		for _, x := range c.Indexes {
			n := index{IndexName: registry.IndexName{Collection: c.Name, Index: x.Name}, Fields: x.Fields, Unique: x.Unique}
			i := slices.IndexFunc(have, func(h index) bool { return h.IndexName == n.IndexName })
			switch {
			case i >= 0 && have[i].Stage != stageDrop && have[i].Unique == n.Unique && slices.Equal(have[i].Fields, n.Fields):
				n.Stage, n.After = have[i].Stage, have[i].After
			case !empty:
				n.Stage = stageClear
			}
			next = append(next, n)
		}
	}
	for _, h := range have {
		if !slices.ContainsFunc(next, func(n index) bool { return n.IndexName == h.IndexName }) {
			next = append(next, index{IndexName: h.IndexName, Stage: stageDrop})
		}
	}
	return next
}

// all reads every record, by id.
func all(tx *kernel.Tx) (map[string]*record, error) {
	records := map[string]*record{}
	for after := ""; ; {
		page, err := apps.Page(tx, "", after, 200, false)
		if err != nil {
			return nil, err
		}
		for i := range page {
			records[page[i].Key] = &page[i].Value
		}
		if len(page) < 200 {
			return records, nil
		}
		after = page[len(page)-1].Key
	}
}

// records is all in a transaction of its own.
func (r *Room) records(ctx context.Context, tenant string) (records map[string]*record, err error) {
	_, err = r.read(ctx, tenant, func(tx *kernel.Tx) (err error) {
		records, err = all(tx)
		return err
	})
	return records, err
}
