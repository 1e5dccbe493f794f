package conformance

import (
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// nestedCases: a call of another app is part of the caller's transaction, and
// is undone alone.
func nestedCases() []testCase {
	return []testCase{
		{name: "nested call commits with its caller", run: nestedCommits},
		{name: "nested failure leaves nothing behind", run: nestedUndone},
		{name: "failure of the caller undoes nested calls", run: outerUndone},
		{name: "savepoint restores what was there", run: savepoint},
		{name: "nested fault is an error of the caller", run: nestedFault},
		{name: "fault at the edge leaves nothing behind", run: edgeFault},
		{name: "nested query sees uncommitted writes", run: uncommitted},
		{name: "one clock and one operation in nested calls", run: oneOperation},
		{name: "query slot reports a failing filler", run: querySlot},
		{name: "command slot commits with its caller", run: commandSlot},
		{name: "command slot is undone alone", run: commandSlotUndone},
		{name: "error reaches the caller whole", run: errorFrame},
	}
}

func nestedCommits(r *rig) {
	r.do(own(put(item("a"))), inBeta(put(item("b")), add("n", 3, 0, 9), emit(item("b"))), own(emit(item("a"))))
	same(r.t, "alpha's record", r.own(get("a")).Found, []bool{true})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{true})
	same(r.t, "beta's counter", r.beta(count("n")).Number, 3)
	same(r.t, "apart from each other", r.own(get("b")).Found, []bool{false})
	same(r.t, "events", eventNames(r), "beta.noted alpha.noted")
}

func eventNames(r *rig) string {
	var names []string
	for _, e := range r.h.Events() {
		names = append(names, e.Name)
	}
	return strings.Join(names, " ")
}

func nestedUndone(r *rig) {
	b := script.Item{ID: "b", Group: "g", Tags: []string{"t"}, Code: "c"}
	got := r.do(
		own(put(item("a1"))),
		own(add("n", 5, 0, 9)),
		own(emit(item("a1"))),
		caught(inBeta(put(b), add("n", 7, 0, 9), emit(b), schedule("w", 5e12), get("b"), fail(sdk.CodeExhausted, "balance"))),
		own(put(item("a2"))),
	)
	r.failed("beta.do", got[3].Error, sdk.CodeExhausted, "balance")
	r.ids("a1 a2", script.Range{})
	same(r.t, "alpha's counter", r.own(count("n")).Number, 5)
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{false})
	same(r.t, "beta's unique entry", r.beta(find("c")).Found, []bool{false})
	same(r.t, "beta's index", r.beta(scan(script.Range{Index: "tag"})).Number, 0)
	same(r.t, "beta's counter", r.beta(count("n")).Number, 0)
	same(r.t, "events", eventNames(r), "alpha.noted")
	same(r.t, "timers", len(r.h.Timers()), 0)
	r.do(inBeta(insert(b))) // its key and its unique entry are free
}

func outerUndone(r *rig) {
	r.fails(sdk.CodeFailedPrecondition, "late",
		own(put(item("a"))), own(schedule("w", 5e12)), inBeta(put(item("b")), add("n", 1, 0, 9), emit(item("b"))),
		own(fail(sdk.CodeFailedPrecondition, "late")))
	same(r.t, "alpha's record", r.own(get("a")).Found, []bool{false})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{false})
	same(r.t, "beta's counter", r.beta(count("n")).Number, 0)
	same(r.t, "events", eventNames(r), "")
	same(r.t, "timers", len(r.h.Timers()), 0)
}

