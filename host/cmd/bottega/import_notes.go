package main

import (
	"cmp"
	"crypto/sha256"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// notes counts what is odd about a file, so that the one who imports it can
// compare with what its source says of itself. Nothing is dropped for being
// odd.
type notes struct {
	lines, trimmed                int
	marked, negative, negativeOdd int
	free, belowZero, finer, cheap int
	noCustomer, noName, spaces    int
	foreign, lower, twice         int
	skipped, doubled              int
	first, last                   string
	customers                     set
	names, trims, filled, cases   map[string]set // of products, by id: as written, without outer spaces, without empty ones; by id in upper case
	special                       map[string]int // lines of codes that are not five digits and letters
	undo, later                   set            // documents that take back, and of more than one instant
	seen                          map[[16]byte]bool
	counted                       []int // by the step's list
	countedAt, others             []int // cells
	otherNames                    []string
	values                        []set // of others
}

type set map[string]struct{}

func (s set) add(v string) { s[v] = struct{}{} }

// mostValues is where distinct values are no longer counted.
const mostValues = 10_000

func newNotes(t *table) notes {
	n := notes{
		customers: set{}, names: map[string]set{}, trims: map[string]set{}, filled: map[string]set{}, cases: map[string]set{},
		special: map[string]int{}, undo: set{}, later: set{}, seen: map[[16]byte]bool{},
		counted: make([]int, len(t.step.Count)),
	}
	for _, c := range t.step.Count {
		n.countedAt = append(n.countedAt, slices.Index(t.header, c.Column))
	}
	for i, name := range t.header {
		own := t.header[0] == "line" && i < 2 // a file of rejected rows, corrected
		if t.step.mapped != nil && !t.step.mapped[name] && !own {
			n.others, n.otherNames, n.values = append(n.others, i), append(n.otherNames, name), append(n.values, set{})
		}
	}
	return n
}

// row counts what needs no meaning.
func (n *notes) row(t *table, w row) {
	for i, c := range t.step.Count {
		if strings.HasPrefix(w.cells[n.countedAt[i]], c.Prefix) {
			n.counted[i]++
		}
	}
	for i, cell := range n.others {
		if len(n.values[i]) <= mostValues {
			n.values[i].add(w.cells[cell])
		}
	}
}

func (n *notes) product(t *table, w row, id string) {
	note(n.cases, strings.ToUpper(id), id)
	if i, ok := t.at["name"]; ok {
		raw := w.cells[i]
		name := strings.TrimSpace(raw)
		note(n.names, id, raw)
		note(n.trims, id, name)
		if name != "" {
			note(n.filled, id, name)
		}
	}
}

func note(m map[string]set, key, value string) {
	if m[key] == nil {
		m[key] = set{}
	}
	m[key].add(value)
}

func (n *notes) receipt(t *table, w row, i *item, line *importedLine) {
	n.lines++
	count(&n.negative, line.Quantity < 0)
	count(&n.marked, line.Quantity < 0 && i.kind != "")
	count(&n.negativeOdd, line.Quantity < 0 && i.kind == "")
	if line.Quantity < 0 && i.kind != "" {
		n.undo.add(i.id)
	}
	count(&n.free, line.exact.unscaled.Sign() == 0)
	count(&n.belowZero, line.price.unscaled.Sign() < 0)
	count(&n.finer, !line.exact.whole())
	count(&n.cheap, !line.price.whole())
	count(&n.lower, strings.ToUpper(line.SKU) != line.SKU)
	if !ordinary(line.SKU) {
		n.special[line.SKU]++
	}
	n.customer(t, w)
	n.description(t, w)
	sum := sha256.Sum256([]byte(strings.Join(w.cells, "\x00")))
	whole := [16]byte(sum[:16])
	count(&n.twice, n.seen[whole])
	n.seen[whole] = true
}

func count(c *int, odd bool) {
	if odd {
		*c++
	}
}

func (n *notes) customer(t *table, w row) {
	i, ok := t.at["customer"]
	if !ok {
		return
	}
	id := t.text(w, "customer")
	count(&n.noCustomer, id == "")
	if id != "" {
		n.customers.add(id)
	}
	suffix := t.step.Columns["customer"].TrimSuffix
	count(&n.trimmed, suffix != "" && strings.HasSuffix(strings.TrimSpace(w.cells[i]), suffix))
}

func (n *notes) description(t *table, w row) {
	i, ok := t.at["description"]
	if !ok {
		return
	}
	raw := w.cells[i]
	count(&n.noName, strings.TrimSpace(raw) == "")
	count(&n.spaces, strings.TrimSpace(raw) != raw)
	count(&n.foreign, strings.IndexFunc(raw, func(r rune) bool { return r > unicode.MaxASCII }) >= 0)
}

// instant notes when a line was, and when its document.
func (n *notes) instant(i *item, at, document string, read clock) {
	count(&n.skipped, read == skippedClock)
	count(&n.doubled, read == doubleClock)
	if at != document {
		n.later.add(i.id)
	}
	if n.first == "" || at < n.first {
		n.first = at
	}
	n.last = max(n.last, at)
}

// ordinary is five digits and then letters, or nothing.
func ordinary(sku string) bool {
	letters := strings.TrimLeft(sku, "0123456789")
	return len(sku)-len(letters) == 5 && strings.IndexFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// several counts the keys that have more than one value.
func several(m map[string]set) (n int) {
	for _, values := range m {
		count(&n, len(values) > 1)
	}
	return n
}

// noteList writes counts with what they count; zero is not written.
type noteList struct{ out io.Writer }

func (l noteList) add(count int, format string, args ...any) {
	if count > 0 {
		fmt.Fprintf(l.out, "  %9s %s\n", grouped(count), fmt.Sprintf(format, args...))
	}
}

// print lists what was found.
func (n *notes) print(out io.Writer, s *step) {
	l := noteList{out}
	l.add(several(n.cases), "codes stand in upper and lower case; each spelling is a product of its own")
	l.add(several(n.names), "codes have more than one name as written; the first that is not empty is kept, receipts keep their own")
	l.add(several(n.names)-several(n.trims), "  of them differ in outer spaces only")
	l.add(several(n.trims)-several(n.filled), "  of them have one name, and none in some rows")
	n.printReceipts(l, s)
	for i, c := range s.Count {
		l.add(n.counted[i], "%s", c.Text)
	}
	for i, v := range n.values {
		l.add(len(v), "different values in the column %s, which is not imported", n.otherNames[i])
	}
	if text := constants(s); text != "" {
		fmt.Fprintf(out, "            not in the file, the same for all: %s\n", text)
	}
}

func (n *notes) printReceipts(l noteList, s *step) {
	if n.lines == 0 {
		return
	}
	l.add(n.lines, "lines in documents, from %s to %s", n.first, n.last)
	l.add(n.negative, "lines have a quantity below zero")
	l.add(n.marked, "  of them in documents whose number marks them")
	l.add(n.negativeOdd, "  of them in documents that are not marked: kept as they are")
	l.add(len(n.undo), "documents take goods back and do not name what they undo; nothing is inferred")
	l.add(n.belowZero, "lines have a price below zero")
	l.add(n.free, "lines are worth nothing")
	l.add(n.cheap, "prices are finer than a cent, and kept exactly")
	l.add(n.finer, "amounts are finer than a cent, each rounded half away from zero")
	l.add(len(n.customers), "customers")
	l.add(n.trimmed, "lines have a customer written with %q at its end, cut off", s.Columns["customer"].TrimSuffix)
	l.add(n.noCustomer, "lines have no customer")
	l.add(n.noName, "lines have an empty description")
	l.add(n.spaces, "descriptions have outer spaces, cut off")
	l.add(n.foreign, "descriptions have characters outside ASCII, kept")
	special := 0
	for _, c := range n.special {
		special += c
	}
	l.add(special, "lines have a code that is not five digits and letters: %s", most(n.special, 8))
	l.add(n.lower, "lines have a code with a lower-case letter")
	l.add(n.twice, "lines are exact duplicates of an earlier one, kept: they are sales")
	l.add(len(n.later), "documents have lines of different instants; the earliest is kept")
	l.add(n.skipped, "instants that no clock showed, for clocks were put forward; read as if they had not been")
	l.add(n.doubled, "instants that clocks showed twice, for they were put back; read as the first")
}

// most lists the keys with the highest counts.
func most(m map[string]int, limit int) string {
	keys := slices.SortedFunc(maps.Keys(m), func(a, b string) int { return cmp.Or(cmp.Compare(m[b], m[a]), cmp.Compare(a, b)) })
	var parts []string
	for _, k := range keys[:min(limit, len(keys))] {
		parts = append(parts, fmt.Sprintf("%s %s", k, grouped(m[k])))
	}
	if len(keys) > limit {
		parts = append(parts, fmt.Sprintf("and %d more", len(keys)-limit))
	}
	return strings.Join(parts, ", ")
}

// constants lists what the profile says of every row.
func constants(s *step) string {
	var parts []string
	for _, f := range slices.Sorted(maps.Keys(s.Constants)) {
		parts = append(parts, f+" "+s.Constants[f])
	}
	return strings.Join(parts, ", ")
}
