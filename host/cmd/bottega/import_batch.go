package main

import (
	"encoding/json"
	"slices"
	"strings"
)

// batchLimits are the most that one request may hold.
type batchLimits struct {
	items, weight, bytes int
}

// maxBatchBytes leaves room below the 1 MiB that the host reads of a request.
const maxBatchBytes = 900 << 10

// limitsOf lie within the limits of the operations, so that a batch is small
// enough for one transaction and the bar moves. A product weighs a few records
// more than its variants.
func limitsOf(as string) batchLimits {
	if as == "products" {
		return batchLimits{items: 100, weight: 500, bytes: maxBatchBytes}
	}
	return batchLimits{items: 100, weight: 1000, bytes: maxBatchBytes}
}

// batches cuts sealed items into requests, the same ones in every run. An item
// that is over a limit by itself is alone in its batch.
func batches(all []*item, most batchLimits) (cut [][]*item) {
	weight, bytes := 0, 0
	for i, it := range all {
		last := len(cut) - 1
		if i == 0 || len(cut[last]) == most.items || weight+it.weight > most.weight ||
			bytes+len(it.raw)+1 > most.bytes || it.group != cut[last][0].group {
			cut, weight, bytes = append(cut, nil), 0, 0
			last++
		}
		cut[last] = append(cut[last], it)
		weight += it.weight
		bytes += len(it.raw) + 1
	}
	return cut
}

// request is a batch as an operation takes it.
type request struct {
	operation string
	list      string // the field with the items, as pointers of problems name it
	body      []byte
	once      bool // the same content never means another thing: its key is of its content alone
}

// request writes the operation that takes a batch.
func (r *importRun) request(batch []*item) request {
	switch r.step.As {
	case "products":
		return newRequest("catalog.put_products", "products", batch, object{"partial": true, "create_terms": true, "dry_run": r.dryRun})
	case "receipts":
		return newRequest("till.import_receipts", "documents", batch, object{"dry_run": r.dryRun})
	case "prices":
		return newRequest("pricing.put_entries", "entries", batch, object{"list": batch[0].group})
	}
	place, document, _ := strings.Cut(batch[0].group, "\x00")
	q := newRequest("stock.receive", "lines", batch, object{"to": place, "document": document})
	q.once = true
	return q
}

// newRequest puts items that are JSON already into a list beside other fields.
func newRequest(operation, list string, batch []*item, fields object) request {
	rest, err := json.Marshal(fields)
	if err != nil {
		panic(err) // texts and booleans
	}
	body := []byte(`{"` + list + `":[`)
	for i, it := range batch {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, it.raw...)
	}
	body = append(body, "],"...)
	return request{operation: operation, list: list, body: append(body, rest[1:]...)}
}

// at is the item of a batch that a problem points into, and the pointer from
// there on; -1 if it points to none.
func (q request) at(pointer string, n int) (int, string) {
	rest, ok := strings.CutPrefix(pointer, "/"+q.list+"/")
	if !ok {
		return -1, pointer
	}
	number, rest, _ := strings.Cut(rest, "/")
	i, ok := atoi(number)
	if !ok || i >= n {
		return -1, pointer
	}
	return i, rest
}

// atoi reads the digits of a pointer.
func atoi(s string) (int, bool) {
	n := 0
	for _, c := range []byte(s) {
		if c < '0' || c > '9' || n > 1<<20 {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, s != ""
}

// without is a batch but for one item.
func without(batch []*item, i int) []*item { return slices.Delete(slices.Clone(batch), i, i+1) }
