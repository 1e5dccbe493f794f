// Package card knows what may happen to one card of stored value, and what each thing
// does to what is on it: the rules of the ledger. It knows neither codes nor kinds, nor
// where anything is kept.
//
// Every method either changes the account and answers the amount that its ledger gets, or
// refuses and changes nothing.
package card

import "github.com/bottega-retail/bottega/sdk/retail"

// State says where an account is in its life. Blocking is apart from it.
type State string

// The states.
const (
	Blank     State = "issued"
	Active    State = "active"
	Expired   State = "expired"
	Cancelled State = "cancelled"
	Replaced  State = "replaced"
)

// Account is what a card's ledger comes to. Always
//
//	0 ≤ Held ≤ Balance = Loaded − Used − Lapsed − Moved
//	−Carried ≤ Used, and so Balance ≤ Loaded + Carried
type Account struct {
	State   State        `json:"state"`
	Blocked bool         `json:"blocked,omitempty"`
	Balance retail.Money `json:"balance,omitempty"`
	Loaded  retail.Money `json:"loaded,omitempty"`  // faces, top-ups and what came from other cards, less what was cancelled
	Used    retail.Money `json:"used,omitempty"`    // less what was given back
	Lapsed  retail.Money `json:"lapsed,omitempty"`  // expired
	Moved   retail.Money `json:"moved,omitempty"`   // to another card
	Carried retail.Money `json:"carried,omitempty"` // used of cards that this one replaces: it may be given back here

	Held retail.Money `json:"held,omitempty"` // of Balance, allotted to tills that are cut off: nobody else spends it

	Face     retail.Money   `json:"face,omitempty"` // of the activation
	Expires  retail.Instant `json:"expires,omitempty"`
	LoadedBy string         `json:"loaded_by,omitempty"` // document of the last load
	SpentBy  string         `json:"spent_by,omitempty"`  // document of the last redemption
}

// Reason is why something may not happen, as vouchers documents it.
type Reason string

// The reasons.
const (
	Amount        Reason = "amount"
	AlreadyActive Reason = "active"
	NotActive     Reason = "not_active"
	IsExpired     Reason = "expired"
	IsBlocked     Reason = "blocked"
	NotReloadable Reason = "not_reloadable"
	MaxBalance    Reason = "max_balance"
	SameReceipt   Reason = "same_receipt"
	NoBalance     Reason = "balance"
	NotUsed       Reason = "refunded"
	Spent         Reason = "spent"
	ToppedUp      Reason = "topped_up"
	WasCancelled  Reason = "cancelled"
	IsAllotted    Reason = "allotted"
)

// Refusal says why, and how much would have been possible.
type Refusal struct {
	Reason Reason
	Left   retail.Money // of balance, refunded, spent and max_balance
}

// MaxAmount bounds one amount, so that sums stay far from overflow.
const MaxAmount retail.Money = 1_000_000_000_000

func amount(m retail.Money) *Refusal {
	if m <= 0 || m > MaxAmount {
		return &Refusal{Reason: Amount}
	}
	return nil
}

// Over says whether the account has expired at an instant: from Expires on.
func (a *Account) Over(now retail.Instant) bool {
	return a.State == Expired || a.Expires != 0 && a.Expires <= now
}

// free is what is on the account and not allotted.
func (a *Account) free() retail.Money { return a.Balance - a.Held }

// active refuses unless something may be done with what is on the account.
func (a *Account) active(now retail.Instant) *Refusal {
	switch {
	case a.State == Expired, a.State == Active && a.Over(now):
		return &Refusal{Reason: IsExpired}
	case a.State != Active:
		return &Refusal{Reason: NotActive}
	case a.Blocked:
		return &Refusal{Reason: IsBlocked}
	}
	return nil
}

