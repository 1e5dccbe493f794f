package app

import (
	"strings"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

func ask(t fatal, env *sdktest.Env, code, pin, visitor string) vouchers.BalanceOut {
	t.Helper()
	return must(sdktest.Run(env, vouchers.Balance, vouchers.BalanceIn{Code: code, PIN: pin, Visitor: visitor}))(t)
}

// Whoever has code and PIN is told the balance, and is answered a token that pays. All else
// is one and the same answer.
func TestBalance(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "safe", 5000)
	out := ask(t, env, strings.ToLower(c.Code), c.PIN, "")
	if !out.Known || out.Balance != 5000 || out.State != vouchers.StateActive {
		t.Errorf("told %+v", out)
	}
	for name, got := range map[string]vouchers.BalanceOut{
		"a wrong PIN": ask(t, env, c.Code, "000000", ""), "no PIN": ask(t, env, c.Code, "", ""), "a wrong code": ask(t, env, "2222-2222-2222-2222", c.PIN, ""),
	} {
		if got != (vouchers.BalanceOut{}) {
			t.Errorf("%s is told %+v", name, got)
		}
	}
	_, err := sdktest.One(env, till.Tender, "gift_card", pay(c.Code, 100, "R1"))
	refuses(t, err, sdk.CodeFailedPrecondition, "pin")
	must(sdktest.One(env, till.Tender, "gift_card", pay(out.Token, 100, "R1")))(t)
	_, err = sdktest.One(env, till.Tender, "gift_card", pay(out.Token[:len(out.Token)-1]+"0", 100, "R2"))
	if sdk.CodeOf(err) != sdk.CodeNotFound && !strings.HasSuffix(out.Token, "0") {
		t.Errorf("a forged token: %v", err)
	}
	if err := env.Advance(15 * time.Minute); err != nil {
		t.Fatal(err)
	}
	_, err = sdktest.One(env, till.Tender, "gift_card", pay(out.Token, 100, "R3"))
	refuses(t, err, sdk.CodeNotFound, "code")
	sound(t, env)
}

// Wrong PINs are counted whatever the answer was; after five the card is locked for an
// hour, also to whoever knows the right one. A new PIN forgets them.
func TestWrongPINs(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Twice)
	c := bought(t, env, "safe", 5000)
	for range 4 {
		ask(t, env, c.Code, "x", "")
	}
	if !ask(t, env, c.Code, c.PIN, "").Known {
		t.Fatal("locked after four")
	}
	for range 5 {
		ask(t, env, c.Code, "x", "")
	}
	if ask(t, env, c.Code, c.PIN, "").Known {
		t.Fatal("not locked after five")
	}
	if on(t, env, c.Card).Locked == 0 {
		t.Error("staff does not see the lock")
	}
	if err := env.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if !ask(t, env, c.Code, c.PIN, "").Known {
		t.Fatal("locked for ever")
	}
	for range 5 {
		ask(t, env, c.Code, "x", "")
	}
	other := must(sdktest.Run(env, vouchers.ResetPIN, vouchers.CardID{Card: c.Card}))(t)
	if ask(t, env, c.Code, c.PIN, "").Known && other.PIN != c.PIN || !ask(t, env, c.Code, other.PIN, "").Known {
		t.Error("the new PIN is not the one that counts")
	}
	_, err := sdktest.Run(env, vouchers.ResetPIN, vouchers.CardID{Card: bought(t, env, "gift", 1).Card})
	refuses(t, err, sdk.CodeFailedPrecondition, "no_pin")
}

// A visitor who tries codes is answered nothing any more, and nobody else suffers.
func TestGuessing(t *testing.T) {
	t.Parallel()
	env := desk(t)
	c := bought(t, env, "gift", 5000)
	for range 10 {
		ask(t, env, "2222-2222-2222-2222", "", "session-7")
	}
	if ask(t, env, c.Code, "", "session-7").Known {
		t.Error("a visitor who guesses is told a balance")
	}
	if !ask(t, env, c.Code, "", "session-8").Known || !ask(t, env, c.Code, "", "").Known {
		t.Error("others are locked out")
	}
	if err := env.Advance(time.Hour); err != nil {
		t.Fatal(err)
	}
	if !ask(t, env, c.Code, "", "session-7").Known {
		t.Error("barred for ever")
	}
}

// Nothing that is kept holds a code or a PIN.
func TestNothingSecretIsKept(t *testing.T) {
	t.Parallel()
	env := desk(t)
	c := bought(t, env, "safe", 5000)
	must(sdktest.Run(env, vouchers.Import, vouchers.ImportIn{Kind: "gift", Codes: []vouchers.ImportCode{{Code: "CANARY-4711-CANARY"}}}))(t)
	if err := env.View(func(v *sdk.View) error {
		for r := range cards.Scan(v, sdk.Scan{}) {
			for _, secret := range []string{c.Code, strings.ReplaceAll(c.Code, "-", ""), c.PIN, "CANARY"} {
				for _, text := range []string{r.Code, r.PIN, r.Masked, r.Document, r.Reason, r.ID} {
					if strings.Contains(text, secret) {
						t.Errorf("%s is kept in %q", secret, text)
					}
				}
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
}
