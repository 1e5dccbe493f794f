package app

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// golden is a case of kind tender, as ../shared/cases/SCHEMA.md describes it.
type golden struct {
	ID, Kind, Title, Currency string
	Input                     struct {
		Total       *retail.Money
		ItemsTotal  retail.Money `json:"items_total"`
		AlreadyPaid retail.Money `json:"already_paid"`
		Tenders     []struct {
			ID, Type, Currency string
			Balance            retail.Money
			Priority           *int64
		}
	}
	Expected struct {
		Total     *retail.Money
		Remaining *retail.Money
		Used      []struct {
			ID      string
			Amount  retail.Money
			Balance retail.Money `json:"balance_after"`
		}
		Error string
	}
}

// Golden cases of kind tender: those of the shared folder, where there is one, and ours in
// its form. What a promotion takes off comes before (pricing.try), so that the total of a
// case with promotions is the expected one.
func TestGoldenTenders(t *testing.T) {
	t.Parallel()
	env := desk(t)
	seen := 0
	for _, name := range []string{"testdata/tender-cases.json", "../../../../../shared/cases/examples.json"} {
		text, err := os.ReadFile(name)
		if err != nil {
			continue // the shared folder is not part of the repository
		}
		var file struct{ Cases []golden }
		if err := json.Unmarshal(text, &file); err != nil {
			// cases of other kinds have other shapes: read those of ours alone
			var raw struct{ Cases []json.RawMessage }
			if err := json.Unmarshal(text, &raw); err != nil {
				t.Fatal(err)
			}
			for _, one := range raw.Cases {
				var c golden
				if json.Unmarshal(one, &c) == nil {
					file.Cases = append(file.Cases, c)
				}
			}
		}
		for i := range file.Cases {
			if c := &file.Cases[i]; c.Kind == "tender" {
				seen++
				t.Run(c.ID, func(t *testing.T) { c.check(t, env) })
			}
		}
	}
	if seen < 5 {
		t.Errorf("only %d cases", seen)
	}
}

func (c *golden) check(t *testing.T, env *sdktest.Env) {
	in := vouchers.TryIn{Currency: retail.Currency(c.Currency), Total: c.Input.ItemsTotal, Paid: c.Input.AlreadyPaid, Exact: c.Expected.Error == "insufficient"}
	if c.Input.Total != nil {
		in.Total = *c.Input.Total
	}
	if c.Expected.Total != nil {
		in.Total = *c.Expected.Total
	}
	for _, tender := range c.Input.Tenders {
		in.Tenders = append(in.Tenders, vouchers.TryTender{
			ID: tender.ID, Type: tender.Type, Balance: tender.Balance, Priority: tender.Priority, Currency: retail.Currency(tender.Currency),
		})
	}
	out := must(sdktest.Call(env, vouchers.Try, in))(t)
	if c.Expected.Remaining != nil && out.Remaining != *c.Expected.Remaining || out.Error != c.Expected.Error || len(out.Used) != len(c.Expected.Used) {
		t.Fatalf("%s: %+v, want %+v", c.Title, out, c.Expected)
	}
	for i, want := range c.Expected.Used {
		if got := out.Used[i]; got.ID != want.ID || got.Amount != want.Amount || got.Left != want.Balance {
			t.Errorf("%s: %+v, want %+v", c.Title, got, want)
		}
	}
}

// What Try refuses.
func TestTryRefuses(t *testing.T) {
	t.Parallel()
	env := desk(t)
	for _, in := range []vouchers.TryIn{
		{Currency: "EUR", Total: -1}, {Currency: "EUR", Paid: -1}, {Currency: "EUR", Tenders: []vouchers.TryTender{{Balance: -1}}},
	} {
		_, err := sdktest.Call(env, vouchers.Try, in)
		refuses(t, err, sdk.CodeInvalid, "amount")
	}
	_, err := sdktest.Call(env, vouchers.Try, vouchers.TryIn{Currency: "EUR", Order: "loudest"})
	refuses(t, err, sdk.CodeInvalid, "order")
	_, err = sdktest.Call(env, vouchers.Try, vouchers.TryIn{Currency: "EUR", Tenders: make([]vouchers.TryTender, vouchers.MaxTry+1)})
	refuses(t, err, sdk.CodeInvalid, "tenders")
}

// A card pays until the instant in which it expires.
func TestTryExpired(t *testing.T) {
	t.Parallel()
	env := desk(t)
	in := vouchers.TryIn{Currency: "EUR", Total: 100, At: 999, Tenders: []vouchers.TryTender{{ID: "gc", Balance: 100, Expires: 1000}}}
	if out := must(sdktest.Call(env, vouchers.Try, in))(t); out.Remaining != 0 {
		t.Errorf("it has not expired: %+v", out)
	}
	in.At = 1000
	if out := must(sdktest.Call(env, vouchers.Try, in))(t); len(out.Refused) != 1 || out.Refused[0].Reason != "expired" {
		t.Errorf("it has expired: %+v", out)
	}
}
