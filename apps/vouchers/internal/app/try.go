package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/vouchers"
	share "github.com/bottega-retail/bottega/apps/vouchers/internal/tender"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func try(_ *sdk.View, in vouchers.TryIn) (out vouchers.TryOut, err error) {
	order := share.Order(in.Order)
	switch {
	case len(in.Tenders) > vouchers.MaxTry:
		return out, sdk.Invalid("/tenders", "tenders", "At most 50 tenders.")
	case in.Total < 0 || in.Paid < 0 || in.Total > vouchers.MaxMoney || in.Paid > vouchers.MaxMoney:
		return out, sdk.Invalid("/total", "amount", "A total is not below zero, and not that high.")
	case !order.Known():
		return out, sdk.Invalid("/order", "order", "Orders are priority_desc, given, smallest, largest, expiring and shared.")
	}
	tenders := make([]share.Tender, len(in.Tenders))
	for i := range in.Tenders {
		t := &in.Tenders[i]
		if !amounts(&t.Balance, t.Limit, t.Amount) {
			return out, sdk.Invalid("/tenders/"+strconv.Itoa(i)+"/balance", "amount", "A balance is not below zero, and not that high.")
		}
		tenders[i] = share.Tender{ID: t.ID, Balance: t.Balance, Priority: t.Priority, Limit: t.Limit, Amount: t.Amount, Expires: t.Expires, Open: t.Open, Refuse: refusal(&in, t)}
	}
	parts, refused, remaining := order.Pay(in.Total-in.Paid, tenders)
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

// amounts says whether what is known of some amounts may be on a card.
func amounts(all ...*retail.Money) bool {
	for _, a := range all {
		if a != nil && (*a < 0 || *a > vouchers.MaxMoney) {
			return false
		}
	}
	return true
}

// refusal is why a tender may pay nothing; "" if it may.
func refusal(in *vouchers.TryIn, t *vouchers.TryTender) string {
	switch {
	case t.Currency != "" && t.Currency != in.Currency:
		return "currency"
	case t.Ended:
		return "not_active"
	case t.Expires != 0 && in.At != 0 && t.Expires <= in.At:
		return "expired"
	}
	return ""
}
