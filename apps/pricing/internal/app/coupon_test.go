package app

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// couponShop has batches of every kind and a promotion of 10 % for all of them.
func couponShop(t *testing.T, parts ...sdktest.Part) *sdktest.Env {
	t.Helper()
	env := shop(t, parts...)
	now := env.Now()
	for _, b := range []pricing.Batch{
		{ID: "single"}, {ID: "thrice", Uses: 3}, {ID: "mine", Kind: pricing.Personal},
		{ID: "over", Period: retail.Period{To: now - 1}}, {ID: "soon", Period: retail.Period{From: now + 1}}, {ID: "idle"},
	} {
		b.Name = b.ID
		must(sdktest.Run(env, pricing.PutBatch, b))(t)
	}
	p := limited("ten", pricing.Limits{})
	p.Batches = []string{"single", "thrice", "mine", "over", "soon", "plug"}
	goLive(t, env, p)
	p = limited("shared", pricing.Limits{Uses: 1})
	p.Codes = []string{"Natale"}
	goLive(t, env, p)
	return env
}

func drawOne(t *testing.T, env *sdktest.Env, batch string, customers ...retail.CustomerID) string {
	t.Helper()
	in := pricing.DrawIn{Batch: batch, Customers: customers}
	if len(customers) == 0 {
		in.Count = 1
	}
	return must(sdktest.Run(env, pricing.Draw, in))(t).Codes[0]
}

func TestRefusedBatches(t *testing.T) {
	t.Parallel()
	env := couponShop(t)
	for _, tt := range []struct {
		batch           pricing.Batch
		reason, pointer string
	}{
		{pricing.Batch{Name: "B"}, "id", "/id"},
		{pricing.Batch{ID: "b"}, "name", "/name"},
		{pricing.Batch{ID: "b", Name: "B", Kind: "shared"}, "kind", "/kind"},
		{pricing.Batch{ID: "mine", Name: "B"}, "kind", "/kind"},
		{pricing.Batch{ID: "b", Name: "B", Uses: -1}, "uses", "/uses"},
		{pricing.Batch{ID: "b", Name: "B", Period: retail.Period{From: 5, To: 5}}, "period", "/period"},
	} {
		_, err := sdktest.Run(env, pricing.PutBatch, tt.batch)
		refuses(t, err, sdk.CodeInvalid, tt.reason, tt.pointer)
	}
}

func TestRefusedDraws(t *testing.T) {
	t.Parallel()
	env := couponShop(t)
	many := make([]retail.CustomerID, 501)
	for _, tt := range []struct {
		in              pricing.DrawIn
		code            sdk.Code
		reason, pointer string
	}{
		{pricing.DrawIn{Batch: "nil", Count: 1}, sdk.CodeNotFound, "batch", "/batch"},
		{pricing.DrawIn{Batch: "single"}, sdk.CodeInvalid, "count", "/count"},
		{pricing.DrawIn{Batch: "single", Count: -1}, sdk.CodeInvalid, "count", "/count"},
		{pricing.DrawIn{Batch: "mine", Count: 1, Customers: many[:1]}, sdk.CodeInvalid, "count", "/count"},
		{pricing.DrawIn{Batch: "single", Count: 501}, sdk.CodeTooLarge, "count", ""},
		{pricing.DrawIn{Batch: "mine", Customers: many}, sdk.CodeTooLarge, "count", ""},
		{pricing.DrawIn{Batch: "mine", Count: 1}, sdk.CodeInvalid, "customers", "/customers"},
		{pricing.DrawIn{Batch: "mine", Customers: []retail.CustomerID{"ada", ""}}, sdk.CodeInvalid, "customers", "/customers/1"},
	} {
		_, err := sdktest.Run(env, pricing.Draw, tt.in)
		refuses(t, err, tt.code, tt.reason, tt.pointer)
	}
	for _, tt := range []struct {
		batch           string
		code            pricing.ImportCode
		reason, pointer string
	}{
		{"single", pricing.ImportCode{Code: " abc "}, "code", "/codes/0/code"},
		{"single", pricing.ImportCode{Code: strings.Repeat("x", 129)}, "code", "/codes/0/code"},
		{"single", pricing.ImportCode{Code: "abcd", Customer: "ada"}, "customers", "/codes/0/customer"},
		{"mine", pricing.ImportCode{Code: "abcd"}, "customers", "/codes/0/customer"},
	} {
		_, err := sdktest.Run(env, pricing.ImportCodes, pricing.ImportIn{Batch: tt.batch, Codes: []pricing.ImportCode{tt.code}})
		refuses(t, err, sdk.CodeInvalid, tt.reason, tt.pointer)
	}
	for _, b := range must(sdktest.Call(env, pricing.Batches, pricing.BatchesIn{}))(t).Batches {
		if b.Drawn != 0 {
			t.Errorf("%s has %d codes", b.ID, b.Drawn)
		}
	}
}

