package partnercodes_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/plugins/partnercodes"
	"github.com/bottega-retail/bottega/plugins/plugintest"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// A key and a code as openssl makes them, with the commands of the README.
const (
	acmeKey  = "MCowBQYDK2VwAyEAlz9EpkCquhTzFCvly5ABOkPUUnAUGfeKbFwOkWEmesQ="
	acmeCode = "ACME.7F3K9Q.20261231.q_u7s3XgCG9Mnm8VeZSY9Di4Qp9vHo2sXjWFWwzeAB05v1Qv22nkp_O8hAJTQK3KyYmfVH_I-XW5-gg7CvU4Dg"
)

// bank is the private key of another partner.
var bank = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))

// sign makes a code of the bank's key.
func sign(said string) string {
	return said + "." + base64.RawURLEncoding.EncodeToString(ed25519.Sign(bank, []byte(said)))
}

// public is a public key as openssl prints it.
func public(key ed25519.PrivateKey) string {
	return base64.StdEncoding.EncodeToString(append([]byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"), key.Public().(ed25519.PublicKey)...))
}

func partners() partnercodes.Settings {
	return partnercodes.Settings{Partners: []partnercodes.Partner{
		{ID: "ACME", Key: acmeKey},
		{ID: "BANCA", Key: public(bank), Promotion: "welcome", Uses: 3},
	}}
}

// ask gives a code at an instant to the plugin with the settings of partners.
func ask(t *testing.T, code, at string) pricing.CouponOut {
	t.Helper()
	env := sdktest.New(t, partnercodes.New(), sdktest.Settings(partners()))
	env.At(at)
	return sdktest.Fill(env, pricing.Coupon, pricing.CouponIn{Code: code, Store: "MI-01", Channel: "store", At: env.Now()})
}

const noon = "2026-11-21 12:00 Europe/Rome"

func TestCodeOfOpenSSL(t *testing.T) {
	t.Parallel()
	sdktest.Golden(t, ask(t, acmeCode, noon))
}

func TestCodeOfAPromotion(t *testing.T) {
	t.Parallel()
	sdktest.Golden(t, ask(t, sign("BANCA.2026-000001.20261231"), noon))
}

func TestCodeIsOver(t *testing.T) {
	t.Parallel()
	sdktest.Golden(t, ask(t, acmeCode, "2027-01-01 00:00 Europe/Rome"))
}

// A code counts on its last day, to midnight in Rome, whatever the clocks do.
func TestLastDay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, day, at string
		over          bool
	}{
		{"the last second", "20261231", "2026-12-31 23:59:59.999 Europe/Rome", false},
		{"the first instant after", "20261231", "2027-01-01 00:00 Europe/Rome", true},
		{"long before", "20261231", "2020-01-01 00:00", false},
		{"a day of 23 hours", "20260329", "2026-03-29 21:59:59", false},
		{"and its end", "20260329", "2026-03-29 22:00", true},
		{"a day of 25 hours", "20261025", "2026-10-25 22:59:59", false},
		{"and its end", "20261025", "2026-10-25 23:00", true},
	} {
		out := ask(t, sign("BANCA.A."+tt.day), tt.at)
		if !out.Known || (out.Reason == "expired") != tt.over {
			t.Errorf("%s: %+v", tt.name, out)
		}
	}
}

// Only what the partner signed is a code, and in one spelling: whatever sign of it is
// another, nobody knows it.
func TestForged(t *testing.T) {
	t.Parallel()
	codes := map[string]string{
		"of others":             "SUMMER10",
		"nothing":               "",
		"dots":                  "...",
		"of nobody":             sign("NOBODY.A.20261231"),
		"of another's key":      sign("ACME.A.20261231"),
		"without serial":        sign("BANCA..20261231"),
		"a serial too long":     sign("BANCA." + strings.Repeat("A", 21) + ".20261231"),
		"a serial in small":     sign("BANCA.a.20261231"),
		"a day of no month":     sign("BANCA.A.20260230"),
		"a day in words":        sign("BANCA.A.20XX1231"),
		"a day too long":        sign("BANCA.A.202612310"),
		"a part too many":       sign("BANCA.A.B.20261231"),
		"no signature":          "BANCA.A.20261231.",
		"half a signature":      acmeCode[:len(acmeCode)-43],
		"a signature and more":  acmeCode + "A",
		"with padding":          acmeCode + "==",
		"in capitals":           strings.ToUpper(acmeCode),
		"in the other alphabet": strings.NewReplacer("-", "+", "_", "/").Replace(acmeCode),
		"another last sign":     acmeCode[:len(acmeCode)-1] + "h", // its four bits over are not part of the signature
		"the same, differently": malleable(sign("BANCA.A.20261231")),
	}
	for name, code := range codes {
		if out := ask(t, code, noon); out != (pricing.CouponOut{}) {
			t.Errorf("%s: %q is %+v", name, code, out)
		}
	}
	for i := range acmeCode {
		forged := []byte(acmeCode)
		if forged[i]++; forged[i] == '[' || forged[i] == '{' || forged[i] == ':' {
			forged[i] = 'A'
		}
		if out := ask(t, string(forged), noon); out != (pricing.CouponOut{}) {
			t.Errorf("%q is %+v", forged, out)
		}
	}
}

// malleable adds the order of the group to the second half of a signature: for who
// does not look twice it is one of the same text.
func malleable(code string) string {
	said, text := code[:strings.LastIndexByte(code, '.')+1], code[strings.LastIndexByte(code, '.')+1:]
	signature, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil {
		panic(err)
	}
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	half := slices.Clone(signature[32:])
	slices.Reverse(half)
	half = order.Add(order, new(big.Int).SetBytes(half)).FillBytes(make([]byte, 32))
	slices.Reverse(half)
	return said + base64.RawURLEncoding.EncodeToString(append(signature[:32:32], half...))
}

