package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// importRun is one step of an import.
type importRun struct {
	*importJob
	step   *step
	number int
	table  *table

	waiting map[string]bool // of promised, what was missed
}

func (r *importRun) state() *stepState { return &r.importJob.state.Steps[r.number] }

// run reads the file, lists what cannot be read, sends the rest and reports.
func (r *importRun) run(ctx context.Context, path string) error {
	t, err := openTable(path, r.step)
	if err != nil {
		return err
	}
	defer t.close()
	r.table = t
	g, err := readItems(t)
	if err != nil {
		return err
	}
	if r.dryRun {
		r.promise(g)
	}
	cut := batches(g.all, limitsOf(r.step.As))
	if err := r.trust(ctx, cut); err != nil {
		return err
	}
	if err := r.list(g.bad); err != nil {
		return err
	}
	if err := r.send(ctx, cut); err != nil {
		return err
	}
	return r.report(g)
}

// list writes down the rows that cannot be read, once.
func (r *importRun) list(bad []badRow) error {
	s := r.state()
	if s.Listed {
		return nil
	}
	for _, b := range bad {
		if err := r.rejects.add(r.table, b.row, b.reason); err != nil {
			return err
		}
	}
	s.Listed, s.RowsBad = true, s.RowsBad+len(bad)
	return r.save()
}

// trust asks the host for the last batch of the run that was interrupted. A
// host that answers it from its record has all that came before. Any other is
// an older one, or another, whatever its address: everything is sent again.
func (r *importRun) trust(ctx context.Context, cut [][]*item) error {
	n := r.state().Batches
	if n == 0 {
		return nil
	}
	if n <= len(cut) {
		q := r.request(cut[n-1])
		a, err := r.client.repeat(ctx, q.operation, r.key(q), q.body, importPatience)
		var p *problem
		if err != nil && !errors.As(err, &p) {
			return err
		}
		if err == nil && a.replayed {
			return nil
		}
		if err != nil { // refused, as it may have been before: nothing is proved either way
			return r.restart("the host refused what it was asked again")
		}
	}
	return r.restart("the host does not have what was sent to it")
}

// restart begins the whole import anew, in the middle of this one's steps.
func (r *importRun) restart(why string) error { return errRestart{why} }

// errRestart ends a run that has to begin with the first batch.
type errRestart struct{ why string }

func (e errRestart) Error() string { return e.why }

// key is the idempotency key of a request.
func (r *importRun) key(q request) string {
	if q.once {
		return importKey("", q.operation, q.body)
	}
	return importKey(r.importJob.state.Run, q.operation, q.body)
}

// send sends the batches that an earlier run has not.
func (r *importRun) send(ctx context.Context, cut [][]*item) error {
	s := r.state()
	if n := s.Batches; n > 0 {
		fmt.Fprintf(r.out, "%s: %d of %d batches are done already\n", r.step.As, n, len(cut))
	}
	bar := r.progress(r.step.As, len(cut), s.Batches)
	defer bar.end()
	for i, batch := range cut {
		if i < s.Batches {
			continue
		}
		done, err := r.deliver(ctx, batch)
		if err != nil {
			return fmt.Errorf("batch %d of %d: %w", i+1, len(cut), err)
		}
		if err := r.settle(batch, done); err != nil {
			return err
		}
		s.Batches = i + 1
		if err := r.save(); err != nil {
			return err
		}
		bar.step()
	}
	return nil
}

// result is what became of one item. Field names are those of the operations.
type result struct {
	Outcome, Code, Reason, Pointer, Message string
	Total                                   int64
}

// The outcomes that no operation answers.
const (
	refused   = "refused"
	unchecked = "unchecked" // a dry run: what it refers to is promised
)

// deliver sends a batch and finds out what became of each item. What the host
// refuses as a whole is cut smaller until the guilty item is alone.
func (r *importRun) deliver(ctx context.Context, batch []*item) ([]result, error) {
	if len(batch) == 0 {
		return nil, nil
	}
	if done, err := r.known(ctx, batch); done != nil || err != nil {
		return done, err
	}
	q := r.request(batch)
	a, err := r.client.repeat(ctx, q.operation, r.key(q), q.body, importPatience)
	var p *problem
	switch {
	case err == nil:
		return r.results(q, batch, a)
	case !errors.As(err, &p) || p.retryable() && p.Code != "deadline":
		return nil, err
	}
	if i, rest := q.at(p.Pointer, len(batch)); i >= 0 {
		return r.deliverRest(ctx, batch, i, p, rest)
	}
	if len(batch) > 1 && !systemic(p) {
		first, err := r.deliver(ctx, batch[:len(batch)/2])
		if err != nil {
			return nil, err
		}
		second, err := r.deliver(ctx, batch[len(batch)/2:])
		return append(first, second...), err
	}
	if p.Code == "deadline" {
		return nil, err // the host is too slow now; the row is not to blame
	}
	done := make([]result, len(batch))
	for i := range done {
		done[i] = result{Outcome: refused, Code: p.Code, Reason: p.Reason, Message: p.Detail}
	}
	return done, nil
}

