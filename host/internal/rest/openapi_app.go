package rest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/host/internal/schema"
)

// app adds the operations and events of an app's contract.
func (d *composer) app(m *manifest.Manifest) error {
	p := m.Provides
	v := vocabulary{contract: p.Contract, types: p.Types}
	d.tag(p.Contract, fmt.Sprintf("%s, by %s %s of %s.", m.Summary.EN, m.ID, m.Version, m.Vendor))
	for i := range p.Operations {
		o := &p.Operations[i]
		right := ""
		if permission := m.Permission(o.Name); permission != nil {
			right = permission.Name
		}
		if err := d.appOperation(o, v, right); err != nil {
			return fmt.Errorf("operation %s: %w", o.Name, err)
		}
	}
	for i := range p.Events {
		if err := d.event(&p.Events[i], v); err != nil {
			return fmt.Errorf("event %s: %w", p.Events[i].Name, err)
		}
	}
	return nil
}

func (d *composer) appOperation(o *manifest.Operation, v vocabulary, right string) error {
	input, err := d.schema(o.Input, v)
	if err != nil {
		return err
	}
	output, err := d.schema(o.Output, v)
	if err != nil {
		return err
	}
	command := o.Kind == "command"
	answer := d.media(output)
	if d.isFile(output) {
		answer.set(anyType, newOrdered("schema", newOrdered("type", "string", "format", "binary",
			"description", "The file itself, with its own Content-Type and a Content-Disposition, if Accept puts that type before JSON.")))
	}
	op := described(o.Name, v.contract, o.Doc, right)
	if command {
		op.set("parameters", []any{reference("parameters", "IdempotencyKey")})
	}
	op.set("requestBody", newOrdered("required", true, "content", d.media(input)))
	op.set("responses", d.responses(success{content: answer, position: command}, reasonsOf(command, false)))
	d.add(path(o.Name), http.MethodPost, op)
	if command {
		return nil
	}
	compiled, err := schema.Compile(o.Input, v.types)
	if err != nil {
		return err
	}
	if !compiled.Flat() {
		return nil
	}
	get := described(o.Name+".get", v.contract, o.Doc, right)
	if all := d.fromURL(input, nil); len(all) > 0 {
		get.set("parameters", all)
	}
	get.set("responses", d.responses(success{content: answer}, reasonsOf(false, false)))
	d.add(path(o.Name), http.MethodGet, get)
	return nil
}

// fromURL are the fields of a flat input as parameters of a URL, but for those
// that stand elsewhere.
func (d *composer) fromURL(input *ordered, but []string) []any {
	input = d.resolve(input)
	fields := input.object("properties")
	if fields == nil {
		return nil
	}
	required, _ := input.get("required").([]any)
	var all []any
	for _, name := range fields.names {
		s := fields.object(name)
		if s == nil || slices.Contains(but, name) {
			continue
		}
		p := newOrdered("name", name, "in", "query")
		if slices.Contains(required, any(name)) {
			p.set("required", true)
		}
		if said := s.text("description"); said != "" {
			p.set("description", said)
		}
		p.set("schema", s)
		if name != fieldAfter { // a cursor means nothing to who did not get it
			p.set("example", d.sample(name, s, 0))
		}
		all = append(all, p)
	}
	return all
}

// versions is the schema of an event's data: as it is emitted now, or once was.
func (d *composer) versions(e *manifest.Event, payload *ordered, v vocabulary) (*ordered, error) {
	if len(e.Earlier) == 0 {
		return payload, nil
	}
	all := []any{payload}
	for _, old := range slices.Backward(e.Earlier) {
		s, err := d.schema(old, v)
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return newOrdered("anyOf", all), nil
}

// event adds what a webhook gets for an event of a contract.
func (d *composer) event(e *manifest.Event, v vocabulary) error {
	payload, err := d.schema(e.Payload, v)
	if err != nil {
		return err
	}
	data, err := d.versions(e, payload, v)
	if err != nil {
		return err
	}
	body := newOrdered("allOf", []any{
		newOrdered("$ref", schemasPrefix+eventSchema),
		newOrdered("type", "object", "properties", newOrdered("type", newOrdered("const", e.Name, "type", "string"), "data", data)),
	})
	example := eventExample(e.Name)
	example.set("data", d.sample("data", payload, 0))
	d.webhooks.set(e.Name, newOrdered("post", newOrdered(
		"operationId", "event."+e.Name,
		"tags", []any{v.contract},
		"summary", cmp.Or(sentence(e.Doc), e.Name),
		"description", cmp.Or(e.Doc, e.Name)+"\n\nSent to the webhooks that subscribed to "+e.Name+", signed as Standard Webhooks are.",
		"security", []any{},
		"parameters", []any{reference("parameters", "WebhookID"), reference("parameters", "WebhookTimestamp"), reference("parameters", "WebhookSignature")},
		"requestBody", newOrdered("required", true, "content", newOrdered("application/json", newOrdered("schema", body, "example", example))),
		"responses", newOrdered(
			"2XX", newOrdered("description", "It was taken. Any other answer, or none within 15 seconds, is tried again later."),
			"410", newOrdered("description", "It is not wanted any more: the webhook is switched off."),
		),
	)))
	return nil
}

func eventExample(name string) *ordered {
	return newOrdered("specversion", "1.0", "id", "01JD7Z0K3V6Q8S1T2W4X5Y6Z7A", "type", name, "source", "app@1.0.0", "subject", "S-1",
		"time", "2026-11-21T17:05:00Z", "position", json.Number("918273"))
}
