package sdktest

import (
	"slices"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Principal is who acts.
type Principal struct {
	ID     string   // such as "user:anna"
	Stores []string // that it is limited to; empty for all
}

// As makes who acts in the operations that follow, with all stores; "local" at
// the beginning.
func (e *Env) As(id string) { e.AsPrincipal(Principal{ID: id}) }

// AsPrincipal is As for somebody who may be limited to stores. With the app's
// [Manifest] the host refuses an operation about another store (denied, reason
// "store"). Where the input names no store, the app has to ask sdk.MayStore.
func (e *Env) AsPrincipal(p Principal) { e.principal = p }

// paper is what counts of a manifest here.
type paper struct {
	ID       string  `json:"id"`
	Grants   []grant `json:"grants"`
	Provides struct {
		Operations []struct {
			Name  string `json:"name"`
			Store string `json:"store"`
		} `json:"operations"`
	} `json:"provides"`
}

type grant struct {
	Call   string `json:"call"`
	HTTP   string `json:"http"`
	Secret *struct {
		Setting string `json:"setting"`
	} `json:"secret"`
	Bounds *struct {
		Max []struct {
			Field string `json:"field"`
			Max   int64  `json:"max"`
		} `json:"max"`
		Stores []string `json:"stores"`
		Slot   string   `json:"slot"`
	} `json:"bounds"`
}

// grant is what allows a call, nil if nothing does.
func (p *paper) grant(name string) *grant {
	for i := range p.Grants {
		if p.Grants[i].Call == name {
			return &p.Grants[i]
		}
	}
	return nil
}

// host is what allows requests to a host, nil if nothing does.
func (p *paper) host(name string) *grant {
	for i := range p.Grants {
		if p.Grants[i].HTTP == name {
			return &p.Grants[i]
		}
	}
	return nil
}

// store is the store that an operation is about; false if it is about none.
func (p *paper) store(operation string, in []byte) (string, bool) {
	for _, o := range p.Provides.Operations {
		if o.Name == operation && o.Store != "" {
			return abi.FieldText(in, o.Store), true
		}
	}
	return "", false
}

// authorize refuses who may not act for the store that an operation is about.
func (e *Env) authorize(a *app, operation string, in []byte) error {
	if a.paper == nil || len(e.principal.Stores) == 0 {
		return nil
	}
	if store, about := a.paper.store(operation, in); about && store != "" && !slices.Contains(e.principal.Stores, store) {
		return failure(abi.Denied, abi.ReasonStore, e.principal.ID+" may not act for the store "+store)
	}
	return nil
}

// bounded names the bound of its grant that a call breaks, "" for none.
func (p *port) bounded(name string, t target, in []byte) string {
	if p.app.paper == nil || t.app == p.app {
		return ""
	}
	g := p.app.paper.grant(name)
	if g == nil || g.Bounds == nil {
		return ""
	}
	for _, m := range g.Bounds.Max {
		if v, ok := abi.FieldInt(in, m.Field); !ok || v > m.Max {
			return "max"
		}
	}
	var store string
	if t.app.paper != nil {
		store, _ = t.app.paper.store(name, in)
	}
	switch {
	case g.Bounds.Stores != nil && !slices.Contains(g.Bounds.Stores, store):
		return "stores"
	case g.Bounds.Slot != "" && p.slotName != g.Bounds.Slot:
		return "slot"
	}
	return ""
}
