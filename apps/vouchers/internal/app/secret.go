package app

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/card"
	"github.com/bottega-retail/bottega/apps/vouchers/internal/key"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/code"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// salts holds the one salt under which codes are known. It is a record and no signature of
// the host's: with another master key no card would be found any more.
var salts = sdk.Collection[salt]{Name: "salts", Key: []string{"id"}}

type salt struct {
	ID    string `json:"id"`
	Bytes []byte `json:"bytes"`
}

const saltID = "codes"

// ownSalt is the tenant's salt, made if there is none.
func ownSalt(tx *sdk.Tx) ([]byte, error) {
	if s, ok := salts.Get(tx, sdk.K(saltID)); ok {
		return s.Bytes, nil
	}
	s := salt{ID: saltID, Bytes: tx.Random(32)}
	return s.Bytes, salts.Insert(tx, s)
}

// byCode finds the card of a code.
func byCode(r sdk.Reader, given string) (record, bool) {
	s, ok := salts.Get(r, sdk.K(saltID))
	folded := code.Fold(given, false)
	if !ok || folded == "" {
		return record{}, false
	}
	return cards.Find(r, "by_code", sdk.K(key.Code(s.Bytes, folded)))
}

// attempts counts wrong PINs of cards and wrong codes of visitors, in transactions that
// stay whatever the answer is.
var attempts = sdk.Collection[attempt]{Name: "attempts", Key: []string{"of"}, Expires: "until"}

// attempt is wrong tries since the first of them.
type attempt struct {
	Of    string         `json:"of"` // card/… or visitor/…
	Wrong int64          `json:"wrong"`
	Until retail.Instant `json:"until"`
}

// wrong counts a wrong try. The one that locks makes the lock last from now.
func wrong(tx *sdk.Tx, of string, most int64) error {
	a, ok := attempts.Get(tx, sdk.K(of))
	a.Of = of
	if a.Wrong++; !ok || a.Wrong == most {
		a.Until = tx.Now() + retail.Instant(settings.Get(tx).LockMinutes*60_000)
	}
	return attempts.Put(tx, a)
}

// lockedUntil is until when nothing is tried any more, 0 if something may be.
func lockedUntil(r sdk.Reader, of string, most int64) retail.Instant {
	if a, ok := attempts.Get(r, sdk.K(of)); ok && a.Wrong >= most {
		return a.Until
	}
	return 0
}

func ofCard(id string) string { return "card/" + id }

// balance looks a card up for whoever has its code. Whatever is wrong, it does the same
// work and gives the same answer.
func balance(tx *sdk.Tx, in vouchers.BalanceIn) (out vouchers.BalanceOut, err error) {
	if in.Code == "" || len(in.Code) > code.MaxLength || len(in.PIN) > maxID || len(in.Visitor) > maxText {
		return out, sdk.Invalid("/code", "code", "A code has 1 to 128 characters.")
	}
	secret, err := ownSalt(tx)
	if err != nil {
		return out, err
	}
	s := settings.Get(tx)
	visitor := "visitor/" + key.Visitor(secret, in.Visitor)
	barred := in.Visitor != "" && lockedUntil(tx, visitor, s.VisitorAttempts) > tx.Now()
	r, ok := byCode(tx, in.Code)
	right := r.PIN == "" || r.PIN == key.PIN(secret, r.ID, in.PIN)
	locked := lockedUntil(tx, ofCard(r.ID), s.PINAttempts) > tx.Now()
	k, _ := kinds.Get(tx, sdk.K(r.Kind))
	switch {
	case barred:
	case ok && right && !locked:
		return told(tx, &r, &k), attempts.Delete(tx, sdk.K(ofCard(r.ID)))
	case ok && !locked:
		err = wrong(tx, ofCard(r.ID), s.PINAttempts)
	}
	if err == nil && in.Visitor != "" && !barred {
		err = wrong(tx, visitor, s.VisitorAttempts)
	}
	return out, err
}