func savepoint(r *rig) {
	r.do(inBeta(put(script.Item{ID: "kept", Code: "k"})))
	r.do(
		inBeta(put(script.Item{ID: "x", Code: "one", Rank: 1}), add("n", 1, 0, 9), emit(item("1"))),
		caught(inBeta(put(script.Item{ID: "x", Code: "two", Rank: 2}), remove("kept"), add("n", 3, 0, 9), emit(item("2")), fail(sdk.CodeInvalid, "no"))),
		caught(inBeta(remove("x"), put(script.Item{ID: "y", Code: "one"}), fail(sdk.CodeInvalid, "no"))),
		inBeta(put(item("z")), add("n", 5, 0, 9), emit(item("3"))),
	)
	same(r.t, "x", r.beta(get("x")).Items[0].Rank, 1)
	same(r.t, "x by its code", r.beta(find("one")).Items[0].ID, "x")
	same(r.t, "code of the undone", r.beta(find("two")).Found, []bool{false})
	same(r.t, "deleted and restored", r.beta(find("k")).Found, []bool{true})
	same(r.t, "all", strings.Join(r.beta(scan(script.Range{IDs: true})).Texts, " "), "kept x z")
	same(r.t, "counter", r.beta(count("n")).Number, 6)
	same(r.t, "events", len(r.h.Events()), 2)
}

func nestedFault(r *rig) {
	got := r.do(own(put(item("a"))), caught(inBeta(put(item("b")), script.Step{Panic: &script.Nothing{}})), own(put(item("c"))))
	r.failed("a panic", got[1].Error, sdk.CodeInternal, abi.ReasonAppFault)
	r.ids("a c", script.Range{})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{false})
	r.do(inBeta(put(item("b")))) // it is not broken for good
}

func edgeFault(r *rig) {
	r.fails(sdk.CodeInternal, abi.ReasonAppFault, own(put(item("a"))), inBeta(put(item("b"))), own(script.Step{Panic: &script.Nothing{}}))
	same(r.t, "alpha's record", r.own(get("a")).Found, []bool{false})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{false})
}

func uncommitted(r *rig) {
	r.do(inBeta(put(script.Item{ID: "old", Tags: []string{"t"}})))
	got := r.do(
		own(add("n", 2, 0, 9)), own(count("n")),
		inBeta(put(script.Item{ID: "new", Tags: []string{"t"}, Code: "c"}), remove("old"), add("n", 4, 0, 9)),
		betaAsk(get("new"), find("c"), get("old"), scan(script.Range{Index: "tag", IDs: true}), count("n")),
	)
	same(r.t, "own counter", got[1].Own.Number, 2)
	n := got[3].Nested
	same(r.t, "new", n[0].Found, []bool{true})
	same(r.t, "new by its code", n[1].Found, []bool{true})
	same(r.t, "old", n[2].Found, []bool{false})
	same(r.t, "index", n[3].Texts, []string{"new"})
	same(r.t, "nested counter", n[4].Number, 4)
}

func oneOperation(r *rig) {
	where := script.Step{Where: &script.Nothing{}}
	got := r.do(own(where), inBeta(where), betaAsk(where))
	mine, inner, asked := got[0].Own, got[1].Nested[0], got[2].Nested[0]
	same(r.t, "clock of a nested command", inner.Number, mine.Number)
	same(r.t, "clock of a nested query", asked.Number, mine.Number)
	same(r.t, "operation, request and principal", inner.Texts[:3], mine.Texts[:3])
	same(r.t, "caller at the edge", mine.Texts[3], "")
	same(r.t, "caller of beta", inner.Texts[3]+" "+asked.Texts[3], "alpha alpha")
	same(r.t, "length of the operation's id", len(mine.Texts[0]), 26)
	if mine.Number <= 0 || mine.Texts[2] == "" {
		r.t.Errorf("time %d, principal %q", mine.Number, mine.Texts[2])
	}
	if next := r.own(where); next.Texts[0] == mine.Texts[0] {
		r.t.Error("two operations have one id")
	}
}