// Activate puts the face on a blank, once. most is the highest balance, 0 for none.
func (a *Account) Activate(face, most retail.Money, expires retail.Instant, document string) (retail.Money, *Refusal) {
	switch {
	case amount(face) != nil:
		return 0, amount(face)
	case a.State == Cancelled:
		return 0, &Refusal{Reason: WasCancelled}
	case a.State != Blank:
		return 0, &Refusal{Reason: AlreadyActive}
	case a.Blocked:
		return 0, &Refusal{Reason: IsBlocked}
	case most > 0 && face > most:
		return 0, &Refusal{Reason: MaxBalance, Left: most}
	}
	a.State, a.Face, a.Balance, a.Loaded, a.Expires, a.LoadedBy = Active, face, face, face, expires, document
	return face, nil
}

// TopUp puts more on, once with a document. expires is the new end, or the old one again.
func (a *Account) TopUp(by, most retail.Money, reloadable bool, expires, now retail.Instant, document string) (retail.Money, *Refusal) {
	if r := amount(by); r != nil {
		return 0, r
	}
	if r := a.active(now); r != nil {
		return 0, r
	}
	switch {
	case !reloadable:
		return 0, &Refusal{Reason: NotReloadable}
	case document != "" && (document == a.SpentBy || document == a.LoadedBy):
		return 0, &Refusal{Reason: SameReceipt}
	case most > 0 && by > most-a.Balance || a.Balance > MaxAmount:
		return 0, &Refusal{Reason: MaxBalance, Left: max(most-a.Balance, 0)}
	}
	a.Balance, a.Loaded, a.Expires, a.LoadedBy = a.Balance+by, a.Loaded+by, expires, document
	return by, nil
}

// Redeem spends.
func (a *Account) Redeem(by retail.Money, now retail.Instant, document string) (retail.Money, *Refusal) {
	if r := amount(by); r != nil {
		return 0, r
	}
	if a.State == Active && document != "" && document == a.LoadedBy {
		return 0, &Refusal{Reason: SameReceipt}
	}
	if r := a.active(now); r != nil {
		return 0, r
	}
	if by > a.free() {
		return 0, &Refusal{Reason: NoBalance, Left: a.free()}
	}
	a.Balance, a.Used, a.SpentBy = a.Balance-by, a.Used+by, document
	return -by, nil
}

// Refund gives back, also to a blocked account. One that has expired is opened again
// until reopen, or refuses if that is 0; what had lapsed stays so.
func (a *Account) Refund(by retail.Money, now, reopen retail.Instant) (retail.Money, *Refusal) {
	if r := amount(by); r != nil {
		return 0, r
	}
	switch left := a.Used + a.Carried; {
	case a.State != Active && a.State != Expired:
		return 0, &Refusal{Reason: NotActive}
	case by > left:
		return 0, &Refusal{Reason: NotUsed, Left: left}
	case a.Over(now) && reopen <= now:
		return 0, &Refusal{Reason: IsExpired}
	}
	if a.Over(now) {
		a.State, a.Expires = Active, reopen
	}
	a.Balance, a.Used = a.Balance+by, a.Used-by
	return by, nil
}

// Lapse ends an active account whose time is over, blocked or not. What is allotted stays
// until tills have said what they spent of it.
func (a *Account) Lapse(now retail.Instant) (lapsed retail.Money, ok bool) {
	if a.State != Active || !a.Over(now) {
		return 0, false
	}
	lapsed = a.free()
	a.State, a.Balance, a.Lapsed = Expired, a.Held, a.Lapsed+lapsed
	return -lapsed, true
}

// Unload takes off what a sale put on that is undone. The activation ends the account; it
// must be as the sale left it.
func (a *Account) Unload(by retail.Money, activation bool, now retail.Instant) (retail.Money, *Refusal) {
	switch {
	case a.State == Expired || a.State == Active && a.Over(now):
		return 0, &Refusal{Reason: IsExpired}
	case a.State != Active:
		return 0, &Refusal{Reason: NotActive}
	case a.free() < by || activation && a.Used > 0:
		return 0, &Refusal{Reason: Spent, Left: a.free()}
	case activation && (a.Balance != by || a.Carried > 0): // with something allotted it was not free
		return 0, &Refusal{Reason: ToppedUp}
	}
	a.Balance, a.Loaded = a.Balance-by, a.Loaded-by
	if activation {
		a.State = Cancelled
	}
	return -by, nil
}

