package rest

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/host/internal/kernel"
	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/platform"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// enabledOps are the operations of all manifests; a kernel of them decides as
// the real one does and answers nothing.
func enabledOps(t *testing.T, r *room, all []*manifest.Manifest) {
	t.Helper()
	rights := map[string]string{}
	r.ops = nil
	for _, m := range all {
		if m.Provides == nil {
			continue
		}
		for i := range m.Provides.Operations {
			info := &m.Provides.Operations[i]
			op, err := NewOperation(m.ID+"@"+m.Version, info, m.Provides.Types)
			if err != nil {
				t.Fatal(err)
			}
			r.ops = append(r.ops, op)
			if p := m.Permission(info.Name); p != nil {
				rights[info.Name] = p.Name
			}
		}
	}
	r.run = func(_ context.Context, c kernel.Call) (kernel.Result, error) {
		if identity.Authorize(c.Principal, identity.Need{Right: rights[c.Operation]}) != nil {
			return kernel.Result{}, &kernel.Error{Public: *refuse(abi.Denied, abi.ReasonPermission, "")}
		}
		return kernel.Result{}, &kernel.Error{Public: *refuse(abi.FailedPrecondition, "tested", "")}
	}
}

// documented is one operation of a document, filled in with its examples.
type documented struct {
	Parameters []struct {
		Name    string
		In      string
		Example any
	}
	RequestBody *struct {
		Content map[string]struct{ Example json.RawMessage }
	}
}

// request is a good request for a route, by nobody.
func (d documented) request(r Route) ask {
	query, path := url.Values{}, r.Path
	for _, p := range d.Parameters {
		switch values, list := p.Example.([]any); {
		case p.In == "path":
			path = strings.ReplaceAll(path, "{"+p.Name+"}", fmt.Sprint(p.Example))
		case p.In != "query" || p.Example == nil:
		case list:
			for _, v := range values {
				query.Add(p.Name, fmt.Sprint(v))
			}
		default:
			query.Set(p.Name, fmt.Sprint(p.Example))
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	a := ask{method: r.Method, url: path, token: "-", header: map[string]string{headerMatch: `"v7"`}}
	if d.RequestBody != nil {
		a.body = cmp.Or(string(d.RequestBody.Content["application/json"].Example), "bytes")
	}
	return a
}

// TestEveryRouteAsEveryRole calls what the document has, as it says, and compares
// who is let in with the matrix.
func TestEveryRouteAsEveryRole(t *testing.T) {
	t.Parallel()
	s, r, document := describedRoom(t)
	enabledOps(t, r, s.config.Manifests(""))
	known := people{tokens: map[string]identity.Principal{}}
	for _, role := range testRoles {
		if role.Rights != nil {
			known.tokens[role.Name] = identity.Principal{ID: "token:" + role.Name, Rights: role.Rights}
		}
	}
	s.config.Credentials, s.config.Metrics = known, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	s.limiter = newLimiter(Limits{Open: Rate{PerSecond: -1}, Stranger: Rate{PerSecond: -1}}, s.config.Now)
	close(s.stopping) // so that streams end at once
	var d struct {
		Paths map[string]map[string]documented
	}
	if err := json.Unmarshal(document, &d); err != nil {
		t.Fatal(err)
	}
	routes, err := Routes(document)
	if err != nil {
		t.Fatal(err)
	}
	for _, route := range routes {
		for _, role := range testRoles {
			a := d.Paths[route.Path][strings.ToLower(route.Method)].request(route)
			if role.Rights != nil {
				a.token = role.Name
			}
			w := a.of(s)
			in := w.Code != http.StatusForbidden && w.Code != http.StatusUnauthorized
			if route.ID == "host.sessions.create" {
				in = strings.Contains(w.Body.String(), reasonLogin) // the example is nobody's password
			}
			if in != route.Allows(role.Rights) || role.Rights == nil && w.Code == http.StatusForbidden {
				t.Errorf("%s %s as %s: %d %s, and the matrix says %v", route.Method, route.Path, role.Name, w.Code, w.Body, route.Allows(role.Rights))
			}
			if bad := w.Code == http.StatusBadRequest || w.Code == http.StatusNotFound || w.Code == http.StatusMethodNotAllowed; bad {
				t.Errorf("%s %s is documented, and answers %d %s to %s", route.Method, a.url, w.Code, w.Body, a.body)
			}
		}
	}
}

// TestEveryRouteIsDocumented: what answers is in the document.
func TestEveryRouteIsDocumented(t *testing.T) {
	t.Parallel()
	s, r, document := describedRoom(t)
	enabledOps(t, r, s.config.Manifests(""))
	routes, err := Routes(document)
	if err != nil {
		t.Fatal(err)
	}
	has := map[string]bool{}
	for _, route := range routes {
		has[route.Method+" "+route.Path] = true
	}
	wanted := map[string]bool{}
	for _, op := range s.config.Platform {
		wanted[op.Method+" "+hostPath+op.Path] = true
	}
	for _, op := range r.ops {
		for _, method := range op.listed().Methods {
			wanted[method+" "+path(op.Info.Name)] = true
		}
	}
	for _, route := range s.echo.Routes() {
		host := slices.ContainsFunc(r.operations(), func(op *platform.Operation) bool { return echoPath(op.Path) == route.Path })
		if !host && !strings.Contains(route.Path, ":contract") {
			wanted[route.Method+" "+route.Path] = true
		}
	}
	for _, route := range slices.Sorted(maps.Keys(wanted)) {
		if !has[route] {
			t.Errorf("%s answers and is not in the document", route)
		}
	}
	if len(has) != len(wanted) {
		t.Errorf("%d routes are documented, %d answer", len(has), len(wanted))
	}
}
