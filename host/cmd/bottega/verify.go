package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/bottega-retail/bottega/host"
)

type verifyVerb struct {
	Journal string `help:"File of acknowledgements that a client kept, one JSON object a line." type:"existingfile"`
	Dir     string `help:"Verify this host folder, in a host of its own, instead of a running host." type:"path"`
	Modules string `help:"Folder with built modules, for --dir." default:".build/modules" type:"path"`
	Cache   string `help:"Where compiled modules are kept, for --dir. Default: cache in --dir." type:"path"`
	hostFlag
}

func (verifyVerb) Help() string {
	return `Checks that receipts are numbered without gaps and add up, that the stock
ledger is what on-hand says, and that no goods left without a receipt; where cards
are kept, that each holds what its ledger says, and that ledgers say of each receipt
what it says of cards. With a journal, {"operation","key","body","answer"} a line,
also that every acknowledged command is there with the same answer, and that
repeating it changes nothing.

Example:
  bottega verify --dir .build/crash/host --journal .build/crash/journal.jsonl`
}

// verdict counts what verification found.
type verdict struct {
	Documents    int `json:"documents"`
	Moved        int `json:"movements"`
	SKUs         int `json:"skus"`
	Cards        int `json:"cards"`
	Entries      int `json:"entries"`   // of cards, with a document
	Elsewhere    int `json:"elsewhere"` // of these, whose document is no receipt
	Acknowledged int `json:"acknowledged"`
	Found        int `json:"found"`
	Lost         int `json:"lost"`
	Faults       int `json:"faults"`

	out io.Writer
}

func (v *verdict) fault(format string, args ...any) {
	v.Faults++
	if v.Faults <= 20 {
		fmt.Fprintf(v.out, "FAULT "+format+"\n", args...)
	}
}

