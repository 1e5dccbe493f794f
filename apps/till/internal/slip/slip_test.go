package slip

import (
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

var emporio = &Head{
	Entity: catalog.Entity{Name: "Emporio S.r.l.", TaxCode: "RSSMRA80A01F205X", Address: &catalog.Address{City: "Torino"}},
	Store:  catalog.Store{Name: "Emporio S.r.l.", Zone: "Europe/Rome", Currency: "EUR"},
}

// said is what a line of a paper says, with single spaces, for each line that has a word.
func said(t *testing.T, d *paper.Document, err error, word string) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, l := range strings.Split(d.Plain(paper.Roll80), "\n") {
		if text := strings.Join(strings.Fields(l), " "); strings.Contains(text, word) {
			found = append(found, text)
		}
	}
	return strings.Join(found, " | ")
}

// What is not on every receipt.
func TestRareLines(t *testing.T) {
	t.Parallel()
	r := till.Receipt{
		ID: "MI-01/3/417", Kind: till.Sale, Zone: "Europe/Rome", Currency: "EUR", TaxCode: "01234567897", At: 1_795_275_900_000,
		Lines: []till.ReceiptLine{
			{Quantity: 350, UnitPrice: 1200, Per: 1000, List: 420, Total: 420, Goods: pricing.Goods{Description: "Miele sfuso", Unit: retail.Gram, VATRate: 1000}},
			{Quantity: 1, List: 5000, Total: 4000, Discount: 1000, Goods: pricing.Goods{Description: "Maglia", Size: "M", Colour: "blu", VATRate: 750},
				Applied: []pricing.Applied{{Promotion: "p", Version: 2, Amount: 400}, {Filler: "happyhour", Amount: 100}}},
			{Quantity: 1, List: 2500, Total: 2500, Stored: "*A7K2 01JD7Z0K3V6Q8S1T2W4X5Y6Z7A", Goods: pricing.Goods{Description: "Carta regalo"}},
			{SKU: "X-1", Quantity: 1},
		},
		Applied: []pricing.Applied{{Promotion: "p", Version: 1, Name: "Old"}, {Promotion: "p", Version: 2, Name: "Di lana"}},
		Total:   6920, Tenders: []till.Taken{{Type: "gift_card", Amount: 6920, Reference: "*B8L3 01JD7Z0K3V6Q8S1T2W4X5Y6Z7B"}, {Type: "some_app", Amount: 0}},
	}
	r.Fiscal = &till.FiscalReference{Serial: "99MEY012345", Z: 12, Number: 7}
	d, err := Receipt(&r, emporio, &Options{Language: "it"})
	for word, want := range map[string]string{
		"kg":      "0,35 kg x 12,00/kg",
		"Maglia":  "Maglia M blu 7,5% 50,00",
		"lana":    "Di lana -4,00",
		"Sconto":  "Sconto -1,00 | Sconto -5,00", // of an app without a name, and what nothing explains
		"A7K2":    "Carta *A7K2",
		"B8L3":    "Carta regalo *B8L3 69,20",
		"01JD":    "",
		"X-1":     "X-1 0% 0,00",
		"some":    "some app 0,00",
		"COPIA":   "COPIA DEL DOCUMENTO COMMERCIALE N. 0012-0007",
		"RT ":     "RT 99MEY012345",
		"FISCALE": "",
		"cliente": "C.F./P.IVA cliente 01234567897",
		"C.F. ":   "C.F. RSSMRA80A01F205X",
		"Torino":  "Torino",
		"Emporio": "Emporio S.r.l.", // once: the shop is called like the company
	} {
		if got := said(t, d, err, word); got != want {
			t.Errorf("%q: %q, not %q", word, got, want)
		}
	}
	r = till.Receipt{Kind: till.Advance, Zone: "Europe/Rome", Currency: "EUR", VAT: []retail.VATShare{{Gross: 1000, Net: 1000}}}
	d, err = Receipt(&r, emporio, &Options{Language: "it"})
	if got := said(t, d, err, "DEPOSITO"); got != "DEPOSITO" {
		t.Errorf("earnest money is called %q", got)
	}
	d, err = Close(&till.DayClose{Zone: "Europe/Rome"}, &till.FiscalReference{Serial: "99MEY012345", Z: 12}, emporio, &Options{Language: "it"})
	if got := said(t, d, err, "FISCALE"); got != "COPIA DELLA CHIUSURA FISCALE N. 0012" {
		t.Errorf("the close of the device is called %q", got)
	}
	d, err = Close(&till.DayClose{Zone: "Europe/Rome", Offline: 3}, nil, emporio, &Options{Language: "it"})
	if got := said(t, d, err, "scollegata"); got != "Più quelli a cassa scollegata 3" {
		t.Errorf("a day of a till that was cut off says %q", got)
	}
	if _, err := Receipt(&till.Receipt{Zone: "Nowhere/Else"}, emporio, &Options{}); err == nil {
		t.Error("a zone that nobody knows has a clock")
	}
}

// Both languages say all that the other says.
func TestWords(t *testing.T) {
	t.Parallel()
	for kind := range italian.tenders {
		if italian.tenders[kind] == "" || english.tenders[kind] == "" {
			t.Errorf("tender %s has no name", kind)
		}
	}
	for _, kind := range []till.Kind{till.Sale, till.Refund, till.Annul, till.Historic, till.Advance} {
		for _, w := range []*words{&italian, &english} {
			if w.kinds[kind] == "" || w.headings[kind] == "" {
				t.Errorf("%s has no name", kind)
			}
		}
	}
}
