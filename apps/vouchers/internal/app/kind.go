package app

import (
	"cmp"
	"slices"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// maxMonths keeps expiries within the calendar.
const (
	maxMonths    = 1_200
	maxGraceDays = 3_650
)

func putKind(tx *sdk.Tx, in vouchers.Kind) (vouchers.Kind, error) {
	in.VAT, in.Zone = cmp.Or(in.VAT, vouchers.Multi), cmp.Or(in.Zone, "Europe/Rome")
	in.RefundExpired, in.GraceDays = cmp.Or(in.RefundExpired, vouchers.Reopen), cmp.Or(in.GraceDays, 90)
	if err := checkKind(&in); err != nil {
		return in, err
	}
	in.Created, in.Changed = tx.Now(), tx.Now()
	if old, ok := kinds.Get(tx, sdk.K(in.ID)); ok {
		if pointer := altered(&old, &in); pointer != "" {
			return in, sdk.Invalid(pointer, "fixed", "This stays as it is: cards were sold so. Make another kind.")
		}
		in.Created = old.Created
	}
	return in, kinds.Put(tx, in)
}

// altered points at what two versions of a kind differ in although it stays.
func altered(old, in *vouchers.Kind) string {
	switch {
	case old.Type != in.Type:
		return "/type"
	case old.Currency != in.Currency:
		return "/currency"
	case old.Entity != in.Entity:
		return "/entity"
	case old.VAT != in.VAT:
		return "/vat"
	case old.Rate != in.Rate:
		return "/rate"
	case old.PIN != in.PIN:
		return "/pin"
	}
	return ""
}

func checkKind(k *vouchers.Kind) error {
	refuse := func(field, message string) error { return sdk.Invalid("/"+field, field, message) }
	_, known := k.Currency.Digits()
	switch {
	case k.ID == "" || len(k.ID) > maxID:
		return refuse("id", "An id has 1 to 64 characters.")
	case k.Name == "" || len(k.Name) > maxText:
		return refuse("name", "A name has 1 to 200 characters.")
	case !slices.Contains(types, k.Type):
		return refuse("type", "A kind is gift_card, voucher, return_voucher or store_credit.")
	case !known:
		return refuse("currency", "This currency is not known.")
	case k.Entity == "" || len(k.Entity) > maxID:
		return refuse("entity", "Somebody owes what is on the cards.")
	case k.VAT != vouchers.Multi && k.VAT != vouchers.Single:
		return refuse("vat", "A voucher is single-purpose or multi-purpose.")
	case k.Rate < 0 || k.Rate > 10_000 || k.VAT == vouchers.Multi && k.Rate != 0:
		return refuse("rate", "A single-purpose voucher has one VAT rate, a multi-purpose one has none.")
	case k.Months < 0 || k.Months > maxMonths:
		return refuse("months", "A card is valid for 1 to 1,200 months, or without end.")
	case k.Zone.Valid() != nil:
		return refuse("zone", "There is no such time zone.")
	case k.MaxBalance < 0 || k.MaxBalance > vouchers.MaxMoney:
		return refuse("max_balance", "No balance is that high, or below zero.")
	case k.RefundExpired != vouchers.Reopen && k.RefundExpired != vouchers.Refuse:
		return refuse("refund_expired", "A refund to an expired card reopens it or is refused.")
	case k.GraceDays < 1 || k.GraceDays > maxGraceDays:
		return refuse("grace_days", "A card is reopened for 1 to 3,650 days.")
	}
	return nil
}

var types = []vouchers.Type{vouchers.GiftCard, vouchers.Voucher, vouchers.ReturnVoucher, vouchers.StoreCredit}

func getKind(v *sdk.View, in vouchers.KindID) (vouchers.Kind, error) {
	k, ok := kinds.Get(v, sdk.K(in.ID))
	if !ok {
		return k, noKind("/id")
	}
	return k, nil
}

func noKind(pointer string) error {
	e := sdk.NotFound("kind", "There is no such kind of stored value.")
	e.Pointer = pointer
	return e
}

func listKinds(v *sdk.View, in vouchers.KindsIn) (out vouchers.KindsOut, err error) {
	limit, err := pageOf(in.Limit, 50, vouchers.MaxPage)
	if err != nil {
		return out, err
	}
	for k := range kinds.Scan(v, sdk.Scan{From: after(in.Cursor), Limit: limit + 1}) {
		if len(out.Kinds) == limit {
			out.Cursor = out.Kinds[limit-1].ID
			break
		}
		out.Kinds = append(out.Kinds, k)
	}
	return out, nil
}

// after is the first key behind the one that ends in a cursor.
func after(cursor string) sdk.Key {
	if cursor == "" {
		return nil
	}
	return sdk.K(cursor[:min(len(cursor), maxDocument)] + "\x00")
}

func offer(v *sdk.View, in vouchers.OfferIn) (out vouchers.OfferOut, err error) {
	if in.Channel == "" {
		return out, sdk.Invalid("/channel", "channel", "Say on which channel the sale was made.")
	}
	out.Distance = distance(v, in.Channel)
	for k := range kinds.Scan(v, sdk.Scan{}) {
		if !k.Offered || k.Archived || k.Currency != in.Currency || in.Entity != "" && k.Entity != in.Entity {
			continue
		}
		out.Offers = append(out.Offers, vouchers.Offered{
			Kind: k.ID, Name: k.Name, Type: k.Type, Agreement: needsAgreement(v, &k, in.Channel),
		})
	}
	return out, nil
}

// distance says whether sales of a channel are distance sales.
func distance(s sdk.Scope, channel retail.Channel) bool {
	return slices.Contains(settings.Get(s).DistanceChannels, channel)
}

// needsAgreement says whether a customer has to agree to a refund in a kind.
func needsAgreement(s sdk.Scope, k *vouchers.Kind, channel retail.Channel) bool {
	return !k.Imposed || distance(s, channel)
}

// kindOf is the kind of a new card.
func kindOf(tx *sdk.Tx, id string) (vouchers.Kind, error) {
	k, ok := kinds.Get(tx, sdk.K(id))
	if !ok {
		return k, noKind("/kind")
	}
	if k.Archived {
		return k, sdk.FailedPrecondition("archived", "No more cards of this kind are issued.")
	}
	return k, nil
}

// end is when a card ends that is activated or renewed now: at the end of the day, so many
// months on. 0 is never.
func end(k *vouchers.Kind, now retail.Instant) (retail.Instant, error) {
	if k.Months == 0 {
		return 0, nil
	}
	return endOfDay(k, now, func(d retail.Date) (retail.Date, error) { return d.AddMonths(int(k.Months)) })
}

// reopened is when a card ends that expired and is opened again now; 0 if it is not.
func reopened(k *vouchers.Kind, now retail.Instant) (retail.Instant, error) {
	if k.RefundExpired == vouchers.Refuse {
		return 0, nil
	}
	return endOfDay(k, now, func(d retail.Date) (retail.Date, error) { return d.AddDays(int(k.GraceDays)) })
}

func endOfDay(k *vouchers.Kind, now retail.Instant, later func(retail.Date) (retail.Date, error)) (retail.Instant, error) {
	local, err := k.Zone.Local(now)
	if err != nil {
		return 0, err
	}
	last, err := later(local.Date)
	if err != nil {
		return 0, err
	}
	days, err := k.Zone.Days("", last)
	return days.To, err
}