func querySlot(r *rig) {
	r.do(inBeta(put(item("b"))))
	opinions := func(s ...script.Step) []alpha.Opinion {
		return r.do(own(put(item("a"))), alpha.Step{Opinions: &script.Script{Steps: s}})[1].Opinions
	}
	got := opinions(get("b"))
	same(r.t, "fillers", got[0].Filler+" "+got[1].Filler, "alpha beta")
	r.failed("alpha, which is on the stack", got[0].Error, sdk.CodeDenied, abi.ReasonReentrant)
	same(r.t, "beta's answer", got[1].Results[0].Found, []bool{true})
	got = opinions(fail(sdk.CodeUnavailable, "tired"))
	r.failed("beta", got[1].Error, sdk.CodeUnavailable, "tired")
	got = opinions(script.Step{Panic: &script.Nothing{}})
	r.failed("beta", got[1].Error, sdk.CodeInternal, abi.ReasonAppFault)
	same(r.t, "the asker goes on", r.own(get("a")).Found, []bool{true})
	inQuery := r.ask(alpha.Step{Opinions: &script.Script{Steps: []script.Step{get("b")}}})[0].Opinions
	same(r.t, "fillers in a query", len(inQuery), 2)
}

func pay(filler string, s ...script.Step) alpha.Step {
	return alpha.Step{Pay: &alpha.Payment{Key: filler, Script: script.Script{Steps: s}}}
}

func commandSlot(r *rig) {
	got := r.do(alpha.Step{Keys: &script.Nothing{}}, pay("beta", put(item("b")), emit(item("b")), get("b")))
	same(r.t, "keys", got[0].Own.Texts, []string{"beta"})
	same(r.t, "answer", got[1].Nested[2].Found, []bool{true})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{true})
	same(r.t, "events", eventNames(r), "beta.noted")
	r.fails(sdk.CodeNotFound, abi.ReasonFiller, pay("nobody"))
	same(r.t, "keys in a query", r.ask(alpha.Step{Keys: &script.Nothing{}})[0].Own.Texts, []string{"beta"})
}

func commandSlotUndone(r *rig) {
	got := r.do(own(put(item("a"))), caught(pay("beta", put(item("b")), emit(item("b")), fail(sdk.CodeExhausted, "poor"))))
	r.failed("the filler", got[1].Error, sdk.CodeExhausted, "poor")
	same(r.t, "alpha's record", r.own(get("a")).Found, []bool{true})
	same(r.t, "beta's record", r.beta(get("b")).Found, []bool{false})
	r.fails(sdk.CodeExhausted, "poor", own(put(item("c"))), pay("beta", put(item("b")), fail(sdk.CodeExhausted, "poor")))
	same(r.t, "uncaught", r.own(get("c")).Found, []bool{false})
	same(r.t, "events", eventNames(r), "")
}

func errorFrame(r *rig) {
	for _, code := range []sdk.Code{
		sdk.CodeInvalid, sdk.CodeNotFound, sdk.CodeConflict, sdk.CodeDenied, sdk.CodeFailedPrecondition,
		sdk.CodeExhausted, sdk.CodeUnavailable, sdk.CodeDeadline, sdk.CodeTooLarge, sdk.CodeInternal,
	} {
		want := script.Failure{
			Code: code.String(), Reason: "balance", Message: "La carta ha 12,40 €.", Pointer: "/tenders/0/amount",
			Fields: []script.Field{{Name: "balance", Int: -1240, IsInt: true}, {Name: "card", Text: "è vuota"}, {Name: "zero", IsInt: true}},
		}
		step := script.Step{Fail: &want}
		got := r.do(caught(inBeta(step)))[0].Error
		if !strings.HasPrefix(got.App, "beta") {
			r.t.Errorf("error of app %q, want beta", got.App)
		}
		got.App = ""
		same(r.t, "nested error", *got, want)
		edge := script.Describe(r.fails(code, "balance", inBeta(step)))
		if !strings.HasPrefix(edge.App, "beta") {
			r.t.Errorf("at the edge: error of app %q, want beta", edge.App)
		}
		edge.App = ""
		same(r.t, "error at the edge", *edge, want)
	}
}
