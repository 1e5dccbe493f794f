package app

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

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