// Codes of others keep what they are in whatever case they come, belong to one batch,
// and are counted as weak if they are short.
func TestImportCodes(t *testing.T) {
	t.Parallel()
	env := couponShop(t, sdktest.Twice)
	codes := func(all ...string) (in []pricing.ImportCode) {
		for _, c := range all {
			in = append(in, pricing.ImportCode{Code: c})
		}
		return in
	}
	for _, tt := range []struct {
		batch string
		codes []string
		want  pricing.ImportOut
	}{
		{"single", []string{"summer10", "SUMMER10", "a-code-of-sixteen"}, pricing.ImportOut{Added: 2, Weak: 1, Present: 1}},
		{"thrice", []string{" Summer10", "winter10"}, pricing.ImportOut{Added: 1, Weak: 1, Taken: 1}},
		{"single", []string{"summer10"}, pricing.ImportOut{Present: 1}},
	} {
		if got := must(sdktest.Run(env, pricing.ImportCodes, pricing.ImportIn{Batch: tt.batch, Codes: codes(tt.codes...)}))(t); got != tt.want {
			t.Errorf("%v: %+v, want %+v", tt.codes, got, tt.want)
		}
	}
	drawOne(t, env, "single")
	for _, b := range must(sdktest.Call(env, pricing.Batches, pricing.BatchesIn{}))(t).Batches {
		if b.ID == "single" && (b.Drawn != 3 || b.Imported != 2 || b.Redeemed != 0) {
			t.Errorf("%+v", b)
		}
	}
	if got := total(t, env, sold(one("A", "SumMer10"))); got != 2700 {
		t.Error(got)
	}
	if got := total(t, env, sold(one("B", "SumMer10"))); got != 3000 {
		t.Error(got)
	}
}

