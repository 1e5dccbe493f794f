package rest

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"github.com/bottega-retail/bottega/host/internal/manifest"
)

// The permissions of the document that are no permission's name, which always
// has a dot.
const (
	permissionAll   = "*"   // who may do everything
	permissionKnown = "any" // everybody who is known
	// An operation that anybody may call has null.
)

// keyPermission is the member of every operation that says what it asks for.
const keyPermission = "x-permission"

// composed is the document of one set of enabled modules.
type composed struct {
	of   []*manifest.Manifest
	body []byte
	etag string
}

// openapi answers what can be called, by everybody who is known: the document
// says which apps a retailer has, and no more than a caller finds out anyway.
func (s *Server) openapi(c echo.Context) error {
	if err := s.known(c); err != nil {
		return err
	}
	if err := s.limit(exchangeOf(c), c.Response().Header(), classQuery); err != nil {
		return err
	}
	d, err := s.document()
	if err != nil {
		return err
	}
	h := c.Response().Header()
	h.Set(headerETag, d.etag)
	h.Set(echo.HeaderCacheControl, "private, no-cache")
	if c.Request().Header.Get("If-None-Match") == d.etag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSONBlob(http.StatusOK, d.body)
}

// Document is the OpenAPI document as GET /v1/openapi.json answers it: the same
// bytes for the same enabled modules.
func (s *Server) Document() ([]byte, error) {
	d, err := s.document()
	if err != nil {
		return nil, err
	}
	return d.body, nil
}

func (s *Server) document() (*composed, error) {
	enabled := s.config.Manifests(s.config.Tenant)
	if d := s.composed.Load(); d != nil && slices.Equal(d.of, enabled) {
		return d, nil
	}
	body, err := compose(s.config, enabled)
	if err != nil {
		return nil, fmt.Errorf("compose the OpenAPI document: %w", err)
	}
	sum := sha256.Sum256(body)
	d := &composed{of: slices.Clone(enabled), body: body, etag: quoted(hex.EncodeToString(sum[:12]))}
	s.composed.Store(d)
	return d, nil
}

// composer collects the parts of a document.
type composer struct {
	paths    *ordered
	tags     []any
	schemas  *ordered
	webhooks *ordered
}

func compose(c Config, enabled []*manifest.Manifest) ([]byte, error) {
	d := &composer{paths: newOrdered(), schemas: newOrdered(), webhooks: newOrdered()}
	apps := slices.Clone(enabled)
	slices.SortFunc(apps, func(a, b *manifest.Manifest) int { return cmp.Compare(a.ID, b.ID) })
	for _, m := range apps {
		if m.Provides == nil || m.Provides.Contract == "" {
			continue
		}
		if err := d.app(m); err != nil {
			return nil, fmt.Errorf("%s: %w", m.ID, err)
		}
	}
	d.fixed()
	if err := d.platform(c.Platform); err != nil {
		return nil, err
	}
	d.parts()
	return marshal(d.root(c))
}

func (d *composer) root(c Config) *ordered {
	root := newOrdered(
		"openapi", "3.1.0",
		"info", newOrdered(
			"title", "Bottega",
			"version", "1",
			"summary", "The operations of the host and of the apps that "+cmp.Or(c.Tenant, "this retailer")+" has enabled.",
			"description", conventions,
			"license", newOrdered("name", "Apache-2.0", "identifier", "Apache-2.0"),
		),
		"servers", []any{newOrdered("url", cmp.Or(c.Base, "/"), "description", "This host")},
		"security", []any{newOrdered("bearer", []any{}), newOrdered("cookie", []any{})},
		"tags", d.tags,
		"paths", d.paths,
	)
	if len(d.webhooks.names) > 0 {
		root.set("webhooks", d.webhooks)
	}
	d.schemas.sort()
	components := newOrdered(
		"parameters", parameters(),
		"headers", headers(),
		"responses", problems(),
		"schemas", d.schemas,
	)
	prune(components, root)
	components.set("securitySchemes", securitySchemes())
	root.set("components", components)
	return root
}

// prune removes the components that nothing from root on refers to.
func prune(components, root *ordered) {
	used := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				visit(item)
			}
		case *ordered:
			for _, name := range v.names {
				visit(v.values[name])
			}
			if ref, ok := strings.CutPrefix(v.text("$ref"), "#/components/"); ok && !used[ref] {
				used[ref] = true
				kind, name, _ := strings.Cut(ref, "/")
				visit(components.object(kind).get(name))
			}
		}
	}
	visit(root)
	for _, kind := range components.names {
		group := components.object(kind)
		for _, name := range slices.Clone(group.names) {
			if !used[kind+"/"+name] {
				group.remove(name)
			}
		}
	}
}

func (d *composer) tag(name, description string) {
	known := slices.ContainsFunc(d.tags, func(t any) bool { return t.(*ordered).text("name") == name })
	if !known {
		d.tags = append(d.tags, newOrdered("name", name, "description", description))
	}
}

// add puts an operation under its path and method.
func (d *composer) add(path, method string, op *ordered) {
	item := d.paths.object(path)
	if item == nil {
		item = newOrdered()
		d.paths.set(path, item)
	}
	item.set(strings.ToLower(method), op)
}

// described is the beginning of an operation. An empty permission is for who may
// do everything.
func described(id, tag, doc, permission string) *ordered {
	return newOrdered(
		"operationId", id,
		"tags", []any{tag},
		"summary", cmp.Or(sentence(doc), id),
		"description", cmp.Or(doc, id),
		keyPermission, cmp.Or(permission, permissionAll),
	)
}

// openToAll marks an operation that asks for nobody.
func openToAll(op *ordered) {
	op.set(keyPermission, nil)
	op.set("security", []any{})
}

// sentence is the first one of a text, without its full stop.
func sentence(doc string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(doc), "\n")
	if at := strings.Index(first, ". "); at >= 0 {
		first = first[:at]
	}
	return strings.TrimSuffix(first, ".")
}
