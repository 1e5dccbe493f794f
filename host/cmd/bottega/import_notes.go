package main

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// notes counts what is odd about a file, so that the one who imports it can
// compare with what its source says of itself. Nothing odd is dropped for it.
type notes struct {
	products, lines                  int
	cancelled, negative, negativeOdd int
	free, belowZero, finer           int
	noCustomer, noName, spaces       int
	foreign, lower, special, twice   int
	names                            map[string]map[string]bool // id to the names it has
	cases                            map[string]map[string]bool // id in upper case to its spellings
	seen                             map[string]bool            // whole rows
}

func (n *notes) product(name string, i *item) {
	n.products++
	if n.names == nil {
		n.names, n.cases = map[string]map[string]bool{}, map[string]map[string]bool{}
	}
	note(n.names, i.id, name)
	note(n.cases, strings.ToUpper(i.id), i.id)
}

func note(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

func (n *notes) receipt(t *table, w row, number string, line object, exact decimal) {
	count := func(c *int, odd bool) {
		if odd {
			*c++
		}
	}
	n.lines++
	quantity, kind := line["quantity"].(int64), t.step.kind(number)
	count(&n.cancelled, kind != "" && quantity < 0)
	count(&n.negative, quantity < 0)
	count(&n.negativeOdd, kind == "" && quantity < 0)
	count(&n.free, exact.unscaled.Sign() == 0)
	count(&n.belowZero, strings.HasPrefix(line["unit_price"].(string), "-"))
	count(&n.finer, exact.scale > 2)
	count(&n.noCustomer, t.text(w, "customer") == "")
	sku := line["sku"].(string)
	count(&n.lower, strings.ToUpper(sku) != sku)
	count(&n.special, !ordinary(sku))
	if i, ok := t.at["description"]; ok {
		raw := w.cells[i]
		count(&n.noName, strings.TrimSpace(raw) == "")
		count(&n.spaces, strings.TrimSpace(raw) != raw)
		count(&n.foreign, strings.IndexFunc(raw, func(r rune) bool { return r > unicode.MaxASCII }) >= 0)
	}
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	whole := strings.Join(w.cells, "\x00")
	count(&n.twice, n.seen[whole])
	n.seen[whole] = true
}

// ordinary is five digits and then letters, or nothing.
func ordinary(sku string) bool {
	letters := strings.TrimLeft(sku, "0123456789")
	return len(sku)-len(letters) == 5 && strings.IndexFunc(letters, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// several counts the keys that have more than one value.
func several(m map[string]map[string]bool) (n int) {
	for _, values := range m {
		if len(values) > 1 {
			n++
		}
	}
	return n
}

// print lists what was found.
func (n *notes) print(out io.Writer) {
	list := func(count int, what string) {
		if count > 0 {
			fmt.Fprintf(out, "  %9d %s\n", count, what)
		}
	}
	list(several(n.cases), "codes in more than one case, each kept")
	list(several(n.names), "codes with more than one name; the first row's is kept, receipts keep their own")
	list(n.lines, "lines of documents")
	list(n.negative, "lines with a negative quantity")
	list(n.cancelled, "  of them in documents marked by their number")
	list(n.negativeOdd, "  of them in documents that are not marked")
	list(n.belowZero, "lines with a price below zero")
	list(n.free, "lines of value zero")
	list(n.finer, "lines with an amount finer than a cent, each rounded half away from zero")
	list(n.noCustomer, "lines without a customer")
	list(n.noName, "lines with an empty description")
	list(n.spaces, "descriptions with outer spaces, cut off")
	list(n.foreign, "descriptions with characters outside ASCII")
	list(n.special, "lines whose code is not five digits and letters")
	list(n.lower, "lines whose code has a lower-case letter")
	list(n.twice, "exact duplicates of an earlier line, kept: they are sales")
}
