package app

import (
	"slices"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
)

// fiscal checks what a customer gives for the fiscal device. The code of the lottery is
// neither on the document nor in an event: the job of the device has it until it is printed,
// and nobody afterwards.
func fiscal(r *till.Receipt, in *till.CloseIn) error {
	if in.TaxCode != "" && !receipt.TaxCode(in.TaxCode) {
		return sdk.Invalid("/tax_code", "tax_code", "This is neither a codice fiscale nor a VAT number.")
	}
	if in.Lottery == "" {
		return nil
	}
	if !receipt.LotteryCode(in.Lottery) {
		return sdk.Invalid("/lottery", "lottery", "A code of the lottery has eight letters and digits.")
	}
	l := receipt.Lottery{
		Total: r.Total, TaxCode: in.TaxCode != "",
		Electronic: !slices.ContainsFunc(r.Tenders, func(t till.Taken) bool { return t.Type != till.Card }),
	}
	switch why := l.Refused(); why {
	case receipt.LotteryTaxCode:
		return sdk.Invalid("/lottery", why, "A receipt has a code of the lottery or a tax code, not both.")
	case receipt.LotteryAmount:
		return sdk.Invalid("/lottery", why, "The lottery is for receipts of a euro or more.")
	case receipt.LotteryTender:
		return sdk.Invalid("/lottery", why, "The lottery is for receipts that are paid wholly by card.")
	}
	return nil
}
