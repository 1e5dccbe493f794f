package app

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/vouchers"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/paper/papertest"
	"github.com/bottega-retail/bottega/sdk/retail"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// slips is what a printer prints of cards. Their codes differ from run to run.
func slips(t *testing.T, env *sdktest.Env, language string, m paper.Medium, cards ...vouchers.Drawn) string {
	t.Helper()
	in := vouchers.PaperIn{Format: paper.FormatESCPOS, Medium: m, Language: language}
	for _, c := range cards {
		in.Cards = append(in.Cards, vouchers.PaperCard{Code: c.Code})
	}
	f := must(sdktest.Call(env, vouchers.Paper, in))(t)
	text, err := papertest.Print(f.Content, m.Columns())
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	for _, c := range cards {
		if n := strings.Count(text, c.Code); n != 2 {
			t.Errorf("the code is printed %d times, not as a symbol and as text", n)
		}
		if c.PIN != "" && strings.Contains(text, c.PIN) {
			t.Error("the PIN is on the paper")
		}
		text = strings.ReplaceAll(text, c.Code, "ABCD-EFGH-JKMN-PQRS")
	}
	return text
}

// What was issued is printed with the code of the answer: an amount and an end, or of a
// card with a PIN neither. testdata/paper has the slips to look at.
func TestPaper(t *testing.T) {
	t.Parallel()
	env := desk(t, sdktest.Settings(Settings{PaperHead: "Emporio Demo\nVia Dante 1, Milano"}))
	drawn := func(kind string, amount retail.Money) vouchers.Drawn {
		return must(sdktest.Run(env, vouchers.Issue, vouchers.IssueIn{Kind: kind, Amount: amount, Document: "MI-01/3/417"}))(t).Cards[0]
	}
	back, safe := drawn("return", 5990), drawn("safe", 2500)
	got := slips(t, env, "", paper.Roll80, back, safe) + "\n" + slips(t, env, "en", paper.Roll58, back)
	file := filepath.Join("testdata", "paper", "slips.txt")
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%v, got\n%s", err, got)
	}
	must(sdktest.Run(env, vouchers.Redeem, vouchers.RedeemIn{Code: back.Code, Amount: 990, Currency: "EUR", Document: "MI-01/3/418"}))(t)
	if text := slips(t, env, "it", paper.Roll80, back); !strings.Contains(text, "50,00 EUR") {
		t.Errorf("what is left is not on the paper:\n%s", text)
	}

	must(sdktest.Run(env, vouchers.Block, vouchers.BlockIn{Card: back.Card, Reason: "lost"}))(t)
	many := make([]vouchers.PaperCard, vouchers.MaxPapers+1)
	for _, c := range []struct {
		cards           []vouchers.PaperCard
		code            sdk.Code
		reason, pointer string
	}{
		{nil, sdk.CodeInvalid, "cards", "/cards"},
		{many, sdk.CodeInvalid, "cards", "/cards"},
		{[]vouchers.PaperCard{{Code: safe.Code}, {Code: "AAAA-BBBB"}}, sdk.CodeNotFound, "code", "/cards/1/code"},
		{[]vouchers.PaperCard{{Code: back.Code}}, sdk.CodeFailedPrecondition, "not_active", "/cards/0/code"},
	} {
		_, err := sdktest.Call(env, vouchers.Paper, vouchers.PaperIn{Cards: c.cards})
		if e := refuses(t, err, c.code, c.reason); e.Pointer != c.pointer {
			t.Errorf("%s at %q, not %q", c.reason, e.Pointer, c.pointer)
		}
	}
}
