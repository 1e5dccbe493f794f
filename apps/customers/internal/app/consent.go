package app

import (
	"cmp"
	"unicode/utf8"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/internal/consent"
	"github.com/bottega-retail/bottega/apps/customers/internal/identity"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func setConsent(tx *sdk.Tx, in customers.SetConsentIn) (customers.Statement, error) {
	s := customers.Statement{
		Customer: in.Customer, Purpose: in.Purpose, Channel: in.Channel, Given: true, Basis: cmp.Or(in.Basis, customers.Consent),
		TextVersion: in.TextVersion, Proof: in.Proof, Source: in.Source, At: in.At,
	}
	switch s.Basis {
	case customers.Consent, customers.Contract, customers.LegalObligation, customers.LegitimateInterest:
	default:
		return s, sdk.Invalid("/basis", "basis", "grounds are consent, contract, legal_obligation and legitimate_interest")
	}
	if s.TextVersion == "" && s.Basis == customers.Consent || s.TextVersion != "" && !identity.ID(s.TextVersion) {
		return s, sdk.Invalid("/text_version", "text_version", "a consent names the version of the text that was agreed to")
	}
	return state(tx, s)
}

func withdrawConsent(tx *sdk.Tx, in customers.WithdrawConsentIn) (customers.Statement, error) {
	return state(tx, customers.Statement{
		Customer: in.Customer, Purpose: in.Purpose, Channel: in.Channel, Proof: in.Proof, Source: in.Source, At: in.At,
	})
}

// state appends a statement to the ledger.
func state(tx *sdk.Tx, s customers.Statement) (customers.Statement, error) {
	if _, err := customer(tx, s.Customer, "/customer"); err != nil {
		return s, err
	}
	s.ID, s.Recorded, s.At = tx.NewID(), tx.Now(), cmp.Or(s.At, tx.Now())
	if err := validStatement(&s); err != nil {
		return s, err
	}
	if err := statements.Insert(tx, s); err != nil {
		return s, err
	}
	s.Proof, s.Source = "", ""
	return s, customers.ConsentChanged.Emit(tx, customers.ConsentEvent{
		Customer: s.Customer, Statement: s.ID, Purpose: s.Purpose, Channel: s.Channel, Given: s.Given, At: s.At,
	})
}

func validStatement(s *customers.Statement) error {
	if err := validPurpose(s.Purpose); err != nil {
		return err
	}
	switch {
	case s.Purpose == customers.Service:
		return sdk.Invalid("/purpose", "purpose", "service needs no consent and knows no withdrawal")
	case s.Channel != "" && !identity.ID(string(s.Channel)):
		return noChannel()
	case utf8.RuneCountInString(s.Proof) > 1000:
		return sdk.Invalid("/proof", "proof", "a proof has at most 1,000 characters")
	case !identity.Label(s.Source, 100):
		return sdk.Invalid("/source", "source", "a source has 1 to 100 characters")
	case s.At < 1 || s.At > s.Recorded:
		return sdk.Invalid("/at", "at", "nobody has said anything in the future")
	}
	return nil
}

func validPurpose(p customers.Purpose) error {
	if !identity.ID(string(p)) {
		return sdk.Invalid("/purpose", "purpose", "a purpose is 1 to 64 letters, digits, points, hyphens and underscores")
	}
	return nil
}

func noChannel() error {
	return sdk.Invalid("/channel", "channel", "a channel is 1 to 64 letters, digits, points, hyphens and underscores")
}

func listConsents(v *sdk.View, in customers.HistoryIn) (out customers.ConsentsOut, err error) {
	scan, size := history(&in)
	for s := range statements.Scan(v, scan) {
		if len(out.Statements) == size {
			out.Cursor = out.Statements[size-1].ID
			break
		}
		out.Statements = append(out.Statements, s)
	}
	return out, nil
}

func canContact(v *sdk.View, in customers.CanContactIn) (out customers.CanContactOut, err error) {
	if err := validPurpose(in.Purpose); err != nil {
		return out, err
	}
	if !identity.ID(string(in.Channel)) {
		return out, noChannel()
	}
	if _, err := customer(v, in.Customer, ""); sdk.ReasonOf(err) == "erased" {
		return customers.CanContactOut{Why: customers.WhyErased}, nil
	} else if err != nil {
		return customers.CanContactOut{Why: customers.WhyUnknown}, nil
	}
	if in.Purpose == customers.Service {
		return customers.CanContactOut{Allowed: true, Why: customers.WhyService}, nil
	}
	return decided(consent.Decide(said(v, in.Customer, in.Purpose), string(in.Channel))), nil
}

// said is all that a customer has said about a purpose.
func said(r sdk.Reader, id retail.CustomerID, p customers.Purpose) (list []consent.Statement) {
	for s := range statements.Scan(r, sdk.Scan{Index: "purpose", Prefix: sdk.K(id).Text(string(p))}) {
		list = append(list, consent.Statement{ID: s.ID, Channel: string(s.Channel), Given: s.Given, At: s.At})
	}
	return list
}

func decided(d consent.Decision) customers.CanContactOut {
	out := customers.CanContactOut{Allowed: d.Allowed, Why: customers.WhyGiven, Statement: d.Statement}
	switch {
	case d.Allowed:
	case d.Statement == "":
		out.Why = customers.WhyNever
	default:
		out.Why = customers.WhyWithdrawn
	}
	return out
}
