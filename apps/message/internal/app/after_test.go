package app

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/message"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func TestReport(t *testing.T) {
	t.Parallel()
	e := setup(t)
	send := func(key, route string) string {
		t.Helper()
		return kept(t, e, message.SendIn{Key: key, Customer: "C-1", Purpose: "service", Route: route, Template: "t"}).ID
	}
	good, bad, done := send("1", "sms"), send("2", "sms"), send("3", "email")
	m := reported(t, e, message.ReportIn{ID: good, State: message.SentState})
	if m.State != message.SentState || !strings.HasPrefix(m.Reference, "ref-") || m.Changed != e.Now() || m.At == m.Changed {
		t.Errorf("reported is %+v", m)
	}
	reported(t, e, message.ReportIn{ID: good, State: message.SentState})
	m = reported(t, e, message.ReportIn{ID: bad, State: message.FailedState, Reason: "no_such_number", Reference: "r2"})
	if outcome(m) != "failed sms +390286463555 no_such_number" || m.Reference != "r2" {
		t.Errorf("reported is %+v", m)
	}
	if sent, failed := sdktest.Emitted(e, message.Sent), sdktest.Emitted(e, message.Failed); len(sent) != 2 || len(failed) != 1 || failed[0].Reason != "no_such_number" {
		t.Errorf("told %+v and %+v", sent, failed)
	}
	for want, in := range map[string]message.ReportIn{
		"failed_precondition state /state": {ID: done, State: message.FailedState},
		"invalid state /state":             {ID: good, State: message.Queued},
		"invalid reason /reason":           {ID: good, State: message.FailedState, Reason: "no such"},
		"invalid reference /reference":     {ID: good, State: message.FailedState, Reference: strings.Repeat("r", 201)},
		"not_found message /id":            {ID: "none", State: message.SentState},
	} {
		_, err := sdktest.Run(e, message.Report, in)
		sdktest.Refused(t, err, want)
	}
}

func TestList(t *testing.T) {
	t.Parallel()
	e := setup(t)
	for i := range 9 {
		kept(t, e, message.SendIn{
			Key: fmt.Sprint(i), Customer: retail.CustomerID(fmt.Sprintf("C-%d", 1+i%3)), Purpose: "service", Texts: texts(),
		})
	}
	for want, in := range map[string]message.ListIn{
		"8 7 6 5 4 3 2 1 0": {},
		"6 3 0":             {Customer: "C-1"},
		"8 5 2":             {State: message.Refused},
		"7 4 1":             {Customer: "C-2", State: message.Queued},
		"":                  {Customer: "C-2", State: message.SentState},
	} {
		for in.Limit = range int64(4) {
			var got []string
			for in.Cursor = ""; ; {
				out := sdktest.Ask(t, e, message.List, in)
				for _, m := range out.Messages {
					if got = append(got, m.Key); len(m.Texts) > 0 {
						t.Errorf("%s is listed with its texts", m.Key)
					}
				}
				if in.Cursor = out.Cursor; in.Cursor == "" {
					break
				}
			}
			if strings.Join(got, " ") != want {
				t.Errorf("%+v lists %v", in, got)
			}
		}
	}
	if err := e.Advance(731 * 24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if got := sdktest.Ask(t, e, message.List, message.ListIn{}).Messages; len(got) != 0 {
		t.Errorf("after two years there are %d", len(got))
	}
}

// After an erasure nothing of the person is left in the messages, however many
// there are; nobody else's are touched, and his keys still send nothing.
func TestErasedIsForgotten(t *testing.T) {
	t.Parallel()
	for _, count := range []int{1, 2*mostForgotten + 1} {
		e := setup(t)
		for i := range count {
			in := message.SendIn{
				Key: fmt.Sprint(i), Customer: "C-1", Purpose: "service", Route: "sms", Address: "zanzibar",
				Texts: []message.Text{{Language: "it", Subject: "zanzibar", Body: "zanzibar"}},
			}
			if i%2 == 1 {
				in.Texts, in.Template, in.Parameters = nil, "t", []message.Parameter{{Name: "name", Value: "zanzibar"}}
			}
			kept(t, e, in)
		}
		other := kept(t, e, message.SendIn{Key: "other", Customer: "C-2", Purpose: "service", Texts: texts()})
		if got := dump(t, e); strings.Count(got, "zanzibar") < count {
			t.Fatalf("only %d canaries are there", strings.Count(got, "zanzibar"))
		}
		run(t, e, customers.Erase, customers.CustomerRef{ID: "C-1"})
		if err := e.Settle(); err != nil {
			t.Fatal(err)
		}
		if got := dump(t, e); strings.Contains(got, "zanzibar") || strings.Contains(got, "anna@") {
			t.Errorf("there is still %d of the person", strings.Count(got, "zanzibar"))
		}
		for _, event := range e.Events() {
			if text := string(event.Payload) + event.Key; event.App == "message" && (strings.Contains(text, "zanzibar") || strings.Contains(text, "anna")) {
				t.Errorf("%s holds the person", event.Name)
			}
		}
		if got := sdktest.Ask(t, e, message.GetMessage, message.Ref{ID: other.ID}); !slices.Equal(got.Texts, texts()) || got.Forgotten {
			t.Errorf("another's is %+v", got)
		}
		again := kept(t, e, message.SendIn{Key: "0", Customer: "C-1", Purpose: "service", Address: "zanzibar", Route: "sms", Template: "t"})
		late := kept(t, e, message.SendIn{Key: "late", Customer: "C-1", Purpose: "service", Address: "zanzibar", Route: "sms", Texts: texts()})
		if !again.Forgotten || again.State != message.Queued || late.Reason != "erased" || !late.Forgotten {
			t.Errorf("afterwards %+v and %+v", again, late)
		}
		done := reported(t, e, message.ReportIn{ID: again.ID, State: message.SentState, Reference: "zanzibar"})
		if got := dump(t, e); strings.Contains(got, "zanzibar") || done.State != message.SentState {
			t.Error("a late message brings the person back")
		}
	}
}

// dump is every message, in the order of the key and of each index, in JSON.
func dump(t testing.TB, e *sdktest.Env) string {
	t.Helper()
	var b strings.Builder
	err := e.View(func(v *sdk.View) error {
		for _, index := range append([]sdk.Index{{}}, messages.Indexes...) {
			for m := range messages.Scan(v, sdk.Scan{Index: index.Name}) {
				text, err := json.Marshal(m)
				if err != nil {
					return err
				}
				b.Write(text)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if declared := len(New().Descriptor().Collections); declared != 1 {
		t.Fatalf("1 of %d collections is looked at", declared)
	}
	return b.String()
}
