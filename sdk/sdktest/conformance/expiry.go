package conformance

import (
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// expiryCases: a record that has expired is absent, everywhere and at once.
func expiryCases() []testCase {
	return []testCase{
		{name: "an expired record is absent", run: expired},
		{name: "an expired record frees its key and its unique entry", run: expiredFrees},
		{name: "a record expires at its instant", run: expiresAt},
		{name: "expiry can be moved", run: expiryMoved},
	}
}

// Instants that no clock of a test is near.
const (
	past   = 1_000_000_000_000 // 2001
	future = 9_000_000_000_000 // 2255
)

func expired(r *rig) {
	dead := script.Item{ID: "dead", Group: "g", Tags: []string{"t"}, Code: "c", Until: past}
	alive := script.Item{ID: "alive", Group: "g", Tags: []string{"t"}, Until: future}
	look := []script.Step{get("dead"), find("c"), scan(script.Range{IDs: true}), scan(script.Range{Index: "tag", IDs: true}),
		scan(script.Range{Index: "group", IDs: true, Reverse: true}), {GetMany: &script.Many{IDs: []string{"dead", "alive"}}}}
	got := r.do(inBeta(put(dead, alive)), betaAsk(look...))[1].Nested // before the commit
	for range 2 {
		same(r.t, "get", got[0].Found, []bool{false})
		same(r.t, "find", got[1].Found, []bool{false})
		same(r.t, "scan", got[2].Texts, []string{"alive"})
		same(r.t, "scan of an index", got[3].Texts, []string{"alive"})
		same(r.t, "scan backwards", got[4].Texts, []string{"alive"})
		same(r.t, "get_many", got[5].Found, []bool{false, true})
		got = r.ask(betaAsk(look...))[0].Nested // and after it
	}
}

func expiredFrees(r *rig) {
	r.do(own(put(script.Item{ID: "a", Code: "c", Tags: []string{"old"}, Until: past})))
	r.do(own(insert(script.Item{ID: "b", Code: "c"})))                        // takes its unique entry
	r.do(own(insert(script.Item{ID: "a", Code: "d", Tags: []string{"new"}}))) // takes its key
	same(r.t, "c", r.own(find("c")).Items[0].ID, "b")
	same(r.t, "d", r.own(find("d")).Items[0].ID, "a")
	r.ids("a b", script.Range{})
	r.ids("a", script.Range{Index: "tag"})
	r.do(own(remove("a")))
	same(r.t, "c of b", r.own(find("c")).Found, []bool{true})
	r.ids("", script.Range{Index: "tag"})
}

func expiresAt(r *rig) {
	now := r.own(script.Step{Where: &script.Nothing{}}).Number
	r.do(own(put(script.Item{ID: "now", Until: now}, script.Item{ID: "later", Until: now + 3_600_000}, script.Item{ID: "never"})))
	r.ids("later never", script.Range{})
}

func expiryMoved(r *rig) {
	r.do(own(put(script.Item{ID: "a", Code: "c", Tags: []string{"t"}, Until: future})))
	r.do(own(put(script.Item{ID: "a", Code: "c", Tags: []string{"t"}, Until: past})))
	same(r.t, "find", r.own(find("c")).Found, []bool{false})
	r.ids("", script.Range{Index: "tag"})
	r.do(own(put(script.Item{ID: "a", Code: "c", Tags: []string{"t"}})))
	same(r.t, "find", r.own(find("c")).Found, []bool{true})
	r.ids("a", script.Range{Index: "tag"})
}
