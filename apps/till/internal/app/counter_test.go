package app

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// TestCounter plays testdata/counter/*.txt: what somebody does at a counter, and below each
// line what happens. A shirt costs 29.90, a pen 3.33, honey (food) 5.99, hemming 10.00, a
// gift card what it is loaded with. -update writes what happens.
func TestCounter(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/counter/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := playAll(t, string(text))
			if flag.Lookup("update").Value.String() == "true" {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			} else if got != string(text) {
				t.Errorf("%s happens otherwise:\n%s", file, got)
			}
		})
	}
}

// playAll plays the lines of a file that begin with > and writes what happened below them.
// A line that begins with # begins a new shop.
func playAll(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	var c *counter
	for l := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(l, "# "):
			if c != nil {
				c.sound()
			}
			c = nil
			fallthrough
		case strings.HasPrefix(l, "//"), l == "\n":
			b.WriteString(l)
		case strings.HasPrefix(l, "> "):
			if c == nil {
				c = &counter{t: t, store: "MI-01", till: "3", session: map[string]string{}}
			}
			b.WriteString(l)
			for out := range strings.Lines(c.play(strings.Fields(l[2:]))) {
				b.WriteString("  " + out)
			}
		}
	}
	c.sound()
	return b.String()
}

// counter is a shop and who stands in it.
type counter struct {
	t        *testing.T
	env      *sdktest.Env
	settings Settings
	bare     bool // no app of vouchers
	store    retail.StoreID
	till     string
	session  map[string]string // by till
	basket   string
	channel  retail.Channel
	wrote    int64
	desk     desk // of the drivers of devices
}

// shop opens with the first line that is not a setting.
func (c *counter) open() *sdktest.Env {
	if c.env != nil {
		return c.env
	}
	if c.settings.CashRounding == 0 {
		c.settings.CashRounding = 5
	}
	parts := []sdktest.Part{sdktest.Settings(c.settings), sdktest.Stub(c.desk.drivers()...)}
	if !c.bare {
		parts = append(parts, sdktest.Stub(wallet()...))
	}
	c.env = shop(c.t, parts...)
	must(sdktest.Run(c.env, catalog.PutProducts, catalog.PutProductsIn{CreateTerms: true, Products: []catalog.Product{
		{ID: "giftcard", Name: "Gift card", Kind: catalog.GiftCard, VAT: []catalog.ProductVAT{{Class: "standard"}}, Variants: []catalog.Variant{{SKU: "giftcard"}}},
		{ID: "jam", Name: "Jam", VAT: []catalog.ProductVAT{{Class: "food"}}, Tags: []string{"food"}, Variants: []catalog.Variant{{SKU: "jam"}}},
	}}))(c.t)
	must(sdktest.Run(c.env, pricing.PutEntries, pricing.PutEntriesIn{List: "base", Entries: []pricing.Entry{{SKU: "giftcard", Amount: 2500}, {SKU: "jam", Amount: 400}}}))(c.t)
	return c.env
}

// wallet fills the till's slots as an app of vouchers would.
func wallet() []sdk.Part {
	return []sdk.Part{
		till.Tender.Fill("gift_card", func(_ *sdk.Tx, in till.TenderIn) (till.TenderOut, error) {
			if in.Refund && !strings.HasPrefix(in.Reference, "*") {
				return till.TenderOut{}, sdk.NotFound("code", "This card paid nothing.")
			}
			return till.TenderOut{Reference: "*" + strings.TrimPrefix(in.Reference, "*")}, nil
		}),
		till.Tender.Fill(till.ReturnVoucher, func(_ *sdk.Tx, in till.TenderIn) (till.TenderOut, error) {
			if in.Refund {
				return till.TenderOut{Reference: "*RV", Code: "SECRET-RV"}, nil
			}
			return till.TenderOut{Reference: "*" + in.Reference}, nil
		}),
		till.StoredValue.Fill("gift_card", func(_ *sdk.Tx, in till.StoredIn) (out till.StoredOut, err error) {
			for i, l := range in.Lines {
				if !in.Undo && l.Code == "" {
					e := sdk.Invalid(fmt.Sprintf("/lines/%d/code", i), "code", "Scan the card.")
					return out, e
				}
				if l.Reference == "*SPENT" {
					return out, sdk.FailedPrecondition("spent", "Some of it is spent.")
				}
				out.Lines = append(out.Lines, till.StoredCard{Line: l.Line, Reference: "*" + l.Code})
			}
			return out, nil
		}),
	}
}

// play does one thing and says what happened.
func (c *counter) play(words []string) string {
	c.t.Helper()
	do, rest := words[0], words[1:]
	switch do {
	case "setting":
		return c.set(rest)
	case "at":
		c.till = rest[len(rest)-1]
		if len(rest) == 2 {
			c.store = retail.StoreID(rest[0])
		}
		return ""
	case "clock":
		c.open().At(strings.Join(rest, " "))
		return ""
	case "sell":
		return c.document(sdktest.Run(c.open(), till.Close, c.selling(rest)))
	case "return":
		return c.document(sdktest.Run(c.open(), till.Return, c.returning(rest)))
	case "void":
		return c.document(sdktest.Run(c.open(), till.Void, till.VoidIn{Receipt: c.id(rest[0]), Cashier: "ada", Reason: "wrong"}))
	case "exchange":
		n := indexOf(rest, "for")
		out, err := sdktest.Run(c.open(), till.Exchange, till.ExchangeIn{Return: c.returning(rest[:n]), Sale: c.selling(rest[n+1:])})
		if err != nil {
			return c.document(till.Receipt{}, err)
		}
		return c.document(out.Return, nil) + c.document(out.Sale, nil)
	case "unreceipted":
		q, _ := strconv.ParseInt(rest[0], 10, 64)
		return c.document(sdktest.Run(c.open(), till.ReturnUnreceipted, till.UnreceiptedIn{
			Store: c.store, Till: c.till, Cashier: "ada", Reason: "goodwill", Lines: []till.UnreceiptedLine{{SKU: retail.SKU(rest[1]), Quantity: retail.Quantity(q)}},
		}))
	}
	return c.manage(do, rest)
}

