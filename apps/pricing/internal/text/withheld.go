package text

import "github.com/bottega-retail/bottega/sdk/retail"

// Withheld says what a return refunded less because of a promotion that the goods which
// are kept no longer earn. Below zero is what it gave back of what earlier returns
// withheld; zero with a reason is what could not be worked out again.
func Withheld(l Language, amount retail.Money, currency retail.Currency, reason string) string {
	italian, english := "Ciò che resta al cliente non la merita più: "+Amount(l, amount, currency)+" non rimborsati.",
		"What is kept no longer earns it: "+Amount(l, amount, currency)+" not refunded."
	switch {
	case amount < 0:
		italian, english = "Rimborsati "+Amount(l, -amount, currency)+" trattenuti a un reso precedente.",
			Amount(l, -amount, currency)+" refunded that an earlier return withheld."
	case amount == 0 && reason == "gone":
		italian, english = "Non ricalcolata, perché quella versione non c'è più: rimborsato quanto pagato per ogni pezzo.",
			"Not worked out again, since that version is gone: what was paid for each unit is refunded."
	case amount == 0:
		italian, english = "Non ricalcolata, perché oggi darebbe un importo diverso da quello dello scontrino: rimborsato quanto pagato per ogni pezzo.",
			"Not worked out again, since it would not come to what the receipt says: what was paid for each unit is refunded."
	}
	if l == Italian {
		return italian
	}
	return english
}
