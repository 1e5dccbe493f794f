package conformance

import (
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// limitCases: what is too much, and that it is refused at the number said.
func limitCases() []testCase {
	return []testCase{
		{name: "quota of events", run: eventQuota},
		{name: "quota of writes", run: writeQuota},
		{name: "quotas count the whole operation", run: sharedQuota},
		{name: "too many host calls cannot be caught", run: hostCallQuota},
		{name: "bytes that wait for the commit", run: writtenBytes},
		{name: "bytes of keys read", run: readBytes},
		{name: "records that are too large", run: largeRecord},
		{name: "keys that are too long", run: longKey},
		{name: "events that are too large", run: largeEvent},
		{name: "input and output that are too large", run: largeInput},
	}
}

func eventQuota(r *rig) {
	most := script.Step{Bulk: &script.Bulk{Emits: abi.MaxEvents}}
	got := r.do(own(most), own(catch(emit(item("more")))))
	r.failed("one more", got[1].Own.Error, sdk.CodeExhausted, abi.ReasonQuota)
	same(r.t, "events", len(r.h.Events()), abi.MaxEvents)
}

func writeQuota(r *rig) {
	most := script.Step{Bulk: &script.Bulk{Puts: abi.MaxWrites, ID: "x"}}
	got := r.do(own(most), own(catch(put(item("more")))), own(catch(remove("x000001"))), own(catch(add("n", 1, 0, 9))))
	for _, g := range got[1:] {
		r.failed("one more", g.Own.Error, sdk.CodeExhausted, abi.ReasonQuota)
	}
	same(r.t, "records", r.own(scan(script.Range{IDs: true})).Number, abi.MaxWrites)
	r.do(own(put(item("more")))) // the next operation has its own
}

func sharedQuota(r *rig) {
	half := script.Step{Bulk: &script.Bulk{Emits: abi.MaxEvents/2 + 1}}
	got := r.do(own(half), caught(inBeta(half)))
	r.failed("beta", got[1].Error, sdk.CodeExhausted, abi.ReasonQuota)
	same(r.t, "events", len(r.h.Events()), abi.MaxEvents/2+1)
}

func hostCallQuota(r *rig) {
	counts := func(n int64) script.Step { return script.Step{Bulk: &script.Bulk{Counts: n, ID: "n"}} }
	got := r.do(own(counts(abi.MaxHostCalls - 100)))
	same(r.t, "calls", got[0].Own.Number, abi.MaxHostCalls-100)
	r.fails(sdk.CodeExhausted, abi.ReasonQuota, own(put(item("a"))), caught(inBeta(counts(abi.MaxHostCalls+1))), own(put(item("b"))))
	r.ids("", script.Range{})
}

func writtenBytes(r *rig) {
	fill := func(id string, n int64) script.Step {
		return script.Step{Bulk: &script.Bulk{Puts: n, Size: 250_000, ID: id}}
	}
	got := r.do(own(catch(fill("a", 70))), own(catch(emit(item("more")))))
	r.failed("17.5 MB in one operation", got[0].Own.Error, sdk.CodeExhausted, abi.ReasonQuota)
	same(r.t, "limit", got[0].Own.Error.Fields[0].Text, "write_bytes")
	r.failed("an event beside them", got[1].Own.Error, sdk.CodeExhausted, abi.ReasonQuota)
	r.do(caught(inBeta(fill("b", 40), fail(sdk.CodeInvalid, "no"))), inBeta(fill("c", 40)))
	same(r.t, "what was undone does not count", len(r.beta(scan(script.Range{IDs: true})).Texts), 40)
}

func readBytes(r *rig) {
	reads := func(n int64) script.Step { return script.Step{Bulk: &script.Bulk{Reads: n}} }
	same(r.t, "reads", r.do(own(reads(18)))[0].Own.Number, 18)
	r.fails(sdk.CodeInternal, abi.ReasonAppFault, own(reads(21)))
	got := r.do(own(reads(11)), caught(inBeta(reads(11))))
	r.failed("what beta reads counts too", got[1].Error, sdk.CodeInternal, abi.ReasonAppFault)
}

func largeRecord(r *rig) {
	fits := script.Item{ID: "fits", Body: make([]byte, abi.MaxRecord-200)}
	got := r.do(own(put(fits)), own(catch(put(script.Item{ID: "large", Body: make([]byte, abi.MaxRecord)}))))
	r.failed("a record of more than 256 KiB", got[1].Own.Error, sdk.CodeTooLarge, abi.ReasonRecord)
	r.ids("fits", script.Range{})
	same(r.t, "read", len(r.own(get("fits")).Items[0].Body), abi.MaxRecord-200)
}

func longKey(r *rig) {
	most := strings.Repeat("k", abi.MaxKey-2) // a tag before, a terminator behind
	got := r.do(
		own(put(item(most))), own(get(most)), own(catch(put(item(most+"k")))),
		own(put(script.Item{ID: "g", Group: most[:700]})), own(catch(put(script.Item{ID: "h", Group: most}))), own(catch(put(script.Item{ID: most, Code: "c"}))),
		own(catch(add(most+"k", 1, 0, 9))), own(add(most, 1, 0, 9)), own(count(most)),
	)
	same(r.t, "the longest key", got[1].Own.Found, []bool{true})
	r.failed("a longer key", got[2].Own.Error, sdk.CodeTooLarge, abi.ReasonKey)
	r.failed("a longer index entry", got[4].Own.Error, sdk.CodeTooLarge, abi.ReasonKey)
	r.failed("a longer unique entry", got[5].Own.Error, sdk.CodeTooLarge, abi.ReasonKey)
	r.failed("a longer counter key", got[6].Own.Error, sdk.CodeTooLarge, abi.ReasonKey)
	same(r.t, "the longest counter key", got[8].Own.Number, 1)
	r.ids("g", script.Range{Index: "group"})
}

func largeEvent(r *rig) {
	got := r.do(
		own(emit(script.Item{ID: "fits", Body: make([]byte, abi.MaxEvent-200)})),
		own(catch(emit(script.Item{ID: "large", Body: make([]byte, abi.MaxEvent)}))),
		own(catch(emit(item(strings.Repeat("k", abi.MaxTimerID+1))))),
	)
	r.failed("an event of more than 256 KiB", got[1].Own.Error, sdk.CodeTooLarge, abi.ReasonEvent)
	r.failed("a long key of an event", got[2].Own.Error, sdk.CodeTooLarge, abi.ReasonEvent)
	same(r.t, "events", len(r.h.Events()), 1)
}

func largeInput(r *rig) {
	_, err := r.h.Call(alpha.Do.Name, encode(r, own(put(script.Item{ID: "a", Body: make([]byte, abi.MaxInput)}))))
	r.failed("an input of more than 1 MiB", script.Describe(err), sdk.CodeTooLarge, abi.ReasonInput)
	body := make([]byte, abi.MaxRecord-200)
	items := []script.Item{{ID: "a", Body: body}, {ID: "b", Body: body}, {ID: "c", Body: body}}
	r.do(own(put(items...)))
	got := r.do(inBeta(put(items...)), betaAsk(get("a"), get("b"), get("c")))
	same(r.t, "an output of 768 KiB", len(got[1].Nested[2].Items[0].Body), len(body))
	many := betaAsk(get("a"), get("b"), get("c"), get("a"), get("b"))
	got = r.do(own(put(item("d"))), caught(many))
	r.failed("a nested output of more than 1 MiB", got[1].Error, sdk.CodeTooLarge, abi.ReasonOutput)
	same(r.t, "the caller goes on", r.own(get("d")).Found, []bool{true})
}
