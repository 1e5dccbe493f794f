// Package slip says what stands on the papers of a till: receipts, gift receipts, day
// closes and interim reports, in Italian and English. It knows the documents of the till
// and whose they are, and neither where they are kept nor how paper is printed.
package slip

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Head is whose paper it is.
type Head struct {
	Entity catalog.Entity
	Store  catalog.Store
}

// Options are how a paper is written.
type Options struct {
	Language string // it, or any other for English
	Terms    string // on what conditions goods come back; "" says nothing
}

// slip is a paper while it is written.
type slip struct {
	paper.Document
	words
	language string
	currency retail.Currency
	zone     retail.Zone
}

func begin(title string, o *Options, zone retail.Zone, c retail.Currency) *slip {
	s := &slip{words: english, language: "en", currency: c, zone: zone}
	if o.Language == "it" {
		s.words, s.language = italian, "it"
	}
	s.Title, s.Document.Language = title, s.language
	return s
}

// head is who sells, and where. A documento commerciale has name, VAT number and premises
// (DM 7 December 2016, art. 2), and so has its copy.
func (s *slip) head(h *Head) {
	s.Text(paper.Bold|paper.Centre, h.Entity.Name)
	if at := place(h.Store.Address); at != "" {
		s.Text(paper.Centre, at)
	} else if at := place(h.Entity.Address); at != "" {
		s.Text(paper.Centre, at)
	}
	switch {
	case h.Entity.VATNumber != "":
		s.Text(paper.Centre, s.vatNumber+" "+h.Entity.VATNumber)
	case h.Entity.TaxCode != "":
		s.Text(paper.Centre, s.taxCode+" "+h.Entity.TaxCode)
	}
	if h.Store.Name != "" && h.Store.Name != h.Entity.Name {
		s.Text(paper.Centre, h.Store.Name)
	}
	s.Space()
}

// place is an address on one line.
func place(a *catalog.Address) string {
	if a == nil {
		return ""
	}
	town := strings.TrimSpace(a.CAP + " " + a.City)
	if a.Province != "" && a.Province != a.City {
		town = strings.TrimSpace(town + " " + a.Province)
	}
	if a.Street != "" && town != "" {
		return a.Street + ", " + town
	}
	return a.Street + town
}

// status says that this is no fiscal document, or of which one of the device's it is a
// copy: nil if the device has printed none.
func (s *slip) status(f *till.FiscalReference) {
	switch {
	case f == nil:
		s.Text(paper.Bold|paper.Centre, s.notFiscal)
		return
	case f.Number == 0: // of a day close
		s.Text(paper.Bold|paper.Centre, s.fiscalClose+" "+four(f.Z))
	default:
		s.Text(paper.Bold|paper.Centre, s.copyOf+" "+four(f.Z)+"-"+four(f.Number))
	}
	s.Text(paper.Centre, s.device+" "+f.Serial)
}

// four is a number of a fiscal device, which has four digits.
func four(n int64) string {
	text := strconv.FormatInt(n, 10)
	return strings.Repeat("0", max(0, 4-len(text))) + text
}

// amount is money of the paper's currency, without its sign.
func (s *slip) amount(m retail.Money) string { return s.amountIn(m, s.currency) }

func (s *slip) amountIn(m retail.Money, c retail.Currency) string {
	digits, _ := c.Digits()
	return paper.Decimal(int64(m), digits, s.language)
}

// rate is a percentage: 22%, 7,5%.
func (s *slip) rate(r retail.BasisPoints) string {
	return paper.Quantity(int64(r)*10, s.language) + "%"
}

// moment is an instant by the clock of the store.
func (s *slip) moment(at retail.Instant) (string, error) {
	local, err := s.zone.Local(at)
	if err != nil {
		return "", err
	}
	return paper.Date(string(local.Date), s.language) + " " + string(local.Time())[:5], nil
}

// vat writes what is inside an amount by rate.
func (s *slip) vat(shares []retail.VATShare, c retail.Currency) {
	for _, v := range shares {
		s.Pair(0, s.vatWord+" "+s.rate(v.Rate)+" "+s.on+" "+s.amountIn(v.Net, c), s.amountIn(v.VAT, c))
	}
}

// tender is what a means of payment is called.
func (s *slip) tender(kind string) string {
	if name := s.tenders[kind]; name != "" {
		return name
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// masked is what may be shown of a reference: the first word, which holds no code.
func masked(reference string) string {
	word, _, _ := strings.Cut(reference, " ")
	return word
}
