package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// report says what became of every row. A row that is not accounted for is an
// error, whatever the operations answered.
func (r *importRun) report(g *items) error {
	s := r.state()
	would := ""
	if r.dryRun {
		would = "would be "
	}
	fmt.Fprintf(r.out, "%s: %s rows read = %s %staken + %s known already + %s rejected\n",
		r.step.As, grouped(g.rows), grouped(s.RowsTaken), would, grouped(s.RowsKnown), grouped(s.RowsBad))
	fmt.Fprintf(r.out, "  %s %s: %s\n", grouped(len(g.all)), itemNames[r.step.As], r.outcomes(s))
	r.reportWaiting(s)
	if s.Refused > 0 {
		fmt.Fprintf(r.out, "  refused because: %s\n", most(s.Reasons, 8))
	}
	if n := len(g.bad); n > 0 {
		fmt.Fprintf(r.out, "  %s rows were rejected before anything was sent\n", grouped(n))
	}
	if r.step.As == "receipts" {
		fmt.Fprintf(r.out, "  documents by kind: %s\n", kindList(g.all))
	}
	g.notes.print(r.out, r.step)
	if err := r.reportMoney(g, s); err != nil {
		return err
	}
	if g.rows != s.RowsTaken+s.RowsKnown+s.RowsBad || len(g.all) != s.Created+s.Changed+s.Known+s.Refused+s.Unchecked {
		return fmt.Errorf("the rows do not add up: %d read, %d taken, %d known, %d rejected; this is a mistake in bottega",
			g.rows, s.RowsTaken, s.RowsKnown, s.RowsBad)
	}
	return nil
}

// itemNames are what the rows of a step become.
var itemNames = map[string]string{"products": "products", "prices": "prices", "deliveries": "lines of deliveries", "receipts": "documents"}

func (r *importRun) outcomes(s *stepState) string {
	var parts []string
	add := func(n int, what string) {
		if n > 0 {
			parts = append(parts, grouped(n)+" "+what)
		}
	}
	add(s.Created, "created")
	add(s.Changed, "changed")
	add(s.Known, "known")
	add(s.Unchecked, "checked as far as they can be")
	add(s.Refused, "refused")
	return strings.Join(parts, ", ")
}

// reportWaiting says what a dry run could not check.
func (r *importRun) reportWaiting(s *stepState) {
	if s.Unchecked == 0 {
		return
	}
	fmt.Fprintf(r.out, "  not on the host yet, the import makes it first: %s; what depends on it is checked then\n",
		strings.Join(slices.Sorted(maps.Keys(r.waiting)), ", "))
}

func kindList(all []*item) string {
	kinds := map[string]int{}
	for _, it := range all {
		kinds[it.kind]++
	}
	var parts []string
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		name := k
		if k == "" {
			name = "not marked"
		}
		parts = append(parts, grouped(kinds[k])+" "+name)
	}
	return strings.Join(parts, ", ")
}

// reportMoney compares what the documents come to with what the host answered.
func (r *importRun) reportMoney(g *items, s *stepState) error {
	if r.step.As != "receipts" || len(g.all) == 0 {
		return nil
	}
	var exact decimal
	var total int64
	for _, it := range g.all {
		exact, total = exact.plus(it.exact), total+it.total
	}
	fmt.Fprintf(r.out, "  money: quantity × price comes to %s exactly, to %s with every line rounded\n", exact.grouped(), formatMinor(total))
	where := "the host has"
	if r.dryRun {
		where = "the host would have"
	}
	fmt.Fprintf(r.out, "         of that %s are in documents that are not refused; %s %s\n", formatMinor(s.FileTotal), where, formatMinor(s.Total))
	if s.FileTotal != s.Total {
		return fmt.Errorf("the money differs by %s", formatMinor(s.Total-s.FileTotal))
	}
	return nil
}
