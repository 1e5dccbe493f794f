package rest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/google/jsonschema-go/jsonschema"

	"github.com/bottega-retail/bottega/host/internal/platform"
)

// platform adds the operations of the host itself, in the order of their paths.
func (d *composer) platform(all []*platform.Operation) error {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b *platform.Operation) int { return cmp.Compare(a.Path, b.Path) })
	for _, op := range sorted {
		r, err := newRoute(op)
		if err == nil {
			err = d.route(r)
		}
		if err != nil {
			return fmt.Errorf("operation %s: %w", op.Name, err)
		}
	}
	return nil
}

func (d *composer) route(r *route) error {
	tag := hostTag(r.Name)
	d.tag(tag, "Operations of the host on "+strings.TrimPrefix(tag, hostContract+".")+".")
	op := described(r.Name, tag, strings.TrimSpace(cmp.Or(r.Summary, r.Name)+".\n\n"+r.Doc), r.Right)
	op.set("summary", strings.TrimSuffix(cmp.Or(r.Summary, r.Name), "."))
	if r.Known {
		op.set(keyPermission, permissionKnown)
	}
	if r.Open {
		openToAll(op)
	}
	input, err := d.hostSchema(r.Input)
	if err != nil {
		return err
	}
	if all := d.hostParameters(r, input); len(all) > 0 {
		op.set("parameters", all)
	}
	if body := d.hostBody(r, input); body != nil {
		op.set("requestBody", body)
	}
	content, err := d.hostAnswer(r)
	if err != nil {
		return err
	}
	op.set("responses", d.responses(success{
		status: r.success(), content: content, position: r.Native != nil && r.Command(), tagged: r.tagged,
	}, reasonsOf(r.keyed(), r.IfMatch)))
	d.add(hostPath+r.Path, r.Method, op)
	return nil
}

// hostTag groups host.users.create under host.users.
func hostTag(name string) string {
	parts := strings.SplitN(name, ".", 3)
	if len(parts) < 3 {
		return hostContract
	}
	return parts[0] + "." + parts[1]
}

// hostSchema is a schema of the host's own as it stands in the document.
func (d *composer) hostSchema(s *jsonschema.Schema) (*ordered, error) {
	if s == nil {
		return newOrdered(), nil
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return d.schema(raw, vocabulary{contract: hostContract})
}

// hostParameters are the parameters of a path of the host, those of the path
// first.
func (d *composer) hostParameters(r *route, input *ordered) []any {
	var all []any
	vars := pathNames(r.Path)
	for _, name := range vars {
		s := newOrdered("type", "string")
		if fields := input.object("properties"); fields != nil && fields.object(name) != nil {
			s = fields.object(name)
		}
		p := newOrdered("name", name, "in", "path", "required", true)
		if said := s.text("description"); said != "" {
			p.set("description", said)
		}
		if s.text("type") == kindString && s.get("pattern") == nil {
			s.set("pattern", "^[A-Za-z0-9._:@-]{1,128}$")
		}
		p.set("schema", s)
		p.set("example", d.sample(name, s, 0))
		all = append(all, p)
	}
	if !r.body && (r.Raw == nil || !r.Command()) {
		all = append(all, d.fromURL(input, append(vars, fieldIfMatch))...)
	}
	if r.keyed() {
		all = append(all, reference("parameters", "IdempotencyKey"))
	}
	if r.IfMatch {
		all = append(all, reference("parameters", "IfMatch"))
	}
	return all
}

// hostBody is the body of a request, nil if it has none.
func (d *composer) hostBody(r *route, input *ordered) *ordered {
	if r.Raw != nil && r.Command() {
		kind := cmp.Or(r.Accepts, "application/octet-stream")
		body := newOrdered("type", "string", "contentMediaType", kind)
		if r.Input != nil {
			body = d.named(r.Name+".Input", input)
		}
		return newOrdered("required", true, "content", newOrdered(kind, newOrdered("schema", body)))
	}
	elsewhere := append(pathNames(r.Path), fieldIfMatch)
	fields := input.object("properties")
	if !r.body || fields == nil {
		return nil
	}
	for _, name := range elsewhere {
		fields.remove(name)
	}
	if len(fields.names) == 0 {
		return nil
	}
	required, _ := input.get("required").([]any)
	required = slices.DeleteFunc(slices.Clone(required), func(name any) bool { return slices.Contains(elsewhere, name.(string)) })
	input.remove("required")
	if len(required) > 0 {
		input.set("required", required)
	}
	return newOrdered("required", len(required) > 0, "content", d.media(d.named(r.Name+".Input", input)))
}

// hostAnswer is the content of a successful answer, nil if there is none.
func (d *composer) hostAnswer(r *route) (*ordered, error) {
	switch {
	case r.success() == http.StatusNoContent:
		return nil, nil
	case r.Output == nil && !r.Command():
		return newOrdered("text/event-stream", newOrdered("schema", newOrdered("type", "string"))), nil
	case r.Output == nil:
		return newOrdered("application/json", newOrdered("schema", newOrdered("type", "object"))), nil
	}
	out, err := d.hostSchema(r.Output)
	if err != nil {
		return nil, err
	}
	return d.media(d.named(r.Name+".Output", out)), nil
}

// named makes a schema a component, so that clients have a name for it.
func (d *composer) named(name string, s *ordered) *ordered {
	d.schemas.set(name, s)
	return newOrdered("$ref", schemasPrefix+name)
}
