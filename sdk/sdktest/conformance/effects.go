package conformance

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/internal/codec"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/script"
)

// effectCases: events, timers, ids, randomness and settings.
func effectCases() []testCase {
	return []testCase{
		{name: "events are in order and whole", run: events},
		{name: "a timer replaces one of its id", run: timers},
		{name: "ids and random bytes", run: drawn},
		{name: "signatures are an app's own", run: signed},
		{name: "signatures of a fault and of too much", run: signedTooMuch},
		{name: "settings by default", run: settingsDefault},
		{name: "settings that the retailer gave", setup: someSettings, run: settingsGiven},
	}
}

func encode(r *rig, steps ...alpha.Step) []byte {
	r.t.Helper()
	b, err := codec.Append(nil, &alpha.Script{Steps: steps})
	if err != nil {
		r.t.Fatalf("encode a script: %v", err)
	}
	return b
}

func events(r *rig) {
	full := script.Item{ID: "k2", Rank: -1, Tags: []string{"t"}, Body: []byte{1}}
	r.do(own(emit(item("k1"))), inBeta(emit(full)), own(emit(item("k3"))))
	r.do(own(emit(item("k4"))))
	same(r.t, "names", eventNames(r), "alpha.noted beta.noted alpha.noted alpha.noted")
	var keys []string
	for _, e := range r.h.Events() {
		keys = append(keys, e.Key)
	}
	same(r.t, "keys", strings.Join(keys, " "), "k1 k2 k3 k4")
	var got script.Item
	if err := codec.Parse(r.h.Events()[1].Payload, &got); err != nil {
		r.t.Fatalf("decode an event: %v", err)
	}
	same(r.t, "payload", got, full)
}

func timers(r *rig) {
	r.do(own(schedule("x", future)), own(schedule("y", future)))
	r.do(own(schedule("x", future+1)), inBeta(schedule("x", future+2)))
	r.do(caught(inBeta(schedule("x", future+3), fail(sdk.CodeInvalid, "no"))))
	got := r.h.Timers()
	slices.SortFunc(got, func(a, b Timer) int { return strings.Compare(a.App+a.ID, b.App+b.ID) })
	if len(got) != 3 {
		r.t.Fatalf("timers %+v", got)
	}
	for i, want := range []Timer{{"alpha", "wake", "x", future + 1, nil}, {"alpha", "wake", "y", future, nil}, {"beta", "wake", "x", future + 2, nil}} {
		var payload script.Item
		if err := codec.Parse(got[i].Payload, &payload); err != nil || payload.ID != want.ID {
			r.t.Errorf("payload of %s: %+v, %v", want.ID, payload, err)
		}
		got[i].Payload = nil
		same(r.t, "timer", got[i], want)
	}
}

func drawn(r *rig) {
	draw := script.Step{Draw: &script.Draw{IDs: 200, Random: 4096}}
	first, second := r.do(own(draw), inBeta(draw)), r.do(own(draw))
	seen := map[string]bool{}
	for _, texts := range [][]string{first[0].Own.Texts, first[1].Nested[0].Texts, second[0].Own.Texts} {
		ids, random := texts[:200], texts[200]
		if !slices.IsSorted(ids) || len(ids[0]) != 26 || strings.Trim(ids[0], "0123456789ABCDEFGHJKMNPQRSTVWXYZ") != "" {
			r.t.Errorf("ids are not ULIDs in order: %q …", ids[:3])
		}
		same(r.t, "hexadecimal digits", len(random), 8192)
		for _, s := range texts {
			if seen[s] {
				r.t.Fatalf("%.30s came twice", s)
			}
			seen[s] = true
		}
	}
}

func settings(r *rig) (mine, betas script.Result) {
	step := script.Step{Settings: &script.Nothing{}}
	got := r.ask(own(step), betaAsk(step))
	return got[0].Own, got[1].Nested[0]
}

func settingsDefault(r *rig) {
	mine, betas := settings(r)
	same(r.t, "alpha's", mine, script.Result{Number: 7, Texts: []string{"hello"}})
	same(r.t, "beta's", betas, mine)
}

// someSettings gives alpha one field of two: {"limit": 42}.
func someSettings() Setup {
	return Setup{Settings: map[string][]byte{"alpha": {0x81, 0xa5, 'l', 'i', 'm', 'i', 't', 42}}}
}

func settingsGiven(r *rig) {
	mine, betas := settings(r)
	same(r.t, "alpha's, the rest by default", mine, script.Result{Number: 42, Texts: []string{"hello"}})
	same(r.t, "beta's", betas, script.Result{Number: 7, Texts: []string{"hello"}})
	inCommand := r.do(own(script.Step{Settings: &script.Nothing{}}))[0].Own
	same(r.t, "in a command", inCommand, mine)
}
