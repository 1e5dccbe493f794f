package conformance

import (
	"math"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// recordCases: records, unique indexes and counters.
func recordCases() []testCase {
	return []testCase{
		{name: "put, insert, get and delete", run: putGet},
		{name: "get_many keeps the order of its keys", run: getMany},
		{name: "values cross as they are", run: roundTrip},
		{name: "a unique index refuses and is freed", run: unique},
		{name: "a refused write writes nothing", run: refusedWrite},
		{name: "a record without its key", run: noKey},
		{name: "a composite key", run: compositeKey},
		{name: "a counter keeps its bounds", run: counterBounds},
		{name: "a counter at the ends of its range", run: counterEnds},
		{name: "counters keep the order of their keys", run: counters},
		{name: "keys of different parts are different keys", run: distinctKeys},
	}
}

func putGet(r *rig) {
	r.do(own(put(script.Item{ID: "a", Rank: 1})), own(insert(script.Item{ID: "b", Rank: 2})))
	r.do(own(put(script.Item{ID: "a", Rank: 3})))
	same(r.t, "replaced", r.own(get("a")).Items[0].Rank, 3)
	got := r.do(own(catch(insert(script.Item{ID: "a", Rank: 4}))), own(get("a")))
	r.failed("insert of what is there", got[0].Own.Error, sdk.CodeConflict, abi.ReasonExists)
	same(r.t, "kept", got[1].Own.Items[0].Rank, 3)
	got = r.do(own(remove("a")), own(get("a")), own(remove("a")), own(remove("never")), own(insert(item("a"))), own(remove("b")))
	same(r.t, "deleted in this transaction", got[1].Own.Found, []bool{false})
	same(r.t, "inserted again", r.own(get("a")).Items, []script.Item{item("a")})
	same(r.t, "deleted", r.own(get("b")).Found, []bool{false})
}

func getMany(r *rig) {
	r.do(own(put(item("a"), item("b"), item("c"))), own(remove("b")))
	got := r.own(script.Step{GetMany: &script.Many{IDs: []string{"c", "b", "a", "never", "c"}}})
	same(r.t, "there", got.Found, []bool{true, false, true, false, true})
	same(r.t, "items", got.Items, []script.Item{item("c"), {}, item("a"), {}, item("c")})
	same(r.t, "of nothing", len(r.own(script.Step{GetMany: &script.Many{}}).Found), 0)
}

func roundTrip(r *rig) {
	items := []script.Item{
		{ID: "zero"}, // and with neither expiry, nor subject, nor unique entry
		{ID: "anna's", About: "anna", Until: future},
		{ID: "ends", Rank: math.MinInt64, Body: []byte{0, 0xff}},
		{ID: "è\x00\U0001F6D2", Group: strings.Repeat("g", 300), Rank: math.MaxInt64, Tags: []string{"", "a", "a"}, Code: " ", Flag: true},
		{ID: "empty", Tags: []string{}, Body: []byte{}},
	}
	r.do(own(put(items...)))
	items[4].Tags, items[4].Body = nil, nil // nothing and an empty list are the same
	for _, want := range items {
		same(r.t, "stored", r.own(get(want.ID)).Items[0], want)
	}
	in := script.Script{Steps: []script.Step{{Put: &script.Write{Items: items}}, {Get: &script.At{}}, {}}}
	out, err := call(r, alpha.Echo.Name, in, script.Script{})
	same(r.t, "echo's error", err, nil)
	same(r.t, "echo", out, in)
	empty, _ := call(r, alpha.Echo.Name, script.Script{}, script.Script{})
	same(r.t, "echo of nothing", empty, script.Script{})
}

func unique(r *rig) {
	r.do(own(put(script.Item{ID: "a", Code: "x"}, script.Item{ID: "b"}, script.Item{ID: "c"})))
	got := r.do(own(catch(put(script.Item{ID: "b", Code: "x"}))), own(catch(insert(script.Item{ID: "d", Code: "x"}))))
	for _, g := range got {
		r.failed("a second x", g.Own.Error, sdk.CodeConflict, abi.ReasonUnique)
		same(r.t, "fields", g.Own.Error.Fields, []script.Field{{Name: "index", Text: "code"}})
	}
	r.do(own(put(script.Item{ID: "a", Code: "x", Rank: 1})), own(put(script.Item{ID: "c"}))) // its own, and two without
	same(r.t, "found", r.own(find("x")).Items[0].Rank, 1)
	r.do(own(put(script.Item{ID: "a", Code: "y"})), own(put(script.Item{ID: "b", Code: "x"})))
	same(r.t, "freed by an update", r.own(find("x")).Items[0].ID, "b")
	same(r.t, "moved", r.own(find("y")).Items[0].ID, "a")
	r.do(own(remove("a")), own(put(script.Item{ID: "c", Code: "y"})))
	same(r.t, "freed by a delete", r.own(find("y")).Items[0].ID, "c")
	r.do(own(put(script.Item{ID: "c"}, script.Item{ID: "b", Code: "y"}, script.Item{ID: "c", Code: "x"})))
	same(r.t, "swapped", r.own(find("x")).Items[0].ID+r.own(find("y")).Items[0].ID, "cb")
	same(r.t, "of nothing", r.own(find("z")).Found, []bool{false})
	r.ids("c b", script.Range{Index: "code"})
}

func refusedWrite(r *rig) {
	r.do(own(put(script.Item{ID: "a", Code: "x"}, script.Item{ID: "b", Code: "y", Tags: []string{"t"}, Rank: 1})))
	r.do(own(catch(put(script.Item{ID: "b", Code: "x", Tags: []string{"u"}, Rank: 2}))))
	same(r.t, "b", r.own(get("b")).Items[0].Rank, 1)
	same(r.t, "b by its old code", r.own(find("y")).Items[0].ID, "b")
	r.ids("b", script.Range{Index: "tag"})
}

func noKey(r *rig) {
	many := make([]string, abi.MaxEntries+1)
	for i := range many {
		many[i] = string(rune('a'+i%26)) + string(rune('a'+i/26))
	}
	got := r.do(own(catch(put(item("")))), own(catch(put(script.Item{ID: "a", Tags: many}))), own(put(script.Item{ID: "b", Tags: many[1:]})))
	r.failed("an empty key", got[0].Own.Error, sdk.CodeInvalid, abi.ReasonRecord)
	r.failed("too many index entries", got[1].Own.Error, sdk.CodeInvalid, abi.ReasonRecord)
	r.ids("b", script.Range{Index: "tag", Prefix: key(text(many[abi.MaxEntries]))})
	r.ids("b", script.Range{})
}

func compositeKey(r *rig) {
	w := &script.Write{Ranked: true}
	for _, s := range []struct {
		group string
		rank  int64
	}{{"b", 2}, {"a", 10}, {"a", -3}, {"b", 1}, {"a", 9}, {"aa", 0}} {
		w.Items = append(w.Items, script.Item{ID: s.group, Group: s.group, Rank: s.rank})
	}
	r.do(own(script.Step{Put: w}))
	ranks := func(s script.Range) (out []int64) {
		s.Ranked = true
		for _, x := range r.own(scan(s)).Items {
			out = append(out, x.Rank)
		}
		return out
	}
	same(r.t, "all", ranks(script.Range{}), []int64{-3, 9, 10, 0, 1, 2})
	same(r.t, "a", ranks(script.Range{Prefix: key(text("a"))}), []int64{-3, 9, 10})
	same(r.t, "a from 0 to 10", ranks(script.Range{Prefix: key(text("a")), From: key(num(0)), To: key(num(10))}), []int64{9})
	same(r.t, "b backwards", ranks(script.Range{Prefix: key(text("b")), Reverse: true}), []int64{2, 1})
	at := &script.At{Ranked: true, Key: key(text("a"), num(9))}
	same(r.t, "get", r.own(script.Step{Get: at}).Items[0].Rank, 9)
	r.do(own(script.Step{Delete: at}))
	same(r.t, "deleted", r.own(script.Step{Get: at}).Found, []bool{false})
	same(r.t, "the other collection", r.own(scan(script.Range{})).Number, 0)
}

func counterBounds(r *rig) {
	same(r.t, "at first", r.own(count("n")).Number, 0)
	got := r.do(
		own(add("n", 10, 0, 10)), own(catch(add("n", 1, 0, 10))), own(count("n")),
		own(add("n", -10, 0, 10)), own(catch(add("n", -1, 0, 10))), own(count("n")),
		own(add("n", -5, -5, 10)), own(count("n")), own(catch(add("n", 1, 0, 10))), own(add("n", 0, -5, -5)),
	)
	r.failed("above", got[1].Own.Error, sdk.CodeExhausted, abi.ReasonBound)
	r.failed("below", got[4].Own.Error, sdk.CodeExhausted, abi.ReasonBound)
	r.failed("a result out of bounds, though nearer", got[8].Own.Error, sdk.CodeExhausted, abi.ReasonBound)
	same(r.t, "values", []int64{got[2].Own.Number, got[5].Own.Number, got[7].Own.Number}, []int64{10, 0, -5})
	r.fails(sdk.CodeExhausted, abi.ReasonBound, own(add("other", 3, 0, 9)), own(add("n", 99, 0, 10)))
	same(r.t, "committed", r.own(count("n")).Number, -5)
	same(r.t, "undone", r.own(count("other")).Number, 0)
}

func counterEnds(r *rig) {
	got := r.do(
		own(add("n", math.MaxInt64, sdk.NoMin, sdk.NoMax)), own(catch(add("n", 1, sdk.NoMin, sdk.NoMax))), own(count("n")),
		own(add("m", math.MinInt64, sdk.NoMin, sdk.NoMax)), own(catch(add("m", -1, sdk.NoMin, sdk.NoMax))), own(count("m")),
	)
	r.failed("over the top", got[1].Own.Error, sdk.CodeExhausted, abi.ReasonBound)
	r.failed("under the bottom", got[4].Own.Error, sdk.CodeExhausted, abi.ReasonBound)
	same(r.t, "top", got[2].Own.Number, math.MaxInt64)
	same(r.t, "bottom", got[5].Own.Number, math.MinInt64)
	same(r.t, "committed", []int64{r.own(count("n")).Number, r.own(count("m")).Number}, []int64{math.MaxInt64, math.MinInt64})
}

func counters(r *rig) {
	r.do(own(add("a", 3, 0, 9)), own(add("b", -4, -9, 0)), own(put(item("item"))))
	same(r.t, "committed", r.own(counts("b", "never", "a", "item", "b")).Numbers, []int64{-4, 0, 3, 0, -4})
	same(r.t, "of nothing", len(r.own(counts()).Numbers), 0)
	got := r.do(own(add("a", 2, 0, 9)), own(catch(add("b", 9, -9, 0))), own(counts("a", "b")))
	same(r.t, "moved in this transaction, and refused", got[2].Own.Numbers, []int64{5, -4})
	same(r.t, "beta's", r.beta(counts("a")).Numbers, []int64{0})
	many, want := make([]string, 2*abi.MaxPage+1), make([]int64, 2*abi.MaxPage+1)
	for i := range many {
		many[i] = "none"
	}
	many[abi.MaxPage], want[abi.MaxPage] = "a", 5
	many[2*abi.MaxPage], want[2*abi.MaxPage] = "b", -4
	same(r.t, "more than one call holds", r.own(counts(many...)).Numbers, want)
}

func distinctKeys(r *rig) {
	keys := [][]script.Part{
		{text("1")}, {num(1)}, {text("1"), text("")}, {text("1\x00")}, {truth(true)}, {truth(false)}, {text("")}, {text("1"), num(1)}, {num(-1)},
	}
	var steps []alpha.Step
	for i, k := range keys {
		steps = append(steps, own(script.Step{Add: &script.Move{Key: k, Delta: int64(i + 1), Max: 100}}))
	}
	r.do(steps...)
	for i, k := range keys {
		same(r.t, "counter", r.own(script.Step{Count: &script.At{Key: k}}).Number, int64(i+1))
	}
}
