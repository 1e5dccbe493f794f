package app

import (
	"errors"
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

// selling reads "2 pen, 1 honey by card 3.00 + cash 10.00"; "basket" is the basket.
func (c *counter) selling(words []string) till.CloseIn {
	in := till.CloseIn{Store: c.store, Till: c.till, Cashier: "ada", Channel: c.channel}
	n := indexOf(words, "by")
	if words[0] == "basket" {
		in = till.CloseIn{Basket: c.basket}
	} else {
		in.Lines, in.Channel = c.lines(words[:n])
	}
	if n == len(words) {
		return in
	}
	for _, part := range strings.Split(strings.Join(words[n+1:], " "), " + ") {
		w := strings.Fields(part)
		switch w[0] {
		case "lottery":
			in.Lottery = w[1]
			continue
		case "tax_code":
			in.TaxCode = w[1]
			continue
		case "deposit":
			in.Deposits = append(in.Deposits, c.id(w[1]))
			continue
		}
		p := till.Payment{Type: w[0], Amount: amount(w[1])}
		for _, more := range w[2:] {
			if count, ok := strings.CutPrefix(more, "×"); ok {
				p.Count, _ = strconv.ParseInt(count, 10, 64)
			} else if key, ok := strings.CutPrefix(more, "$"); ok {
				p.Payment = c.desk.ids[key]
			} else {
				p.Reference = more
			}
		}
		in.Tenders = append(in.Tenders, p)
	}
	return in
}

// lines reads "2 pen, 1 honey at 4.00 old"; a word #CARD is a card's code, @web a channel.
func (c *counter) lines(words []string) (lines []till.Line, channel retail.Channel) {
	for _, part := range strings.Split(strings.Join(words, " "), ", ") {
		w := strings.Fields(part)
		q, _ := strconv.ParseInt(w[0], 10, 64)
		l := till.Line{SKU: retail.SKU(w[1]), Quantity: retail.Quantity(q)}
		for i, more := range w[2:] {
			if code, ok := strings.CutPrefix(more, "#"); ok {
				l.Code = code
			}
			if at, ok := strings.CutPrefix(more, "@"); ok {
				channel = retail.Channel(at)
			}
			if more == "at" {
				price := amount(w[i+3])
				l.PriceOverride, l.OverrideReason = &price, w[i+4]
			}
		}
		lines = append(lines, l)
	}
	return lines, channel
}

// returning reads "2 of line 1, 1 of line 2 from 3/1 as cash": of a receipt, or of a gift
// receipt of one ("from gift 3/1"); "agreed" says that the customer agreed.
func (c *counter) returning(words []string) till.ReturnIn {
	in := till.ReturnIn{Store: c.store, Till: c.till, Cashier: "ada", Reason: "size"}
	n := indexOf(words, "from")
	for _, part := range strings.Split(strings.Join(words[:n], " "), ", ") {
		w := strings.Fields(part)
		q, _ := strconv.ParseInt(w[0], 10, 64)
		in.Lines = append(in.Lines, till.ReturnLine{Line: w[3], Quantity: retail.Quantity(q)})
	}
	words = words[n+1:]
	switch {
	case words[0] == "gift":
		in.Code = must(sdktest.Call(c.open(), till.GetGiftReceipt, till.ReceiptID{Receipt: c.id(words[1])}))(c.t).Code
		words = words[2:]
	case strings.Contains(words[0], "."):
		in.Code, words = words[0], words[1:]
	default:
		in.Receipt, words = c.id(words[0]), words[1:]
	}
	if len(words) > 0 && words[len(words)-1] == "agreed" {
		in.Agreed, words = true, words[:len(words)-1]
	}
	switch {
	case len(words) == 2:
		in.Tender = words[1]
	case len(words) > 2:
		for _, part := range strings.Split(strings.Join(words[1:], " "), " + ") {
			w := strings.Fields(part)
			in.Refunds = append(in.Refunds, till.Payment{Type: w[0], Amount: amount(w[1])})
		}
	}
	return in
}

// id is that of a document: 3/1 is of this store.
func (c *counter) id(short string) string {
	if strings.Count(short, "/") == 1 {
		return string(c.store) + "/" + short
	}
	return short
}

// document says what was written, as a customer would read it.
func (c *counter) document(r till.Receipt, err error) string {
	if err != nil {
		return inWords(err)
	}
	c.wrote++
	var parts []string
	for _, t := range r.Tenders {
		kind := t.Type
		if t.Of != "" {
			kind += "(" + t.Of + ")"
		}
		if t.Type != till.Cash && t.Reference != "" {
			kind += " " + t.Reference
		}
		parts = append(parts, kind+" "+decimal(t.Amount))
	}
	text := fmt.Sprintf("%s %s %s: %s", r.ID, r.Kind, decimal(r.Total), strings.Join(parts, " + "))
	for _, extra := range []struct {
		name string
		sum  retail.Money
	}{{"change", r.Change}, {"rounding", r.Rounding}} {
		if extra.sum != 0 {
			text += ", " + extra.name + " " + decimal(extra.sum)
		}
	}
	for _, l := range r.Lines {
		if l.ApprovedBy != "" {
			text += ", line " + l.ID + " " + l.OverrideReason + " approved by " + l.ApprovedBy
		}
		if l.Stored != "" {
			text += ", line " + l.ID + " is card " + l.Stored
		}
	}
	for _, p := range r.Printed {
		text += ", prints " + p.Code
	}
	kept := must(sdktest.Call(c.env, till.GetReceipt, till.ReceiptID{Code: r.Code}))(c.t)
	if kept.ID != r.ID || len(kept.Printed) > 0 {
		c.t.Errorf("kept %+v", kept)
	}
	return text + "\n"
}

func (c *counter) sound() {
	c.t.Helper()
	if c.env == nil {
		return
	}
	sound(c.t, c.env, c.wrote)
	for _, e := range c.env.Events() {
		if text := string(e.Payload); strings.Contains(text, "SECRET") || strings.Contains(text, "AB12CD34") {
			c.t.Errorf("%s tells what is for the paper alone", e.Name)
		}
	}
}

func inSession(s till.Session, err error) string {
	if err != nil {
		return inWords(err)
	}
	text := fmt.Sprintf("%s, %d documents:", s.State, s.Documents)
	for _, t := range s.Tenders {
		text += " " + t.Type + " " + decimal(t.Expected)
		if s.State == till.SessionClosed {
			text += " counted " + decimal(t.Counted) + " difference " + decimal(t.Difference)
		}
	}
	return text + "\n"
}

func inBasket(b till.Basket, err error) string {
	if err != nil {
		return inWords(err)
	}
	return fmt.Sprintf("%s at till %s of %s, %d lines\n", b.State, b.Till, b.Cashier, len(b.Lines))
}

func totalled(totals []till.DayTotal) string {
	text := ""
	for _, d := range totals {
		text += fmt.Sprintf("%s %s, rounding %s", d.Currency, decimal(d.Total), decimal(d.Rounding))
		for _, k := range d.Kinds {
			text += fmt.Sprintf("; %d %s %s", k.Count, k.Kind, decimal(k.Total))
		}
		for _, e := range d.Tenders {
			text += "; " + e.Type + " " + decimal(e.Amount)
		}
		for _, v := range d.VAT {
			text += fmt.Sprintf("; VAT %d %% %s in %s", v.Rate/100, decimal(v.VAT), decimal(v.Gross))
		}
		text += "\n"
	}
	return text
}

func inWords(err error) string {
	var e *sdk.Error
	if !errors.As(err, &e) {
		return err.Error() + "\n"
	}
	text := "refused: " + e.Code.String() + " " + e.Reason + " " + e.Pointer
	for _, f := range e.Fields {
		if f.Text == "" {
			text += fmt.Sprintf(" (%s %s)", f.Name, decimal(retail.Money(f.Int)))
		}
	}
	return strings.TrimRight(text, " ") + "\n"
}

func amount(text string) retail.Money {
	whole, cents, _ := strings.Cut(text, ".")
	v, err := strconv.ParseInt(whole+(cents + "00")[:2], 10, 64)
	if err != nil {
		panic(err)
	}
	return retail.Money(v)
}

func decimal(m retail.Money) string {
	sign := ""
	if m < 0 {
		sign, m = "−", -m
	}
	return fmt.Sprintf("%s%d.%02d", sign, m/100, m%100)
}

func indexOf(words []string, word string) int {
	for i, w := range words {
		if w == word {
			return i
		}
	}
	return len(words)
}
