package openapi

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/hosttest"
	"github.com/bottega-retail/bottega/host/internal/rest"
)

// ask sends a request with a token, "" for none, and answers status and body; of
// a stream, which has no end, the status alone.
func ask(t *testing.T, h *hosttest.Host, token, method, path, body string) (int, string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, h.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Idempotency-Key", fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano()))
	r.Header.Set("If-Match", `"1"`)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close()
	if strings.HasPrefix(res.Header.Get("Content-Type"), "text/event-stream") {
		return res.StatusCode, ""
	}
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	return res.StatusCode, string(b)
}

// houseRoles are the roles that a new host has, and nobody.
func houseRoles(t *testing.T, h *hosttest.Host) []rest.Role {
	t.Helper()
	_, body := ask(t, h, h.Token, http.MethodGet, "/v1/host/roles", "")
	var list struct {
		Items []struct {
			ID     string
			Rights []string
		}
	}
	if err := json.Unmarshal([]byte(body), &list); err != nil || len(list.Items) < 2 {
		t.Fatalf("roles: %s, %v", body, err)
	}
	roles := []rest.Role{{Name: "nobody"}}
	for _, r := range list.Items {
		roles = append(roles, rest.Role{Name: r.ID, Rights: r.Rights})
	}
	return roles
}

// tokenOf makes a token with the rights of a role.
func tokenOf(t *testing.T, h *hosttest.Host, r rest.Role) string {
	t.Helper()
	if r.Rights == nil {
		return ""
	}
	in, err := json.Marshal(map[string]any{"title": r.Name, "rights": r.Rights})
	if err != nil {
		t.Fatal(err)
	}
	_, body := ask(t, h, h.Token, http.MethodPost, "/v1/host/tokens", string(in))
	var made struct{ Secret string }
	if err := json.Unmarshal([]byte(body), &made); err != nil || made.Secret == "" {
		t.Fatalf("a token for %s: %s, %v", r.Name, body, err)
	}
	return made.Secret
}

// request is what the document says a request of an operation looks like.
type request struct {
	Parameters []struct {
		Name, In string
		Example  any
	}
	RequestBody *struct {
		Content map[string]struct{ Example json.RawMessage }
	}
}

// at fills the path and makes the body.
func (r request) at(path string) (target, body string) {
	query := url.Values{}
	for _, p := range r.Parameters {
		if p.In == "path" {
			path = strings.ReplaceAll(path, "{"+p.Name+"}", url.PathEscape(fmt.Sprint(p.Example)))
		} else if p.In == "query" && p.Example != nil && p.Name != "after" {
			query.Set(p.Name, strings.Trim(fmt.Sprint(p.Example), "[]"))
		}
	}
	if r.RequestBody != nil {
		body = string(bytes.TrimSpace(r.RequestBody.Content["application/json"].Example))
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, body
}

// TestMatrixOfTheHost derives from the document of a new host who may call what,
// holds it to a file that people read (BOTTEGA_UPDATE=1 writes it), and then
// calls every route as every role: who may not is refused, by the host itself.
func TestMatrixOfTheHost(t *testing.T) {
	t.Parallel()
	h := hosttest.Start(t, hosttest.Options{Modules: t.TempDir(), Preset: "none"})
	spec, roles := document(t, h), houseRoles(t, h)
	matrix, err := rest.Matrix(spec, roles)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, matrix)
	routes, err := rest.Routes(spec)
	if err != nil {
		t.Fatal(err)
	}
	var d struct{ Paths map[string]map[string]request }
	if err := json.Unmarshal(spec, &d); err != nil {
		t.Fatal(err)
	}
	for _, role := range roles {
		if role.Name == "owner" {
			continue // she would really do it all
		}
		token := tokenOf(t, h, role)
		for _, route := range routes {
			if route.Allows(role.Rights) {
				continue
			}
			target, body := d.Paths[route.Path][strings.ToLower(route.Method)].at(route.Path)
			wanted := http.StatusForbidden
			if token == "" {
				wanted = http.StatusUnauthorized
			}
			if got, said := ask(t, h, token, route.Method, target, body); got != wanted {
				t.Errorf("%s %s as %s: %d %s, want %d", route.Method, target, role.Name, got, said, wanted)
			}
		}
	}
}

func golden(t *testing.T, matrix string) {
	t.Helper()
	path := filepath.Join("testdata", "matrix.txt")
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.WriteFile(path, []byte(matrix), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if matrix != string(wanted) {
		t.Errorf("who may do what at a new host has changed; if it should, run this test with BOTTEGA_UPDATE=1:\n%s", matrix)
	}
}
