// Package waybill says what stands on a transport document (documento di trasporto, DDT)
// on paper, in Italian and English. It knows the document and not where it is kept.
package waybill

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Document is a transport document as a page. Of the law's parts it has number and date,
// both parties with their particulars, kind and quantity of the goods and who carries them
// (DPR 472/96, art. 1, third paragraph); the cause of the transport says that nothing is
// sold. Errors: those of retail.Zone, which is the sender's.
func Document(t *stock.TransportDocument, zone retail.Zone, language string) (*paper.Document, error) {
	words := english
	if language == "it" {
		words = italian
	}
	departure, err := zone.Local(t.Departure)
	if err != nil {
		return nil, err
	}
	d := &paper.Document{Title: words.title + " " + t.Number, Language: language}
	d.Text(paper.Bold|paper.Tall, words.title)
	d.Text(0, words.law)
	d.Pair(paper.Bold, words.number+" "+t.Number, words.date+" "+paper.Date(string(t.Date), language))
	d.Rule()
	d.Row(paper.Bold, paper.Cell{Text: words.sender}, paper.Cell{Text: words.recipient})
	parties(d, &words, &t.Sender, &t.Recipient)
	d.Rule()
	facts(d, &words, t, paper.Date(string(departure.Date), language)+" "+string(departure.Time())[:5], language)
	d.Rule()
	goods(d, &words, t.Lines, language)
	d.Rule()
	if t.BetweenEntities {
		d.Text(paper.Bold, words.invoice)
	}
	signatures(d, &words)
	return d, nil
}

// parties writes who sends and who receives, side by side.
func parties(d *paper.Document, w *words, from, to *stock.TransportParty) {
	a, b := party(w, from), party(w, to)
	for i := range max(len(a), len(b)) {
		var left, right string
		if i < len(a) {
			left = a[i]
		}
		if i < len(b) {
			right = b[i]
		}
		d.Row(0, paper.Cell{Text: left}, paper.Cell{Text: right})
	}
}

// party is a legal person with its seat, and the premises that goods leave or reach.
func party(w *words, p *stock.TransportParty) (lines []string) {
	add := func(head, text string) {
		if text != "" {
			lines = append(lines, head+text)
		}
	}
	add("", p.Entity)
	add("", place(p.Seat))
	add(w.vatNumber+" ", p.VATNumber)
	add(w.taxCode+" ", p.TaxCode)
	add(w.premises+": ", p.Store)
	add("", place(p.Address))
	return lines
}

// place is an address on one line.
func place(a *catalog.Address) string {
	if a == nil {
		return ""
	}
	town := strings.Join(strings.Fields(a.CAP+" "+a.City+" "+a.Province), " ")
	if a.Street != "" && town != "" {
		return a.Street + ", " + town
	}
	return a.Street + town
}

// facts writes why, how and by whom goods travel.
func facts(d *paper.Document, w *words, t *stock.TransportDocument, departure, language string) {
	fact := func(name, value string) {
		if value != "" {
			d.Row(0, paper.Cell{Text: name, Width: 30}, paper.Cell{Text: value})
		}
	}
	carrier := t.Carrier
	if carrier == "" {
		carrier = w.bySender
	}
	fact(w.reason, t.Reason)
	fact(w.departure, departure)
	fact(w.carrier, carrier)
	fact(w.carriage, t.Carriage)
	fact(w.appearance, t.Appearance)
	if t.Parcels > 0 {
		fact(w.parcels, strconv.FormatInt(t.Parcels, 10))
	}
	if t.Weight > 0 {
		fact(w.weight, paper.Quantity(t.Weight, language)+" kg")
	}
}

// goods writes the table, with how many pieces there are in all.
func goods(d *paper.Document, w *words, lines []stock.TransportedGoods, language string) {
	row := func(add func(paper.Style, ...paper.Cell), s paper.Style, sku, what, unit, quantity string) {
		add(s, paper.Cell{Text: sku, Width: 20}, paper.Cell{Text: what}, paper.Cell{Text: unit, Width: 6}, paper.Cell{Text: quantity, Width: 12, Right: true})
	}
	row(d.Heading, paper.Bold, w.sku, w.what, w.unit, w.quantity)
	for _, l := range lines {
		unit, quantity := w.pieces, paper.Decimal(int64(l.Quantity), 0, language)
		if measure := measures[l.Unit]; measure != "" {
			unit, quantity = measure, paper.Quantity(int64(l.Quantity), language)
		}
		row(d.Row, 0, string(l.SKU), l.Description, unit, quantity)
	}
}

// measures are the units of goods that are no pieces; quantities count thousandths.
var measures = map[retail.Unit]string{retail.Gram: "kg", retail.Millimetre: "m", retail.Millilitre: "l"}

// signatures leaves room for who carries and who receives.
func signatures(d *paper.Document, w *words) {
	d.Space()
	d.Space()
	line := strings.Repeat("_", 24)
	d.Row(0, paper.Cell{Text: w.signSender}, paper.Cell{Text: w.signCarrier}, paper.Cell{Text: w.signRecipient})
	d.Space()
	d.Row(0, paper.Cell{Text: line}, paper.Cell{Text: line}, paper.Cell{Text: line})
}
