package rest

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/host/internal/identity"
)

// Route is one route of an OpenAPI document with what it asks for.
type Route struct {
	Method string
	Path   string // with {name}
	ID     string // of the operation
	// Permission is a right, "*" for who may do everything, "any" for everybody who
	// is known, "" for anybody.
	Permission string
}

// Routes reads the routes of an OpenAPI document, by path and method. A route
// that does not say what it asks for is an error: nobody decided.
func Routes(document []byte) ([]Route, error) {
	var d struct {
		Paths map[string]map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(document, &d); err != nil {
		return nil, err
	}
	var all []Route
	for path, methods := range d.Paths {
		for method, members := range methods {
			r := Route{Method: strings.ToUpper(method), Path: path}
			if err := r.read(members); err != nil {
				return nil, fmt.Errorf("%s %s: %w", r.Method, path, err)
			}
			all = append(all, r)
		}
	}
	slices.SortFunc(all, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method))
	})
	return all, nil
}

// read reads the members of an operation. One for anybody says so twice: without
// a permission and without security.
func (r *Route) read(members map[string]json.RawMessage) error {
	var right *string
	raw, ok := members[keyPermission]
	if !ok {
		return errors.New("no " + keyPermission)
	}
	if err := json.Unmarshal(raw, &right); err != nil || right != nil && *right == "" {
		return fmt.Errorf("%s is %s", keyPermission, raw)
	}
	if open := string(members["security"]) == "[]"; open != (right == nil) {
		return errors.New("permission and security do not agree on whether anybody may call it")
	}
	if right != nil {
		r.Permission = *right
	}
	return json.Unmarshal(members["operationId"], &r.ID)
}

// Allows says whether who has these rights may call the route. nil rights are
// nobody's. What an operation asks of the store is decided with its input.
func (r Route) Allows(rights []string) bool {
	switch {
	case r.Permission == "":
		return true
	case rights == nil:
		return false
	case r.Permission == permissionKnown:
		return true
	}
	return identity.Authorize(identity.Principal{Rights: rights}, identity.Need{Right: strings.TrimPrefix(r.Permission, permissionAll)}) == nil
}

// Role is a column of a matrix. Nil rights are nobody's.
type Role struct {
	Name   string
	Rights []string
}

// Matrix writes which role may call which route of an OpenAPI document, one
// route a line.
func Matrix(document []byte, roles []Role) (string, error) {
	routes, err := Routes(document)
	if err != nil {
		return "", err
	}
	var out strings.Builder
	fmt.Fprintf(&out, "%-6s %-44s %-24s", "method", "path", "permission")
	for _, role := range roles {
		fmt.Fprintf(&out, " %s", role.Name)
	}
	out.WriteByte('\n')
	for _, r := range routes {
		fmt.Fprintf(&out, "%-6s %-44s %-24s", r.Method, r.Path, cmp.Or(r.Permission, "anybody"))
		for _, role := range roles {
			mark := "-"
			if r.Allows(role.Rights) {
				mark = "x"
			}
			fmt.Fprintf(&out, " %-*s", len(role.Name), mark)
		}
		out.WriteByte('\n')
	}
	return trimLines(out.String()), nil
}

func trimLines(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