// told is what whoever has the code and the PIN of a card may know.
func told(s sdk.Scope, r *record, k *vouchers.Kind) vouchers.BalanceOut {
	return vouchers.BalanceOut{
		Known: true, State: stateOf(r, s.Now()), Balance: onIt(r, s.Now()) - r.Account.Held, Currency: k.Currency,
		Expires: r.Account.Expires, Masked: r.Masked, Token: unlock(s, r.ID),
	}
}

// onIt is what is on a card: of one that has expired what is allotted alone.
func onIt(r *record, now retail.Instant) retail.Money {
	if r.Account.Over(now) {
		return r.Account.Held
	}
	return r.Account.Balance
}

// stateOf is where a card is in its life, as people see it.
func stateOf(r *record, now retail.Instant) vouchers.State {
	switch a := &r.Account; {
	case a.State == card.Active && a.Over(now):
		return vouchers.StateExpired
	case a.Blocked && (a.State == card.Active || a.State == card.Blank):
		return vouchers.StateBlocked
	default:
		return vouchers.State(a.State)
	}
}

// tokenMinutes is how long a token pays.
const tokenMinutes = 15

// unlock signs that whoever has this has shown code and PIN of a card.
func unlock(s sdk.Scope, id string) string {
	body := tokenMark + id + "." + strconv.FormatInt(int64(s.Now())+tokenMinutes*60_000, 10)
	return body + "." + hex(sdk.Sign(s, signable(body)))
}

// tokenMark begins tokens; no code of ours does.
const tokenMark = "v1."

func signable(body string) []byte { return []byte("voucher unlocked 1\n" + body) }

// unlocked is the card that a token was signed for; "" if it is none, or over.
func unlocked(s sdk.Scope, token string) string {
	if !strings.HasPrefix(token, tokenMark) {
		return ""
	}
	parts := strings.Split(token, ".")
	if len(parts) != 4 {
		return ""
	}
	until, err := strconv.ParseInt(parts[2], 10, 64)
	mac, ok := parseHex(parts[3])
	body := tokenMark + parts[1] + "." + parts[2]
	if err != nil || !ok || until <= int64(s.Now()) || !sdk.Signed(s, signable(body), mac) {
		return ""
	}
	return parts[1]
}

const hexDigits = "0123456789abcdef"

func hex(b []byte) string {
	out := make([]byte, 0, 2*len(b))
	for _, x := range b {
		out = append(out, hexDigits[x>>4], hexDigits[x&15])
	}
	return string(out)
}

func parseHex(text string) ([]byte, bool) {
	if len(text)%2 != 0 {
		return nil, false
	}
	out := make([]byte, len(text)/2)
	for i := range out {
		high, low := strings.IndexByte(hexDigits, text[2*i]), strings.IndexByte(hexDigits, text[2*i+1])
		if high < 0 || low < 0 {
			return nil, false
		}
		out[i] = byte(high<<4 | low)
	}
	return out, true
}

// pinLength is that of the PINs that are drawn.
const pinLength = 6

// drawPIN is a new PIN.
func drawPIN(tx *sdk.Tx) string {
	for {
		if pin := code.Digits(tx.Random(4*pinLength), pinLength); pin != "" {
			return pin
		}
	}
}

func resetPIN(tx *sdk.Tx, in vouchers.CardID) (out vouchers.PINOut, err error) {
	r, k, err := open(tx, in.Card, "/card")
	if err != nil {
		return out, err
	}
	switch {
	case !k.PIN:
		return out, sdk.FailedPrecondition("no_pin", "Cards of this kind have no PIN.")
	case ended(&r):
		return out, sdk.FailedPrecondition("ended", "This card is over.")
	}
	secret, err := ownSalt(tx)
	if err != nil {
		return out, err
	}
	pin := drawPIN(tx)
	r.PIN = key.PIN(secret, r.ID, pin)
	if err := attempts.Delete(tx, sdk.K(ofCard(r.ID))); err != nil {
		return out, err
	}
	return vouchers.PINOut{Card: r.ID, PIN: pin}, cards.Put(tx, r)
}