// systemic says whether a problem without a pointer is every item's.
func systemic(p *problem) bool {
	return p.Code == "not_found" || p.Code == "denied" || p.Code == "failed_precondition"
}

// deliverRest refuses the item that a problem points to and sends the others.
func (r *importRun) deliverRest(ctx context.Context, batch []*item, i int, p *problem, rest string) ([]result, error) {
	done, err := r.deliver(ctx, without(batch, i))
	if err != nil {
		return nil, err
	}
	guilty := result{Outcome: refused, Code: p.Code, Reason: p.Reason, Pointer: "/" + rest, Message: p.Detail}
	return append(done[:i:i], append([]result{guilty}, done[i:]...)...), nil
}

// results reads the answer to a whole batch.
func (r *importRun) results(q request, batch []*item, a answer) ([]result, error) {
	var out struct {
		Results []result
		Changed *int // of prices
	}
	if err := json.Unmarshal(a.body, &out); err != nil {
		return nil, fmt.Errorf("%s answered %.200q: %w", q.operation, a.body, err)
	}
	if q.list == "lines" || q.list == "entries" {
		return counted(len(batch), out.Changed, q.once && a.replayed), nil
	}
	if len(out.Results) != len(batch) {
		return nil, fmt.Errorf("%s answered %d results for %d items", q.operation, len(out.Results), len(batch))
	}
	for i := range out.Results {
		if at, rest := q.at(out.Results[i].Pointer, len(batch)); at >= 0 {
			out.Results[i].Pointer = "/" + rest
		}
	}
	return out.Results, nil
}

// counted makes results of an operation that only counts, or does all or none.
func counted(n int, changed *int, replayed bool) []result {
	done := make([]result, n)
	for i := range done {
		switch {
		case changed == nil && !replayed:
			done[i].Outcome = "created"
		case changed != nil && i < *changed:
			done[i].Outcome = "changed"
		default:
			done[i].Outcome = "known"
		}
	}
	return done
}

// settle counts what became of the items of a batch.
func (r *importRun) settle(batch []*item, done []result) error {
	s := r.state()
	for i, res := range done {
		it := batch[i]
		if r.waits(it, res) {
			res.Outcome = unchecked
			r.miss(it, res)
		}
		switch res.Outcome {
		case "created":
			s.Created++
			s.RowsTaken += len(it.rows)
		case "changed":
			s.Changed++
			s.RowsTaken += len(it.rows)
		case unchecked:
			s.Unchecked++
			s.RowsTaken += len(it.rows)
			res.Total = it.total
		case "known", "unchanged":
			s.Known++
			s.RowsKnown += len(it.rows)
		default:
			s.refuse(it, res)
			if err := r.refuse(it, res); err != nil {
				return err
			}
			continue
		}
		s.Total += res.Total
		s.FileTotal += it.total
	}
	return nil
}

// miss remembers what a dry run waits for.
func (r *importRun) miss(it *item, res result) {
	what := strings.ReplaceAll(res.Reason, "_", " ") + " " + it.refers
	if res.Reason == "sku" {
		what = "SKUs of this file"
	}
	r.waiting[what] = true
}

// refuse counts an item that was not taken.
func (s *stepState) refuse(it *item, res result) {
	s.Refused++
	s.RowsBad += len(it.rows)
	if s.Reasons == nil {
		s.Reasons = map[string]int{}
	}
	s.Reasons[res.Code+" ("+res.Reason+")"]++
}

// refuse writes down all rows of an item.
func (r *importRun) refuse(it *item, res result) error {
	reason := it.reason(res)
	for _, w := range it.rows {
		if err := r.rejects.add(r.table, w, reason); err != nil {
			return err
		}
	}
	return nil
}

// reason says for people why an item was refused. A pointer to a line of a
// receipt becomes the line of the file.
func (it *item) reason(res result) string {
	text := res.Code
	if res.Reason != "" {
		text += " (" + res.Reason + ")"
	}
	pointer := strings.TrimSuffix(res.Pointer, "/")
	if rest, ok := strings.CutPrefix(pointer, "/lines/"); ok && len(it.rows) > 1 {
		number, field, _ := strings.Cut(rest, "/")
		if i, ok := atoi(number); ok && i < len(it.rows) {
			text += fmt.Sprintf(" on line %d", it.rows[i].line)
			pointer = field
		}
	}
	if pointer != "" {
		text += " at " + pointer
	}
	if res.Message != "" {
		text += ": " + res.Message
	}
	return text
}
