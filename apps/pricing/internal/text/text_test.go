package text_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing/internal/text"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// over is 22 November 2026 00:00 in Rome.
const over = retail.Instant(1795302000000)

// What is missing is said with its amount, and what is over with the clock of the
// store.
func TestSay(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		why              text.Why
		italian, english string
	}{
		{text.Why{Reason: "amount_missing", Amount: 340, Currency: "EUR"}, "Mancano 3,40 €.", "€3.40 missing."},
		{text.Why{Reason: "amount_missing", Amount: 5, Currency: "CHF"}, "Mancano 0,05 CHF.", "0.05 CHF missing."},
		{text.Why{Reason: "quantity_missing", Quantity: 2}, "Ne mancano 2.", "2 more needed."},
		{text.Why{Reason: "lost_to", With: "Saldi", Amount: 120, Currency: "EUR"}, "Meno conveniente di Saldi: 1,20 € di differenza.", "Lost to Saldi by €1.20."},
		{text.Why{Reason: "over", To: over, Zone: "Europe/Rome"}, "È finita: 2026-11-21 23:59 Europe/Rome.", "It is over since 2026-11-21 23:59 Europe/Rome."},
		{text.Why{Reason: "over", To: over - 3_600_000, Zone: "Europe/Rome"}, "È finita: 2026-11-21 23:00 Europe/Rome.", "It is over since 2026-11-21 23:00 Europe/Rome."},
		{text.Why{Reason: "not_started", From: over, Zone: "Europe/Rome"}, "Comincia il 2026-11-22 00:00 Europe/Rome.", "It starts on 2026-11-22 00:00 Europe/Rome."},
		{text.Why{Reason: "filler_failed", Filler: "happyhour"}, "happyhour non ha risposto.", "happyhour did not answer."},
		{text.Why{Reason: "outside_hours", Filler: "happyhour"}, "outside_hours", "outside_hours"},
	} {
		if got := text.Say(text.Italian, tt.why); got != tt.italian {
			t.Errorf("%+v: %q, want %q", tt.why, got, tt.italian)
		}
		if got := text.Say(text.English, tt.why); got != tt.english {
			t.Errorf("%+v: %q, want %q", tt.why, got, tt.english)
		}
	}
}

// Every reason of the contract has a text in both languages: one that is added there
// and not here fails.
func TestEveryReason(t *testing.T) {
	t.Parallel()
	for _, reason := range reasons(t) {
		italian, english := text.Say(text.Italian, text.Why{Reason: reason}), text.Say(text.English, text.Why{Reason: reason})
		if italian == reason || english == reason || italian == english || strings.Contains(italian+english, "{w") {
			t.Errorf("%s: %q, %q", reason, italian, english)
		}
	}
}

// reasons reads the constants of type Reason in the contract.
func reasons(t *testing.T) (all []string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../../quote.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if v, ok := n.(*ast.ValueSpec); ok {
			if name, ok := v.Type.(*ast.Ident); ok && name.Name == "Reason" {
				for _, value := range v.Values {
					s, _ := strconv.Unquote(value.(*ast.BasicLit).Value)
					all = append(all, s)
				}
			}
		}
		return true
	})
	if len(all) < 20 {
		t.Fatalf("only %d reasons", len(all))
	}
	return all
}
