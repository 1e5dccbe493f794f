package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/vouchers"
	share "github.com/bottega-retail/bottega/apps/vouchers/internal/tender"
	"github.com/bottega-retail/bottega/sdk"
)

func try(_ *sdk.View, in vouchers.TryIn) (out vouchers.TryOut, err error) {
	if len(in.Tenders) > vouchers.MaxTry {
		return out, sdk.Invalid("/tenders", "tenders", "At most 50 tenders.")
	}
	if in.Total < 0 || in.Paid < 0 || in.Total > vouchers.MaxMoney || in.Paid > vouchers.MaxMoney {
		return out, sdk.Invalid("/total", "amount", "A total is not below zero, and not that high.")
	}
	tenders := make([]share.Tender, len(in.Tenders))
	for i, t := range in.Tenders {
		if t.Balance < 0 || t.Balance > vouchers.MaxMoney || t.Limit != nil && *t.Limit < 0 {
			return out, sdk.Invalid("/tenders/"+strconv.Itoa(i)+"/balance", "amount", "A balance is not below zero, and not that high.")
		}
		tenders[i] = share.Tender{ID: t.ID, Balance: t.Balance, Priority: t.Priority, Limit: t.Limit}
		switch {
		case t.Currency != "" && t.Currency != in.Currency:
			tenders[i].Refuse = "currency"
		case t.Ended:
			tenders[i].Refuse = "not_active"
		}
	}
	parts, refused, remaining := share.Pay(in.Total-in.Paid, tenders)
	for _, p := range parts {
		out.Used = append(out.Used, vouchers.TryUsed{ID: p.ID, Amount: p.Amount, Left: p.Left})
	}
	for _, r := range refused {
		out.Refused = append(out.Refused, vouchers.TryRefused{ID: r.ID, Reason: r.Reason})
	}
	if out.Remaining = remaining; in.Exact && remaining > 0 {
		out.Error = "insufficient"
	}
	return out, nil
}
