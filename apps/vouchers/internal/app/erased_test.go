package app

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/customerstest"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// everything is all cards, their indexes and ledgers as they are kept.
func everything(t *testing.T, env *sdktest.Env) string {
	t.Helper()
	var out strings.Builder
	err := env.View(func(v *sdk.View) error {
		for _, index := range append([]sdk.Index{{}}, cards.Indexes...) {
			for r := range cards.Scan(v, sdk.Scan{Index: index.Name}) {
				text, err := json.Marshal(r)
				if err != nil {
					return err
				}
				fmt.Fprintln(&out, index.Name, string(text))
			}
		}
		for e := range entries.Scan(v, sdk.Scan{}) {
			fmt.Fprintf(&out, "%+v\n", e)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// A customer who is erased is on no card any more, however many he had. What is owed is
// owed still, to whoever has the code; what others have stays theirs.
func TestErasedIsOnNoCard(t *testing.T) {
	t.Parallel()
	for _, many := range []int64{1, mostForgotten, 2*mostForgotten + 1} {
		env := desk(t, sdktest.With(customerstest.New()))
		for _, id := range []retail.CustomerID{"C-1", "C-88"} {
			must(sdktest.Run(env, customers.Create, customers.CreateIn{ID: id}))(t)
		}
		own := func(kind string, who retail.CustomerID) vouchers.Drawn {
			t.Helper()
			in := vouchers.IssueIn{Kind: kind, Amount: 5000, Document: "R1", Customer: who}
			return must(sdktest.Run(env, vouchers.Issue, in))(t).Cards[0]
		}
		gift, credit, lost, others := own("gift", "C-88"), own("credit", "C-88"), own("gift", "C-88"), own("credit", "C-1")
		must(sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: lost.Card, Reason: "Zanzibar has lost it"}))(t)
		for left := many; left > 0; left -= vouchers.MaxIssue {
			in := vouchers.IssueIn{Kind: "gift", Count: min(left, vouchers.MaxIssue), Customer: "C-88"}
			must(sdktest.Run(env, vouchers.Issue, in))(t)
		}
		if text := everything(t, env); !strings.Contains(text, "Zanzibar") || !strings.Contains(text, "C-88") {
			t.Fatal("the canary is not there before")
		}
		owed := must(sdktest.Call(env, vouchers.Report, vouchers.ReportIn{}))(t)

		must(sdktest.Run(env, customers.Erase, customers.CustomerRef{ID: "C-88"}))(t)
		if err := env.Deliver(); err != nil {
			t.Fatal(err)
		}
		for range many/mostForgotten + 1 {
			if err := env.Advance(1); err != nil { // the rest goes on at once
				t.Fatal(err)
			}
		}
		if text := everything(t, env); strings.Contains(text, "Zanzibar") || strings.Contains(text, "C-88") {
			t.Errorf("of %d there is still\n%s", many, text)
		}
		for _, event := range env.Events() {
			if strings.Contains(string(event.Payload), "Zanzibar") {
				t.Errorf("%s says who he was", event.Name)
			}
		}
		after := must(sdktest.Call(env, vouchers.Report, vouchers.ReportIn{}))(t)
		if fmt.Sprint(after.Rows) != fmt.Sprint(owed.Rows) {
			t.Errorf("owed before\n%+v\nand after\n%+v", owed.Rows, after.Rows)
		}
		for i, code := range []string{gift.Code, credit.Code} {
			in := vouchers.RedeemIn{Code: code, Amount: 5000, Currency: "EUR", Document: fmt.Sprint("R", i+2)}
			must(sdktest.Run(env, vouchers.Redeem, in))(t)
		}
		_, err := sdktest.Run(env, vouchers.Redeem, vouchers.RedeemIn{Code: others.Code, Amount: 1, Currency: "EUR", Document: "R9"})
		refuses(t, err, sdk.CodeFailedPrecondition, "customer")
		if c := must(sdktest.Call(env, vouchers.GetCard, vouchers.CardID{Card: lost.Card}))(t); c.State != vouchers.StateBlocked {
			t.Errorf("a lost card is %s", c.State)
		}
		for cursor := ""; ; {
			out := must(sdktest.Call(env, vouchers.Verify, vouchers.VerifyIn{Cursor: cursor}))(t)
			if len(out.Faults) > 0 {
				t.Fatalf("faults: %+v", out.Faults)
			}
			if cursor = out.Cursor; cursor == "" {
				break
			}
		}
	}
}