// Nobody's codes are known to a plugin that has not been set up.
func TestWithoutSettings(t *testing.T) {
	t.Parallel()
	env := sdktest.New(t, partnercodes.New())
	if out := sdktest.Fill(env, pricing.Coupon, pricing.CouponIn{Code: acmeCode}); out != (pricing.CouponOut{}) {
		t.Errorf("%+v", out)
	}
}

// A key that is none is a mistake to be named, and no other partner's.
func TestWrongSettings(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ key, zone, reason string }{
		"no key":                 {"", "Europe/Rome", "key"},
		"the file":               {"-----BEGIN PUBLIC KEY-----", "Europe/Rome", "key"},
		"a private key":          {"MC4CAQAwBQYDK2VwBCIEIMZ0aE3vS7Uu7PzVQx0lQxqYt2m4zAXBk0v4yq1m3nCE", "Europe/Rome", "key"},
		"a key of 31 bytes":      {public(bank)[:58], "Europe/Rome", "key"},
		"a zone that nobody has": {public(bank), "Europe/Atlantis", "zone"},
	} {
		s := partners()
		s.Zone, s.Partners[1].Key = retail.Zone(tt.zone), tt.key
		env := sdktest.New(t, partnercodes.New(), sdktest.Settings(s))
		filled := sdktest.Each(env, pricing.Coupon, pricing.CouponIn{Code: sign("BANCA.A.20261231"), At: env.Now()})
		var e *sdk.Error
		if len(filled) != 1 || !errors.As(filled[0].Err, &e) || e.Code != sdk.CodeFailedPrecondition || e.Reason != tt.reason {
			t.Errorf("%s: %+v", name, filled)
		}
		if tt.reason != "key" {
			continue
		}
		if out := sdktest.Fill(env, pricing.Coupon, pricing.CouponIn{Code: acmeCode, At: env.Now()}); !out.Known {
			t.Errorf("%s: the other partner's is %+v", name, out)
		}
	}
}

// In a quote the code brings a promotion, and once it is used it does not.
func TestInAQuote(t *testing.T) {
	t.Parallel()
	env := shop(t)
	env.At(noon)
	basket := func(codes ...string) pricing.QuoteIn {
		return pricing.QuoteIn{Store: "MI-01", Codes: codes, Lines: []pricing.QuoteLine{{SKU: "shirt", Quantity: 2}}}
	}
	welcome := sign("BANCA.A.20261231")
	for name, tt := range map[string]struct {
		codes    []string
		discount retail.Money
		rejected []pricing.RejectedCode
	}{
		"none":             {nil, 0, nil},
		"one":              {[]string{acmeCode}, 400, nil},
		"with blanks":      {[]string{" " + acmeCode + "\n"}, 400, nil},
		"of a promotion":   {[]string{welcome}, 500, nil},
		"forged":           {[]string{sign("ACME.A.20261231")}, 0, []pricing.RejectedCode{{Code: sign("ACME.A.20261231"), Reason: "unknown"}}},
		"in small letters": {[]string{strings.ToLower(welcome)}, 0, []pricing.RejectedCode{{Code: strings.ToLower(welcome), Reason: "unknown"}}},
		"over":             {[]string{sign("BANCA.A.20261120")}, 0, []pricing.RejectedCode{{Code: sign("BANCA.A.20261120"), Reason: "expired"}}},
	} {
		out := sdktest.Ask(t, env, pricing.Quote, basket(tt.codes...))
		if out.Discount != tt.discount || !slices.Equal(out.Codes, tt.rejected) {
			t.Errorf("%s: %d, %+v, want %d, %+v", name, out.Discount, out.Codes, tt.discount, tt.rejected)
		}
	}
	sdktest.Do(t, env, pricing.HoldBasket, pricing.HoldIn{ID: "R1", Basket: basket(acmeCode), Sale: true})
	out := sdktest.Ask(t, env, pricing.Quote, basket(acmeCode, welcome))
	if want := []pricing.RejectedCode{{Code: acmeCode, Reason: "limit"}}; out.Discount != 500 || !slices.Equal(out.Codes, want) {
		t.Errorf("after its use: %d, %+v", out.Discount, out.Codes)
	}
}

// shop is a store of Milan with pricing, catalog and the plugin, each held to its
// manifest: 10 % for the codes of all partners, and 5.00 for those of the bank.
func shop(t *testing.T) *sdktest.Env {
	t.Helper()
	env := plugintest.Shop(t, "../../manifests", "partnercodes", partnercodes.New(), []plugintest.Good{
		{Product: catalog.Product{ID: "shirt", Name: "Shirt"}, Amount: 2000},
	}, sdktest.SettingsOf("partnercodes", partners()))
	for _, p := range []pricing.Promotion{
		{ID: "partners", Name: "Partners", Batches: []string{"partnercodes"}, Effects: []pricing.Effect{{Percent: 1000}}},
		{ID: "welcome", Name: "Welcome", Batches: []string{"welcome"}, Effects: []pricing.Effect{{Target: pricing.ToOrder, Amount: &pricing.AmountOff{Value: 500}}}},
	} {
		sdktest.Do(t, env, pricing.PutPromotion, p)
		sdktest.Do(t, env, pricing.Publish, pricing.PublishIn{ID: p.ID})
	}
	return env
}
