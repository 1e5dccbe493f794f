package text_test

import (
	"testing"

	"github.com/bottega-retail/bottega/apps/pricing/internal/text"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// What a return withholds, gives back or cannot work out is said in both languages.
func TestWithheld(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		amount           retail.Money
		reason           string
		italian, english string
	}{
		{600, "", "Ciò che resta al cliente non la merita più: 6,00 € non rimborsati.", "What is kept no longer earns it: €6.00 not refunded."},
		{-600, "", "Rimborsati 6,00 € trattenuti a un reso precedente.", "€6.00 refunded that an earlier return withheld."},
		{-5, "gone", "Rimborsati 0,05 € trattenuti a un reso precedente.", "€0.05 refunded that an earlier return withheld."},
		{0, "gone", "Non ricalcolata, perché quella versione non c'è più: rimborsato quanto pagato per ogni pezzo.", "Not worked out again, since that version is gone: what was paid for each unit is refunded."},
		{0, "differs", "Non ricalcolata, perché oggi darebbe un importo diverso da quello dello scontrino: rimborsato quanto pagato per ogni pezzo.", "Not worked out again, since it would not come to what the receipt says: what was paid for each unit is refunded."},
	} {
		if got := text.Withheld(text.Italian, tt.amount, "EUR", tt.reason); got != tt.italian {
			t.Errorf("%q, want %q", got, tt.italian)
		}
		if got := text.Withheld(text.English, tt.amount, "EUR", tt.reason); got != tt.english {
			t.Errorf("%q, want %q", got, tt.english)
		}
	}
}