// With the exact case, only that counts, but for drawn codes, which have none.
func TestExactCase(t *testing.T) {
	t.Parallel()
	env := couponShop(t, sdktest.Settings(pricing.Rules{CodeCase: pricing.CaseExact}))
	must(sdktest.Run(env, pricing.ImportCodes, pricing.ImportIn{Batch: "thrice", Codes: []pricing.ImportCode{{Code: "Summer10"}}}))(t)
	for code, want := range map[string]retail.Money{
		"Summer10": 2700, "SUMMER10": 3000, "Natale": 2700, "NATALE": 3000, strings.ToLower(drawOne(t, env, "single")): 2700,
	} {
		in := one("").Basket
		in.Codes = []string{code}
		if got := must(sdktest.Call(env, pricing.Quote, in))(t).Total; got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
}

// What a code says to who has it, and to strangers, who learn unknown, expired and
// limit and no more.
func TestWhatCodesSay(t *testing.T) {
	t.Parallel()
	env := couponShop(t)
	spent := drawOne(t, env, "single")
	total(t, env, sold(one("A", spent)))
	thrice := drawOne(t, env, "thrice")
	total(t, env, sold(one("B", thrice)))
	adas := drawOne(t, env, "mine", "ada")
	for _, tt := range []struct {
		name, code string
		customer   retail.CustomerID
		want       pricing.ValidateOut
	}{
		{"nobody's", "2345-6789-ABCD-EFGS", "", pricing.ValidateOut{Reason: "unknown"}},
		{"nothing", " ", "", pricing.ValidateOut{Reason: "unknown"}},
		{"too long", strings.Repeat("x", 1000), "", pricing.ValidateOut{Reason: "unknown"}},
		{"used", spent, "", pricing.ValidateOut{Reason: "limit"}},
		{"two uses left", thrice, "", pricing.ValidateOut{Valid: true, Left: 2, Promotions: []string{"ten"}}},
		{"one's own", adas, "ada", pricing.ValidateOut{Valid: true, Left: 1, Promotions: []string{"ten"}}},
		{"another customer's", adas, "bea", pricing.ValidateOut{Reason: "unknown"}},
		{"another customer's, and nobody is named", adas, "", pricing.ValidateOut{Reason: "unknown"}},
		{"over", drawOne(t, env, "over"), "", pricing.ValidateOut{Reason: "expired"}},
		{"not begun", drawOne(t, env, "soon"), "", pricing.ValidateOut{Reason: "expired"}},
		{"of no promotion", drawOne(t, env, "idle"), "", pricing.ValidateOut{Reason: "expired"}},
		{"everybody's", "natale", "", pricing.ValidateOut{Valid: true, Promotions: []string{"shared"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := must(sdktest.Call(env, pricing.ValidateCode, pricing.ValidateIn{Code: tt.code, Store: "MI-01", Customer: tt.customer}))(t)
			if got.Valid != tt.want.Valid || got.Reason != tt.want.Reason || got.Left != tt.want.Left || !slices.Equal(got.Promotions, tt.want.Promotions) {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			in := cart(of("shirt", 1))
			in.Codes, in.Customer = []string{tt.code}, tt.customer
			if len(tt.code) > 64 {
				_, err := sdktest.Call(env, pricing.Quote, in)
				refuses(t, err, sdk.CodeInvalid, "codes", "/codes")
				return
			}
			quoted := must(sdktest.Call(env, pricing.Quote, in))(t)
			if (quoted.Total == 2700) != tt.want.Valid || strings.TrimSpace(tt.code) != "" && (len(quoted.Codes) == 1) == tt.want.Valid {
				t.Errorf("quoted %d, %+v", quoted.Total, quoted.Codes)
			}
			if len(quoted.Codes) > 0 && quoted.Codes[0].Reason != tt.want.Reason {
				t.Errorf("quoted %+v", quoted.Codes)
			}
		})
	}
	total(t, env, sold(one("C", "NATALE")))
	if got := must(sdktest.Call(env, pricing.ValidateCode, pricing.ValidateIn{Code: "Natale"}))(t); got.Valid || got.Reason != "limit" {
		t.Errorf("%+v", got)
	}
}

// Of codes that are good and did not help, who has them learns why.
func TestUnhelpfulCodes(t *testing.T) {
	t.Parallel()
	env := couponShop(t)
	p := limited("coats", pricing.Limits{})
	p.Codes, p.Goods.SKUs = []string{"COAT"}, []retail.SKU{"coat"}
	goLive(t, env, p)
	first, second := drawOne(t, env, "single"), drawOne(t, env, "single")
	in := cart(of("shirt", 1))
	in.Codes = []string{first, "COAT", strings.ToLower(first), second}
	got := must(sdktest.Call(env, pricing.Quote, in))(t)
	want := []pricing.RejectedCode{{Code: "COAT", Reason: "no_goods"}, {Code: second, Reason: "not_combinable"}}
	if got.Total != 2700 || !slices.Equal(got.Codes, want) {
		t.Errorf("%d, %+v; want %+v", got.Total, got.Codes, want)
	}
	held := one("A")
	held.Basket = in
	total(t, env, sold(held))
	if out := must(sdktest.Call(env, pricing.ValidateCode, pricing.ValidateIn{Code: second}))(t); !out.Valid {
		t.Errorf("the coupon that was not needed is %+v", out)
	}
}

// A basket is looked at no further after three codes that nobody knows.
func TestWrongCodesEnd(t *testing.T) {
	t.Parallel()
	env := couponShop(t)
	right := drawOne(t, env, "single")
	in := cart(of("shirt", 1))
	in.Codes = []string{"WRONG-1", "WRONG-2", "WRONG-3", right, "WRONG-4"}
	got := must(sdktest.Call(env, pricing.Quote, in))(t)
	var reasons []string
	for _, c := range got.Codes {
		reasons = append(reasons, c.Reason)
	}
	if got.Total != 3000 || strings.Join(reasons, " ") != "unknown unknown unknown limit limit" {
		t.Errorf("%d, %v", got.Total, reasons)
	}
}

// A filler knows codes of its own; pricing counts them.
func TestForeignCodes(t *testing.T) {
	t.Parallel()
	var asked []string
	env := couponShop(t, sdktest.Stub(pricing.Coupon.Fill(func(_ *sdk.View, in pricing.CouponIn) (pricing.CouponOut, error) {
		asked = append(asked, in.Code)
		switch in.Code {
		case "ext-1":
			return pricing.CouponOut{Known: true, Promotion: "ten", Uses: 2}, nil
		case "ext-old":
			return pricing.CouponOut{Known: true, Promotion: "ten", Reason: "expired"}, nil
		case "ext-odd":
			return pricing.CouponOut{Known: true, Promotion: "ten", Reason: "stolen"}, nil
		case "ext-bad":
			return pricing.CouponOut{}, sdk.Fail(sdk.CodeUnavailable, "", "")
		}
		return pricing.CouponOut{}, nil
	})))
	for i, want := range []retail.Money{2700, 2700, 3000} {
		if got := total(t, env, sold(one(strconv.Itoa(i), "ext-1"))); got != want {
			t.Errorf("sale %d: %d, want %d", i, got, want)
		}
	}
	for code, want := range map[string]string{"ext-1": "limit", "ext-old": "expired", "ext-odd": "unknown", "ext-bad": "unknown", "none": "unknown"} {
		if got := must(sdktest.Call(env, pricing.ValidateCode, pricing.ValidateIn{Code: code}))(t); got.Valid || got.Reason != want {
			t.Errorf("%s: %+v, want %s", code, got, want)
		}
	}
	asked = nil
	adas := drawOne(t, env, "mine", "ada")
	if must(sdktest.Call(env, pricing.ValidateCode, pricing.ValidateIn{Code: adas, Customer: "bea"}))(t); len(asked) != 1 || asked[0] == adas {
		t.Errorf("a filler was told of another customer's code: %q", asked)
	}
}

// No code is drawn twice. TestDrawnCodes of host/e2e draws a million in real instances.
func TestDrawnCodesAreDistinct(t *testing.T) {
	t.Parallel()
	env := couponShop(t)
	const want = 20_000
	seen := make(map[string]bool, want)
	for len(seen) < want {
		for _, c := range must(sdktest.Run(env, pricing.Draw, pricing.DrawIn{Batch: "single", Count: pricing.MaxDraw}))(t).Codes {
			if seen[c] || len(c) != 19 {
				t.Fatalf("%s is drawn twice: %v", c, seen[c])
			}
			seen[c] = true
		}
	}
}
