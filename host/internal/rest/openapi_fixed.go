package rest

import "net/http"

// fixed adds what every host answers.
func (d *composer) fixed() {
	d.tag(hostContract, "How the host is, and what can be called.")
	health := newOrdered("$ref", schemasPrefix+"Health")
	ready := d.open("host.health.get", "/v1/host/health", health,
		"Tells whether the host takes work. It is degraded if the storage does not write. Apps that are not called because they only fault are listed.")
	ready.object("responses").set("503", newOrdered("description", "Degraded or stopping.",
		"content", newOrdered("application/json", newOrdered("schema", health))))
	d.open("host.health.live", "/v1/host/health/live", newOrdered("type", "object"), "Answers as long as the process does.")

	for _, a := range []struct{ path, id, doc string }{
		{"/v1/host/operations", "host.operations.list", "Lists what can be called and how, by app."},
		{"/v1/openapi.json", "host.openapi.get", "Answers this document. It changes with the enabled apps, and so does its ETag."},
	} {
		op := described(a.id, hostContract, a.doc, permissionKnown)
		content := newOrdered("application/json", newOrdered("schema", newOrdered("type", "object")))
		op.set("responses", d.responses(success{content: content}, reasonsOf(false, false)))
		d.add(a.path, http.MethodGet, op)
	}
	metrics := described("host.metrics.get", hostContract, "Answers the metrics of the host in the text format of Prometheus.", healthRight)
	content := newOrdered("text/plain", newOrdered("schema", newOrdered("type", "string")))
	metrics.set("responses", d.responses(success{content: content}, []string{"Unauthenticated", "Denied"}))
	d.add("/metrics", http.MethodGet, metrics)
}

// open adds something to read for anybody.
func (d *composer) open(id, path string, s *ordered, doc string) *ordered {
	op := described(id, hostContract, doc, "")
	openToAll(op)
	op.set("responses", d.responses(success{content: newOrdered("application/json", newOrdered("schema", s))}, []string{"Denied"}))
	d.add(path, http.MethodGet, op)
	return op
}
