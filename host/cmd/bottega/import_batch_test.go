package main

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
)

func TestBatches(t *testing.T) {
	t.Parallel()
	it := func(group string, weight, bytes int) *item {
		return &item{group: group, weight: weight, raw: json.RawMessage(strings.Repeat("1", bytes))}
	}
	most := batchLimits{items: 3, weight: 10, bytes: 100}
	for name, c := range map[string]struct {
		all  []*item
		want []int // items of each batch
	}{
		"none":                {nil, nil},
		"by number":           {[]*item{it("", 1, 1), it("", 1, 1), it("", 1, 1), it("", 1, 1)}, []int{3, 1}},
		"by weight":           {[]*item{it("", 5, 1), it("", 5, 1), it("", 1, 1)}, []int{2, 1}},
		"by bytes":            {[]*item{it("", 1, 49), it("", 1, 49), it("", 1, 1)}, []int{2, 1}},
		"by group":            {[]*item{it("a", 1, 1), it("b", 1, 1), it("b", 1, 1), it("a", 1, 1)}, []int{1, 2, 1}},
		"heavy one alone":     {[]*item{it("", 1, 1), it("", 50, 1), it("", 1, 1)}, []int{1, 1, 1}},
		"long one alone":      {[]*item{it("", 1, 1), it("", 1, 500), it("", 1, 1)}, []int{1, 1, 1}},
		"heavy one first":     {[]*item{it("", 50, 1), it("", 1, 1)}, []int{1, 1}},
		"exactly at the edge": {[]*item{it("", 5, 49), it("", 5, 49)}, []int{2}},
	} {
		var got []int
		total := 0
		for _, b := range batches(c.all, most) {
			got = append(got, len(b))
			total += len(b)
		}
		if !reflect.DeepEqual(got, c.want) || total != len(c.all) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}

// Whatever a cell holds, no request of more than one item is longer than what
// the host reads.
func TestBatchesAreMeasured(t *testing.T) {
	t.Parallel()
	text := "no,sku,qty,price,text\n"
	for i := range 600 {
		text += "R" + strings.Repeat("0", i%7) + string(rune('A'+i%26)) + ",S,1,1.00," + strings.Repeat("<\u2028", 500) + "\n"
	}
	s := &step{As: "receipts", Prefix: "x:", Columns: map[string]column{
		"number": {Column: "no"}, "sku": {Column: "sku"}, "quantity": {Column: "qty"}, "unit_price": {Column: "price"}, "description": {Column: "text"},
	}, Constants: map[string]string{"store": "S", "till": "1", "at": "2026-01-02T03:04:05Z"}}
	table, err := openText(t, s, text)
	if err != nil {
		t.Fatal(err)
	}
	g, err := readItems(table)
	if err != nil {
		t.Fatal(err)
	}
	r := &importRun{importJob: &importJob{state: &importState{}}, step: s}
	cut := batches(g.all, limitsOf("receipts"))
	if len(cut) < 2 {
		t.Fatalf("only %d batches: the case tests nothing", len(cut))
	}
	for i, b := range cut {
		q := r.request(b)
		if len(q.body) > 1<<20 || !json.Valid(q.body) {
			t.Errorf("batch %d: %d bytes, valid %v", i, len(q.body), json.Valid(q.body))
		}
	}
}

func TestRequest(t *testing.T) {
	t.Parallel()
	r := &importRun{importJob: &importJob{state: &importState{Run: "1"}, dryRun: true}, step: &step{As: "products"}}
	q := r.request([]*item{{raw: json.RawMessage(`{"id":"a"}`)}, {raw: json.RawMessage(`{"id":"b"}`)}})
	want := `{"products":[{"id":"a"},{"id":"b"}],"create_terms":true,"dry_run":true,"partial":true}`
	if string(q.body) != want || q.operation != "catalog.put_products" {
		t.Errorf("%s %s", q.operation, q.body)
	}
	for pointer, want := range map[string]struct {
		i    int
		rest string
	}{
		"/products/1/variants/0/sku": {1, "variants/0/sku"}, "/products/0": {0, ""}, "/products/2": {-1, "/products/2"},
		"/products/x": {-1, "/products/x"}, "/products/": {-1, "/products/"}, "/partial": {-1, "/partial"}, "": {-1, ""}, "/products/99999999999999999999": {-1, "/products/99999999999999999999"},
	} {
		if i, rest := q.at(pointer, 2); i != want.i || rest != want.rest {
			t.Errorf("%s points to %d, %q", pointer, i, rest)
		}
	}
}

// Keys say the same thing tomorrow: a key that changes doubles what the host
// has already taken.
func TestKeys(t *testing.T) {
	t.Parallel()
	if got := contentKey("catalog.put_store", object{"id": "UCI", "name": "x"}); got != "catalog.put_store-cf5101c7fe4b28f3f1721713" {
		t.Errorf("content key %s", got)
	}
	if got := importKey("run", "stock.receive", []byte(`{"to":"P"}`)); got != "stock.receive-0110eba9c04fac227a858c70" {
		t.Errorf("import key %s", got)
	}
	if contentKey("a.b", object{"x": 1, "y": 2}) != contentKey("a.b", object{"y": 2, "x": 1}) || contentKey("a.b", object{}) == contentKey("a.c", object{}) {
		t.Error("keys depend on order, or not on the operation")
	}
	r := &importRun{importJob: &importJob{state: &importState{Run: "one"}}}
	again := &importRun{importJob: &importJob{state: &importState{Run: "two"}}}
	q := request{operation: "a.b", body: []byte("{}")}
	if r.key(q) == again.key(q) {
		t.Error("two runs share a key: the second would be told what became of the first")
	}
	q.once = true
	if r.key(q) != again.key(q) {
		t.Error("two runs deliver the same goods under different keys")
	}
}

func TestTenths(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &tenths{out: &out, what: "receipts", total: 3}
	for range 3 {
		p.step()
	}
	p.end()
	if out.String() != "receipts: 30 %\nreceipts: 60 %\nreceipts: 100 %\n" {
		t.Errorf("%s", out.String())
	}
}
