package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/schollz/progressbar/v3"
)

// importRun is one step of an import.
type importRun struct {
	client  *client
	step    *step
	state   *importState
	number  int
	dryRun  bool
	rejects *rejects
	out     io.Writer

	header []string
}

// The size of a batch: within the limits of the operations, and small enough
// that the bar moves.
const (
	batchItems  = 100
	batchWeight = 1000
)

func (r *importRun) run(ctx context.Context, path string) error {
	t, err := openTable(path, r.step)
	if err != nil {
		return err
	}
	defer t.close()
	r.header = t.header
	before := r.rejects.rows
	g, err := readItems(t, func(w row, reason string) error { return r.rejects.add(t.header, w, reason) })
	if err != nil {
		return err
	}
	if err := r.send(ctx, batches(g.all)); err != nil {
		return err
	}
	r.report(g, r.rejects.rows-before)
	return nil
}

// batches cuts items into requests, the same ones in every run.
func batches(all []*item) (cut [][]*item) {
	weight := 0
	for i, it := range all {
		last := len(cut) - 1
		if i == 0 || len(cut[last]) == batchItems || weight+it.weight > batchWeight || it.group != cut[last][0].group {
			cut, weight = append(cut, nil), 0
			last++
		}
		cut[last] = append(cut[last], it)
		weight += it.weight
	}
	return cut
}

// send sends the batches that an earlier run has not.
func (r *importRun) send(ctx context.Context, all [][]*item) error {
	s := &r.state.Steps[r.number]
	bar := progressbar.NewOptions(len(all), progressbar.OptionSetWriter(os.Stderr), progressbar.OptionSetDescription(r.step.As),
		progressbar.OptionShowCount(), progressbar.OptionThrottle(100_000_000), progressbar.OptionClearOnFinish())
	for i, batch := range all {
		if i >= s.Batches {
			if err := r.batch(ctx, batch, s); err != nil {
				return fmt.Errorf("batch %d of %d: %w", i+1, len(all), err)
			}
			s.Batches = i + 1
			if err := r.state.write(); err != nil {
				return err
			}
		}
		_ = bar.Add(1) // a bar that cannot be drawn is no reason to stop
	}
	return bar.Finish()
}

// result is what an operation said of one item.
type result struct {
	Outcome, Code, Reason, Pointer, Message string
	Total                                   int64
}

func (r *importRun) batch(ctx context.Context, batch []*item, s *stepState) error {
	operation, in := r.request(batch)
	if operation == "" { // nothing to ask the host in a dry run
		return nil
	}
	var out struct{ Results []result }
	err := r.client.patient(ctx, operation, contentKey(operation, in), in, &out)
	var p *problem
	if errors.As(err, &p) && !p.retryable() {
		// All or nothing: whoever is to blame, the whole batch stays out.
		for _, it := range batch {
			if err := r.reject(it, p.Error()); err != nil {
				return err
			}
		}
		s.Refused += len(batch)
		return nil
	}
	if err != nil {
		return err
	}
	if out.Results == nil {
		s.Created += len(batch)
		return nil
	}
	if len(out.Results) != len(batch) {
		return fmt.Errorf("%s answered %d results for %d items", operation, len(out.Results), len(batch))
	}
	for i, res := range out.Results {
		if err := r.settle(batch[i], res, s); err != nil {
			return err
		}
	}
	return nil
}

// settle counts what became of one item.
func (r *importRun) settle(it *item, res result, s *stepState) error {
	switch res.Outcome {
	case "created":
		s.Created++
	case "changed":
		s.Changed++
	case "known", "unchanged":
		s.Known++
	default:
		s.Refused++
		return r.reject(it, strings.TrimSpace(fmt.Sprintf("%s (%s) %s: %s", res.Code, res.Reason, res.Pointer, res.Message)))
	}
	s.Total += res.Total
	return nil
}

func (r *importRun) reject(it *item, reason string) error {
	for _, w := range it.rows {
		if err := r.rejects.add(r.header, w, reason); err != nil {
			return err
		}
	}
	return nil
}

// request is the operation that takes a batch.
func (r *importRun) request(batch []*item) (string, object) {
	bodies := make([]object, len(batch))
	for i, it := range batch {
		bodies[i] = it.body
	}
	switch r.step.As {
	case "products":
		return "catalog.put_products", object{"products": bodies, "partial": true, "create_terms": true, "dry_run": r.dryRun}
	case "receipts":
		return "till.import_receipts", object{"documents": bodies, "dry_run": r.dryRun}
	}
	if r.dryRun {
		return "", nil
	}
	if r.step.As == "prices" {
		return "pricing.put_entries", object{"list": batch[0].group, "entries": bodies}
	}
	place, document, _ := strings.Cut(batch[0].group, "\x00")
	return "stock.receive", object{"to": place, "document": document, "lines": bodies}
}

// report says what became of every row.
func (r *importRun) report(g *items, rejected int) {
	s := r.state.Steps[r.number]
	mode := ""
	if r.dryRun {
		mode = " (dry run: nothing was written)"
	}
	fmt.Fprintf(r.out, "%s%s: %d rows read, %d rejected; %d items: %d created, %d changed, %d known, %d refused\n",
		r.step.As, mode, g.rows, rejected, len(g.all), s.Created, s.Changed, s.Known, s.Refused)
	g.notes.print(r.out)
	if r.step.As != "receipts" {
		return
	}
	var exact decimal
	var total int64
	kinds := map[string]int{}
	for _, it := range g.all {
		exact, total = exact.plus(it.exact), total+it.total
		kind, _ := it.body["kind"].(string)
		kinds[kind]++
	}
	fmt.Fprintf(r.out, "  documents by kind: %v\n", kinds)
	if len(g.all) > 0 {
		fmt.Fprintf(r.out, "  total of the file %d minor units (exactly %s), of the host %d\n", total, exact, s.Total)
	}
	if rejected == 0 && s.Total != total {
		fmt.Fprintf(r.out, "  DIFFERENCE %d minor units\n", s.Total-total)
	}
}
