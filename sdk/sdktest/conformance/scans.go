package conformance

import (
	"fmt"
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// scanCases: the orders of a collection.
func scanCases() []testCase {
	return []testCase{
		{name: "scan by primary key", run: scanPrimary},
		{name: "scan by index", run: scanIndex},
		{name: "an index with an entry per element", run: scanElements},
		{name: "an update moves index entries", run: scanMoved},
		{name: "texts with zero bytes keep their order", run: scanZeroBytes},
		{name: "a scan sees the transaction's own writes", run: scanOwn},
		{name: "a scan longer than a page", run: scanPages},
		{name: "a scan of large records", run: scanLarge},
	}
}

func scanPrimary(r *rig) {
	r.ids("", script.Range{})
	r.do(own(put(item("b"), item("d"), item("a"), item("c"), item("ab"))))
	r.ids("a ab b c d", script.Range{})
	r.ids("d c b ab a", script.Range{Reverse: true})
	r.ids("ab b c", script.Range{From: key(text("ab")), To: key(text("d"))})
	r.ids("c b ab", script.Range{From: key(text("aa")), To: key(text("ca")), Reverse: true})
	r.ids("a ab", script.Range{Limit: 2})
	r.ids("d c b", script.Range{Limit: 3, Reverse: true})
	r.ids("a ab b", script.Range{Stop: 3})
	r.ids("a", script.Range{Prefix: key(text("a"))})
	r.ids("", script.Range{From: key(text("c")), To: key(text("b"))})
	r.ids("", script.Range{From: key(text("b")), To: key(text("b"))})
	r.ids("a ab b c d", script.Range{Limit: 5})
}

func scanIndex(r *rig) {
	r.do(own(put(
		script.Item{ID: "a", Group: "x", Rank: 2}, script.Item{ID: "b", Group: "x", Rank: -1}, script.Item{ID: "c", Group: "y", Rank: 1},
		script.Item{ID: "d", Group: "x", Rank: 2, Flag: true}, script.Item{ID: "e"}, script.Item{ID: "f", Group: "xx", Rank: 9},
	)))
	byGroup := func(s script.Range) script.Range { s.Index = "group"; return s }
	r.ids("b a d f c", byGroup(script.Range{})) // e has no group and no entry
	r.ids("c f d a b", byGroup(script.Range{Reverse: true}))
	r.ids("b a d", byGroup(script.Range{Prefix: key(text("x"))}))
	r.ids("d a b", byGroup(script.Range{Prefix: key(text("x")), Reverse: true}))
	r.ids("a d", byGroup(script.Range{Prefix: key(text("x"), num(2))}))
	r.ids("b", byGroup(script.Range{Prefix: key(text("x")), To: key(num(2))}))
	r.ids("a d", byGroup(script.Range{Prefix: key(text("x")), From: key(num(0))}))
	r.ids("a d f", byGroup(script.Range{From: key(text("x"), num(0)), To: key(text("y"))}))
	r.ids("a", byGroup(script.Range{Prefix: key(text("x"), num(2)), Limit: 1}))
	r.ids("d", byGroup(script.Range{Prefix: key(text("x"), num(2)), Limit: 1, Reverse: true}))
	r.ids("a b f c d", script.Range{Index: "flag"})
	r.ids("d", script.Range{Index: "flag", Prefix: key(truth(true))})
}

func scanElements(r *rig) {
	r.do(own(put(
		script.Item{ID: "a", Tags: []string{"red", "blue"}}, script.Item{ID: "b", Tags: []string{"red", "red", ""}},
		script.Item{ID: "c", Tags: []string{""}}, script.Item{ID: "d"},
	)))
	r.ids("a a b", script.Range{Index: "tag"})
	r.ids("a b", script.Range{Index: "tag", Prefix: key(text("red"))})
	r.do(own(put(script.Item{ID: "a", Tags: []string{"green", "blue"}})), own(remove("b")))
	r.ids("a a", script.Range{Index: "tag"})
	r.ids("", script.Range{Index: "tag", Prefix: key(text("red"))})
}

func scanMoved(r *rig) {
	r.do(own(put(script.Item{ID: "a", Group: "x", Rank: 1}, script.Item{ID: "b", Group: "x", Rank: 2})))
	r.do(own(put(script.Item{ID: "a", Group: "x", Rank: 3})))
	r.ids("b a", script.Range{Index: "group"})
	r.do(own(put(script.Item{ID: "b", Group: "y"})), own(put(script.Item{ID: "b", Group: "w"})))
	r.ids("b a", script.Range{Index: "group"})
	r.ids("", script.Range{Index: "group", Prefix: key(text("y"))})
	r.do(own(put(script.Item{ID: "a"})), own(remove("b")), own(put(script.Item{ID: "b"})))
	r.ids("", script.Range{Index: "group"})
	r.ids("a b", script.Range{})
}

func scanZeroBytes(r *rig) {
	groups := []string{"a", "a\x00", "a\x00b", "a\x00\xff", "a\x01", "ab", "\x00", "a\xff"}
	var items []script.Item
	for i, g := range groups {
		items = append(items, script.Item{ID: fmt.Sprint(i), Group: g})
	}
	r.do(own(put(items...)))
	slices.SortFunc(items, func(a, b script.Item) int { return strings.Compare(a.Group, b.Group) })
	var sorted []string
	for _, x := range items {
		sorted = append(sorted, x.ID)
	}
	r.ids(strings.Join(sorted, " "), script.Range{Index: "group"})
	for i, g := range groups {
		r.ids(fmt.Sprint(i), script.Range{Index: "group", Prefix: key(text(g))})
	}
}

func scanOwn(r *rig) {
	r.do(own(put(script.Item{ID: "a", Tags: []string{"t"}}, script.Item{ID: "b", Tags: []string{"t"}}, script.Item{ID: "d", Tags: []string{"t"}})))
	byTag := scan(script.Range{Index: "tag", IDs: true})
	got := r.do(
		own(put(script.Item{ID: "c", Tags: []string{"t"}})), own(remove("a")), own(put(item("d"))),
		own(byTag), own(scan(script.Range{IDs: true, Reverse: true})),
	)
	same(r.t, "by index", got[3].Own.Texts, []string{"b", "c"})
	same(r.t, "by key", got[4].Own.Texts, []string{"d", "c", "b"})
}

func scanPages(r *rig) {
	const each = 900
	var want []string
	for _, group := range []string{"p", "q", "r"} {
		r.do(own(script.Step{Bulk: &script.Bulk{Puts: each, ID: group}}))
		for n := range each {
			want = append(want, fmt.Sprintf("%s%06d", group, n+1))
		}
	}
	backwards := slices.Clone(want)
	slices.Reverse(backwards)
	for _, index := range []string{"", "group"} {
		r.ids(strings.Join(want, " "), script.Range{Index: index})
		r.ids(strings.Join(backwards, " "), script.Range{Index: index, Reverse: true})
		for _, n := range []int64{1, abi.MaxPage - 1, abi.MaxPage, abi.MaxPage + 1, 2 * abi.MaxPage, 3 * each} {
			r.ids(strings.Join(want[:n], " "), script.Range{Index: index, Limit: n})
			r.ids(strings.Join(backwards[:n], " "), script.Range{Index: index, Stop: n, Reverse: true})
		}
	}
	r.ids(strings.Join(want[each:2*each], " "), script.Range{Index: "group", Prefix: key(text("q"))})
}

func scanLarge(r *rig) {
	const records, size = 12, 200 << 10
	r.do(own(script.Step{Bulk: &script.Bulk{Puts: records, ID: "x", Size: size}}))
	same(r.t, "records", r.own(scan(script.Range{IDs: true})).Number, records)
	same(r.t, "by index, backwards", r.own(scan(script.Range{Index: "group", IDs: true, Reverse: true})).Number, records)
	_, err := r.h.Call("alpha.ask", encode(r, own(scan(script.Range{}))))
	r.failed("an output of 2.4 MB", script.Describe(err), sdk.CodeTooLarge, abi.ReasonOutput)
}