// MoveTo moves everything to another account, blank or active, and ends this one. What
// was used of it may be given back to the other.
func (a *Account) MoveTo(to *Account, most retail.Money, now retail.Instant) (retail.Money, *Refusal) {
	switch {
	case a.State == Expired || a.State == Active && a.Over(now):
		return 0, &Refusal{Reason: IsExpired}
	case a.State != Active:
		return 0, &Refusal{Reason: NotActive}
	case a.Held > 0:
		return 0, &Refusal{Reason: IsAllotted}
	case to.Blocked:
		return 0, &Refusal{Reason: IsBlocked}
	case to.State == Active && to.Over(now), to.State == Expired:
		return 0, &Refusal{Reason: IsExpired}
	case to.State != Active && to.State != Blank:
		return 0, &Refusal{Reason: NotActive}
	case to.State == Active && most > 0 && a.Balance > most-to.Balance || to.Balance > MaxAmount:
		return 0, &Refusal{Reason: MaxBalance, Left: max(most-to.Balance, 0)}
	}
	moved := a.Balance
	if to.State == Blank {
		to.State, to.Expires = Active, a.Expires
	}
	to.LoadedBy, to.SpentBy = last(a.LoadedBy, to.LoadedBy), last(a.SpentBy, to.SpentBy)
	to.Balance, to.Loaded, to.Carried = to.Balance+moved, to.Loaded+moved, to.Carried+a.Used+a.Carried
	a.State, a.Balance, a.Moved, a.Carried = Replaced, 0, a.Moved+moved, 0
	return moved, nil
}

// Allot keeps a part for a till that may be cut off.
func (a *Account) Allot(by retail.Money, now retail.Instant) *Refusal {
	if r := amount(by); r != nil {
		return r
	}
	if r := a.active(now); r != nil {
		return r
	}
	if by > a.free() {
		return &Refusal{Reason: NoBalance, Left: a.free()}
	}
	a.Held += by
	return nil
}

// Draw spends of what was allotted, also if the account was blocked or has expired
// meanwhile: the till had taken it before it could know. left is what that till still has.
func (a *Account) Draw(by, left retail.Money, document string) (retail.Money, *Refusal) {
	if r := amount(by); r != nil {
		return 0, r
	}
	if by > left || by > a.Held {
		return 0, &Refusal{Reason: NoBalance, Left: min(left, a.Held)}
	}
	a.Balance, a.Held, a.Used, a.SpentBy = a.Balance-by, a.Held-by, a.Used+by, document
	return -by, nil
}

// Release ends an allotment of which left was not spent. Of an account that has expired it
// lapses now; the answer is what does.
func (a *Account) Release(left retail.Money) (lapsed retail.Money) {
	a.Held -= left
	if a.State != Expired {
		return 0
	}
	a.Balance, a.Lapsed = a.Balance-left, a.Lapsed+left
	return -left
}

// last is the document that counts of two: that of what came.
func last(came, had string) string {
	if came != "" {
		return came
	}
	return had
}

// Fault names the first promise that an account breaks, "" if it keeps all.
func (a *Account) Fault() string {
	switch {
	case a.Held < 0 || a.Held > a.Balance || a.Balance > a.Loaded+a.Carried:
		return "bounds"
	case a.Balance != a.Loaded-a.Used-a.Lapsed-a.Moved:
		return "balance"
	case a.State != Active && a.free() != 0:
		return "state"
	}
	return ""
}

// VAT is the VAT of an amount that is used after used was, or that is given back down to
// it, of what was taxed once at a rate: parts add up to the VAT of the whole, to the cent.
func VAT(used, amount retail.Money, rate retail.BasisPoints) (retail.VATShare, error) {
	before, vatBefore, err := retail.SplitGross(used, rate)
	if err != nil {
		return retail.VATShare{}, err
	}
	after, vatAfter, err := retail.SplitGross(used+amount, rate)
	return retail.VATShare{Rate: rate, Gross: amount, Net: after - before, VAT: vatAfter - vatBefore}, err
}