// manage is what is no document.
func (c *counter) manage(do string, rest []string) string {
	env := c.open()
	switch do {
	case "open":
		s, err := sdktest.Run(env, till.OpenSession, till.OpenSessionIn{Store: c.store, Till: c.till, Cashier: "ada", Float: amount(rest[0])})
		if err == nil {
			c.session[c.till] = s.ID
		}
		return inSession(s, err)
	case "cash":
		return inSession(sdktest.Run(env, till.MoveCash, till.MoveCashIn{Session: c.session[c.till], Cashier: "ada", Amount: amount(rest[0]), Reason: strings.Join(rest[1:], " ")}))
	case "count":
		in := till.CloseSessionIn{Session: c.session[c.till], Cashier: "bea"}
		for i := 0; i < len(rest); i += 2 {
			in.Counted = append(in.Counted, till.Counted{Type: rest[i], Amount: amount(rest[i+1])})
		}
		return inSession(sdktest.Run(env, till.CloseSession, in))
	case "basket":
		b, err := sdktest.Run(env, till.Open, till.OpenIn{Store: c.store, Till: c.till, Cashier: "ada"})
		if err == nil {
			c.basket = b.ID
			lines, _ := c.lines(rest)
			b, err = sdktest.Run(env, till.SetLines, till.SetLinesIn{Basket: b.ID, Lines: lines})
		}
		return inBasket(b, err)
	case "approve":
		n, _ := strconv.ParseInt(rest[0], 10, 64)
		env.As("user:boss")
		defer env.As("local")
		return inBasket(sdktest.Run(env, till.Override, till.OverrideIn{Basket: c.basket, Line: n, SKU: retail.SKU(rest[1]), Price: amount(rest[2]), Reason: rest[3]}))
	case "change":
		lines, _ := c.lines(rest)
		for i := range lines {
			lines[i].ApprovedBy = "user:boss" // so he says
		}
		return inBasket(sdktest.Run(env, till.SetLines, till.SetLinesIn{Basket: c.basket, Lines: lines}))
	case "suspend":
		return inBasket(sdktest.Run(env, till.Suspend, till.SuspendIn{Basket: c.basket, Note: strings.Join(rest, " ")}))
	case "resume":
		return inBasket(sdktest.Run(env, till.Resume, till.ResumeIn{Basket: c.basket, Till: c.till, Cashier: "bea"}))
	case "waiting":
		out := must(sdktest.Call(env, till.ListSuspended, till.SuspendedIn{Store: c.store}))(c.t)
		text := fmt.Sprintf("%d waiting\n", len(out.Baskets))
		for _, b := range out.Baskets {
			text += fmt.Sprintf("till %s, %d lines, %s\n", b.Till, b.Lines, b.Note)
		}
		return text
	case "X":
		out := must(sdktest.Call(env, till.Interim, till.InterimIn{Store: c.store}))(c.t)
		return totalled(out.Totals)
	case "Z":
		in := till.CloseDayIn{Store: c.store, Cashier: "bea"}
		if len(rest) > 0 {
			in.Till = rest[0]
		}
		out, err := sdktest.Run(env, till.CloseDay, in)
		if err != nil {
			return inWords(err)
		}
		text := ""
		for _, z := range out.Closes {
			text += fmt.Sprintf("%s of %s: documents %d to %d\n%s", z.ID, z.Day, z.First, z.Last, totalled(z.Totals))
		}
		return text
	case "gift_receipt":
		g, err := sdktest.Call(env, till.GetGiftReceipt, till.ReceiptID{Receipt: c.id(rest[0])})
		if err != nil {
			return inWords(err)
		}
		return fmt.Sprintf("%s, %d lines without prices\n", digits.ReplaceAllString(g.Code, ".PROOF"), len(g.Lines))
	case "find":
		r, err := sdktest.Call(env, till.GetReceipt, till.ReceiptID{Code: rest[0]})
		if err != nil {
			return inWords(err)
		}
		return r.ID + "\n"
	}
	return c.ahead(do, rest)
}

var digits = regexp.MustCompile(`\.\d{6}$`)

func (c *counter) set(words []string) string {
	switch words[0] {
	case "sessions":
		c.settings.Sessions = true
	case "unreceipted":
		c.settings.Unreceipted = true
	case "exact_cash":
		c.settings.ExactCash = []string{words[1]}
	case "meal_vouchers":
		c.settings.Tenders = []TenderRule{{Type: "meal_voucher", Own: true, Tags: []string{"food"}, MaxCount: 8}}
	case "override":
		c.settings.OverrideLimit, c.settings.OverrideReasons = retail.BasisPoints(amount(words[1])), words[2:]
	case "earnest_money":
		c.settings.DepositUntaxed = true
	case "no_vouchers":
		c.bare = true
	case "devices":
		c.settings.Devices = []DeviceRule{{Till: "9"}, {Terminal: words[1], Fiscal: words[1], Integrated: slices.Contains(words, "integrated")}}
		c.settings.HoldMinutes, c.settings.DeviceRetry = 15, 5
	}
	return ""
}
