package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func issue(tx *sdk.Tx, in vouchers.IssueIn) (out vouchers.IssueOut, err error) {
	k, err := kindOf(tx, in.Kind)
	if err != nil {
		return out, err
	}
	switch {
	case in.Count < 0:
		return out, sdk.Invalid("/count", "count", "At least one card.")
	case in.Count > vouchers.MaxIssue:
		return out, tooMany()
	case len(in.Customer) > maxID || k.Personal && in.Customer == "":
		return out, sdk.Invalid("/customer", "customer", "A personal card belongs to a customer.")
	case in.Amount < 0:
		return out, sdk.Invalid("/amount", "amount", "An amount is not below zero.")
	}
	if in.Amount > 0 {
		if err := documented(in.Document); err != nil {
			return out, err
		}
	}
	told := vouchers.IssuedEvent{Kind: k.ID, Type: k.Type, Entity: k.Entity, Currency: k.Currency, Document: in.Document}
	for range max(in.Count, 1) {
		r, drawn, err := draw(tx, &k, in.Customer)
		if err != nil {
			return vouchers.IssueOut{}, err
		}
		if in.Amount > 0 {
			if err := begin(tx, &r, &k, loading{amount: in.Amount, document: in.Document, store: in.Store}, nil); err != nil {
				return vouchers.IssueOut{}, err
			}
			drawn.Expires = r.Account.Expires
		}
		out.Cards = append(out.Cards, drawn)
		told.Cards = append(told.Cards, vouchers.IssuedCard{Card: r.ID, Amount: in.Amount, Customer: in.Customer})
	}
	return out, vouchers.Issued.Emit(tx, told)
}

func tooMany() error { return sdk.Fail(sdk.CodeTooLarge, "count", "At most 100 cards at once.") }

// draw makes a blank of the host's randomness and writes it.
func draw(tx *sdk.Tx, k *vouchers.Kind, customer retail.CustomerID) (record, vouchers.Drawn, error) {
	secret, err := ownSalt(tx)
	if err != nil {
		return record{}, vouchers.Drawn{}, err
	}
	for {
		drawn, _ := code.Draw(tx.Random(32))
		if drawn == "" {
			continue
		}
		r := newCard(tx, secret, k, drawn, customer)
		out := vouchers.Drawn{Card: r.ID, Code: code.Print(drawn)}
		if k.PIN {
			out.PIN = drawPIN(tx)
			r.PIN = key.PIN(secret, r.ID, out.PIN)
		}
		err := cards.Insert(tx, r)
		if sdk.ReasonOf(err) == "unique" {
			continue // somebody imported it, or the dice fell twice the same
		}
		return r, out, err
	}
}

func importCodes(tx *sdk.Tx, in vouchers.ImportIn) (out vouchers.ImportOut, err error) {
	k, err := kindOf(tx, in.Kind)
	if err != nil {
		return out, err
	}
	switch {
	case len(in.Codes) == 0:
		return out, sdk.Invalid("/codes", "count", "There are no codes.")
	case len(in.Codes) > vouchers.MaxIssue:
		return out, tooMany()
	}
	told := vouchers.IssuedEvent{Kind: k.ID, Type: k.Type, Entity: k.Entity, Currency: k.Currency, Document: in.Document, Imported: true}
	for i := range in.Codes {
		r, added, err := takeOver(tx, &k, &in, i, &out)
		if err != nil {
			return vouchers.ImportOut{}, err
		}
		if added {
			told.Cards = append(told.Cards, vouchers.IssuedCard{Card: r.ID, Amount: in.Codes[i].Balance, Customer: r.Customer})
		}
	}
	if len(told.Cards) == 0 {
		return out, nil
	}
	return out, vouchers.Issued.Emit(tx, told)
}

// takeOver takes one code that others have made, unless it is there.
func takeOver(tx *sdk.Tx, k *vouchers.Kind, in *vouchers.ImportIn, i int, out *vouchers.ImportOut) (r record, added bool, err error) {
	c, at := &in.Codes[i], "/codes/"+strconv.Itoa(i)
	folded := code.Fold(c.Code, false)
	if err := checkImport(tx, k, c, folded, at); err != nil {
		return r, false, err
	}
	secret, err := ownSalt(tx)
	if err != nil {
		return r, false, err
	}
	if old, ok := byCode(tx, folded); ok {
		if old.Kind == k.ID {
			out.Present++
		} else {
			out.Taken++
		}
		return old, false, nil
	}
	r = newCard(tx, secret, k, folded, c.Customer)
	if k.PIN {
		r.PIN = key.PIN(secret, r.ID, c.PIN)
	}
	if err := cards.Insert(tx, r); err != nil {
		return r, false, err
	}
	if c.Balance > 0 {
		if err := documented(in.Document); err != nil {
			return r, false, err
		}
		if err := begin(tx, &r, k, loading{amount: c.Balance, document: in.Document, expires: c.Expires}, nil); err != nil {
			return r, false, moved(err, at+"/balance")
		}
	}
	if out.Added++; len(folded) < code.Guessable {
		out.Weak++
	}
	return r, true, nil
}

func checkImport(tx *sdk.Tx, k *vouchers.Kind, c *vouchers.ImportCode, folded, at string) error {
	switch {
	case len(folded) < code.MinLength || len(folded) > code.MaxLength:
		return sdk.Invalid(at+"/code", "code", "A code has 4 to 128 characters.")
	case k.PIN != (c.PIN != "") || len(c.PIN) > maxID:
		return sdk.Invalid(at+"/pin", "pin", "Cards of a kind with PINs have one, others have none.")
	case c.Balance < 0 || c.Balance > vouchers.MaxMoney:
		return sdk.Invalid(at+"/balance", "balance", "No balance is below zero, or that high.")
	case c.Expires != 0 && (c.Balance == 0 || c.Expires <= tx.Now()):
		return sdk.Invalid(at+"/expires", "expires", "What is on a card expires later than now.")
	case len(c.Customer) > maxID || k.Personal && c.Customer == "":
		return sdk.Invalid(at+"/customer", "customer", "A personal card belongs to a customer.")
	}
	return nil
}

// moved points an error somewhere else.
func moved(err error, pointer string) error {
	e, ok := err.(*sdk.Error) //nolint:errorlint // ours, never wrapped
	if !ok {
		return err
	}
	own := *e
	own.Pointer = pointer
	return &own
}
