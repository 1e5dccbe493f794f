package registry

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// checkData refuses a module whose collections and counters are not those that
// its manifest announces: the manifest is what the retailer has read, and the
// bounds of names, indexes and fields are checked there.
func (a *App) checkData(d *abi.Descriptor) error {
	announced := set(a.Manifest.Provides.Collections, func(c manifest.Collection) string { return c.Name })
	for _, c := range d.Collections {
		if !announced[c.Name] {
			return fmt.Errorf("%s: the code has the collection %q, the manifest does not say so or the code has it twice; run `bottega build --update`", a.ID, c.Name)
		}
		delete(announced, c.Name)
		i := slices.IndexFunc(a.Manifest.Provides.Collections, func(m manifest.Collection) bool { return m.Name == c.Name })
		if shown := shownCollection(&a.Manifest.Provides.Collections[i]); !reflect.DeepEqual(shown, bare(c)) {
			return fmt.Errorf("%s: the collection %s of the code is another than that of the manifest; run `bottega build --update`", a.ID, c.Name)
		}
	}
	for name := range announced {
		return fmt.Errorf("%s: the manifest announces the collection %s, the code does not have it", a.ID, name)
	}
	if in, on := slices.Sorted(slices.Values(d.Counters)), slices.Sorted(slices.Values(a.Manifest.Provides.Counters)); !slices.Equal(in, on) {
		return fmt.Errorf("%s: the code has the counters %q, the manifest announces %q; run `bottega build --update`", a.ID, in, on)
	}
	return nil
}

// shownCollection is what a manifest says of a collection.
func shownCollection(m *manifest.Collection) abi.Collection {
	c := abi.Collection{Name: m.Name, Key: m.Key, Expires: m.Expires, Subject: m.Subject}
	for _, x := range m.Indexes {
		c.Indexes = append(c.Indexes, abi.Index{Name: x.Name, Fields: x.Fields, Unique: x.Unique})
	}
	return bare(c)
}

// bare has no empty lists where there may be none.
func bare(c abi.Collection) abi.Collection {
	if len(c.Indexes) == 0 {
		c.Indexes = nil
	}
	return c
}