// Run prints the faults and the verdict as one line of JSON.
func (v verifyVerb) Run(ctx context.Context) error {
	if v.Dir == "" {
		return v.verify(ctx, v.client())
	}
	h, err := host.New(ctx, host.Config{Dir: v.Dir, Cache: v.Cache, Modules: v.Modules, Address: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	served := make(chan error, 1)
	go func() { served <- h.Run(ctx) }()
	err = v.verify(ctx, hostFlag{Host: "http://" + h.Address(), Token: tokenOf(v.Dir)}.client())
	stop()
	return errors.Join(err, <-served, h.Close())
}

func (v verifyVerb) verify(ctx context.Context, c *client) error {
	result := &verdict{out: os.Stdout}
	err := verifyAll(ctx, c, v.Journal, result)
	if err != nil {
		return err
	}
	line, err := json.Marshal(result)
	if err != nil {
		return err
	}
	fmt.Println(string(line))
	if result.Faults > 0 {
		return fmt.Errorf("%d faults", result.Faults)
	}
	return nil
}

// verifyAll looks at the books, repeats what the journal holds, and looks
// again: nothing may have been added.
func verifyAll(ctx context.Context, c *client, journal string, v *verdict) error {
	before, err := readBooks(ctx, c, v)
	if err != nil {
		return err
	}
	v.Documents, v.Moved = len(before.documents), len(before.movements)
	before.compare(v)
	before.compareCards(v)
	if journal == "" {
		return nil
	}
	if err := v.repeat(ctx, c, journal, before); err != nil {
		return err
	}
	after, err := readBooks(ctx, c, v)
	if err != nil {
		return err
	}
	if len(after.documents) != len(before.documents) || len(after.movements) != len(before.movements) || len(after.entries) != len(before.entries) {
		v.fault("repeating the journal made %d documents, %d movements and %d entries on cards of %d, %d and %d",
			len(after.documents), len(after.movements), len(after.entries), len(before.documents), len(before.movements), len(before.entries))
	}
	return nil
}

// books are the documents of all tills, the movements to and from customers, and what
// moved on cards, by their ids.
type books struct {
	documents map[string]booked
	movements map[string]string // document to reason; nil where nobody keeps stock
	entries   map[string]string // entry of a card to its document
	onCards   map[string]int64  // document to what it moved on cards, in minor units
}

func readBooks(ctx context.Context, c *client, v *verdict) (*books, error) {
	b := &books{documents: map[string]booked{}, movements: map[string]string{}, entries: map[string]string{}, onCards: map[string]int64{}}
	for _, read := range []func(context.Context, *client, *verdict) error{verifyTill, verifyStock, verifyCards, b.readDocuments, b.readMovements, b.readCards} {
		if err := read(ctx, c, v); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// compare holds documents against movements.
func (b *books) compare(v *verdict) {
	for document, reason := range b.movements {
		if _, ok := b.documents[document]; !ok {
			v.fault("goods moved (%s) for %s, which is no receipt", reason, document)
		}
	}
	for id, d := range b.documents {
		if _, ok := b.movements[id]; !ok && b.movements != nil && d.goods && d.kind != "imported" {
			v.fault("the %s %s moved no goods", d.kind, id)
		}
	}
}

// pages runs a query page after page.
func pages[Out any](ctx context.Context, c *client, operation string, in object, cursor func(*Out) string, each func(*Out)) error {
	for {
		var out Out
		if err := c.patient(ctx, operation, "", in, &out); err != nil {
			return fmt.Errorf("%s: %w", operation, err)
		}
		each(&out)
		next := cursor(&out)
		if next == "" {
			return nil
		}
		in["cursor"] = next
	}
}

func verifyTill(ctx context.Context, c *client, v *verdict) error {
	type page struct {
		Faults []struct {
			Receipt   string
			Reason    string
			Want, Got int64
		}
		Cursor string
	}
	return pages(ctx, c, "till.verify", object{"limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		for _, f := range p.Faults {
			v.fault("receipt %s: %s, want %d, got %d", f.Receipt, f.Reason, f.Want, f.Got)
		}
	})
}

func verifyStock(ctx context.Context, c *client, v *verdict) error {
	type page struct {
		Checked int
		Faults  []struct {
			SKU, Place      string
			Ledger, Counter int64
		}
		Cursor string
	}
	v.SKUs = 0
	return optional(pages(ctx, c, "stock.verify", object{"limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		v.SKUs += p.Checked
		for _, f := range p.Faults {
			v.fault("stock of %s at %q: the ledger says %d, the counter %d", f.SKU, f.Place, f.Ledger, f.Counter)
		}
	}))
}

func (b *books) readDocuments(ctx context.Context, c *client, _ *verdict) error {
	type stores struct{ Stores []struct{ ID string } }
	var all stores
	if err := c.patient(ctx, "catalog.stores", "", object{}, &all); err != nil {
		return fmt.Errorf("catalog.stores: %w", err)
	}
	type page struct {
		Receipts []struct{ ID, Kind string }
		Cursor   string
	}
	var ids []string
	for _, s := range all.Stores {
		err := pages(ctx, c, "till.receipts", object{"store": s.ID, "limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
			for _, r := range p.Receipts {
				if b.documents[r.ID] = (booked{kind: r.Kind}); r.Kind != "imported" {
					ids = append(ids, r.ID)
				}
			}
		})
		if err != nil {
			return err
		}
	}
	for _, id := range ids {
		var r writtenReceipt
		if err := c.patient(ctx, "till.receipt", "", object{"receipt": id}, &r); err != nil {
			return fmt.Errorf("receipt %s: %w", id, err)
		}
		b.documents[id] = r.booked()
	}
	return nil
}

func (b *books) readMovements(ctx context.Context, c *client, v *verdict) error {
	type page struct {
		Movements []struct{ Document, Reason string }
		Cursor    string
	}
	err := pages(ctx, c, "stock.movements", object{"place": "customer", "limit": 200}, func(p *page) string { return p.Cursor }, func(p *page) {
		for _, m := range p.Movements {
			if _, twice := b.movements[m.Document]; twice {
				v.fault("goods moved twice for %s", m.Document)
			}
			b.movements[m.Document] = m.Reason
		}
	})
	if unanswered(err) {
		b.movements, err = nil, nil // nobody keeps stock here
	}
	return err
}

// acknowledgement is one line of a client's journal.
type acknowledgement struct {
	Operation string          `json:"operation"`
	Key       string          `json:"key"`
	Body      json.RawMessage `json:"body"`
	Answer    json.RawMessage `json:"answer"`
}

// repeat makes every acknowledged request again: each must be answered from
// its record, with the same bytes.
func (v *verdict) repeat(ctx context.Context, c *client, path string, b *books) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	lines := bufio.NewReaderSize(f, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // a last line without its end was not acknowledged to anybody
		}
		if err != nil {
			return err
		}
		var a acknowledgement
		if err := json.Unmarshal(line, &a); err != nil {
			return fmt.Errorf("line %d of %s: %w", v.Acknowledged+1, path, err)
		}
		v.Acknowledged++
		if err := v.acknowledged(ctx, c, a, b); err != nil {
			return err
		}
	}
}

func (v *verdict) acknowledged(ctx context.Context, c *client, a acknowledgement, b *books) error {
	var receipt struct{ ID string }
	if err := json.Unmarshal(a.Answer, &receipt); err != nil {
		return err
	}
	if _, there := b.documents[receipt.ID]; !there {
		v.Lost++
		v.fault("%s was acknowledged as %s and is not there", a.Key, receipt.ID)
		return nil // repeating it would make it anew
	}
	v.Found++
	answer, err := c.repeat(ctx, a.Operation, a.Key, a.Body, patience)
	switch {
	case err != nil:
		v.fault("repeating %s: %v", a.Key, err)
	case !answer.replayed:
		v.fault("%s was run again", a.Key)
	case !sameJSON(answer.body, a.Answer):
		v.fault("%s was answered with other bytes", a.Key)
	}
	return nil
}
