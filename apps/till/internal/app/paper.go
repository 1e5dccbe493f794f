package app

import (
	"cmp"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/apps/till/internal/slip"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// onPaper writes a document on paper.
func onPaper(v *sdk.View, in till.PaperIn) (sdk.File, error) {
	if given(in.Receipt, in.External, in.Code, in.Close, string(in.Store)) != 1 || in.Till != "" && in.Store == "" || in.Gift && (in.Close != "" || in.Store != "") {
		return sdk.File{}, sdk.Invalid("", "paper", "Name one document: a receipt, a day close, or a store.")
	}
	set := settings.Get(v)
	o := set.paper(&in)
	var d *paper.Document
	var err error
	name := ""
	switch {
	case in.Close != "":
		name, d, err = closeOnPaper(v, &in, &o)
	case in.Store != "":
		name, d, err = interimOnPaper(v, &in, &o)
	case in.Gift:
		name, d, err = giftOnPaper(v, &in, &o)
	default:
		name, d, err = receiptOnPaper(v, &in, &o)
	}
	if err != nil {
		return sdk.File{}, err
	}
	w := d.Write(in.Format, in.Medium)
	return sdk.File{Name: strings.ReplaceAll(name, "/", "-") + w.Extension, Type: w.Type, Content: w.Content}, nil
}

// given counts what is said.
func given(all ...string) (n int) {
	for _, s := range all {
		if s != "" {
			n++
		}
	}
	return n
}

// paper is how a paper is written, by what was asked for and otherwise by the settings.
func (s *Settings) paper(in *till.PaperIn) slip.Options {
	if in.Medium == "" {
		in.Medium = paper.Medium(s.PaperMedium)
	}
	o := slip.Options{Language: cmp.Or(in.Language, s.PaperLanguage, "it"), Terms: s.ReturnTerms}
	if o.Language == "en" && s.ReturnTermsEnglish != "" {
		o.Terms = s.ReturnTermsEnglish
	}
	return o
}

// headOf is whose paper a store's is. The legal person is that of the document, if the
// store has come to another one since.
func headOf(r sdk.Reader, store retail.StoreID, entity retail.EntityID) (h slip.Head, err error) {
	if h.Store, err = catalog.GetStore.Call(r, catalog.GetStoreIn{ID: store}); err != nil {
		return h, err
	}
	if entity == "" {
		entity = h.Store.Entity
	}
	h.Entity, err = catalog.GetEntity.Call(r, catalog.GetEntityIn{ID: entity})
	return h, err
}

func (in *paperID) receipt() till.ReceiptID {
	return till.ReceiptID{Receipt: in.Receipt, External: in.External, Code: in.Code}
}

// paperID is the part of a question that names a receipt.
type paperID till.PaperIn

func receiptOnPaper(v *sdk.View, in *till.PaperIn, o *slip.Options) (string, *paper.Document, error) {
	r, err := getReceipt(v, (*paperID)(in).receipt())
	if err != nil {
		return "", nil, err
	}
	h, err := headOf(v, r.Store, r.Entity)
	if err != nil {
		return "", nil, err
	}
	if r.Code == "" && r.Number > 0 { // of before there were codes
		r.Code = receipt.CodeOf(r.ID)
	}
	d, err := slip.Receipt(&r, &h, o)
	return r.ID, d, err
}

func giftOnPaper(v *sdk.View, in *till.PaperIn, o *slip.Options) (string, *paper.Document, error) {
	g, err := giftReceipt(v, (*paperID)(in).receipt())
	if err != nil {
		return "", nil, err
	}
	h, err := headOf(v, g.Store, "")
	if err != nil {
		return "", nil, err
	}
	return "gift-" + g.Code, slip.Gift(&g, &h, o), nil
}

func closeOnPaper(v *sdk.View, in *till.PaperIn, o *slip.Options) (string, *paper.Document, error) {
	c, err := getDayClose(v, till.DayCloseID{ID: in.Close})
	if err != nil {
		return "", nil, moved(err, "/id", "/close")
	}
	h, err := headOf(v, c.Store, "")
	if err != nil {
		return "", nil, err
	}
	d, err := slip.Close(&c, fiscalOf(v, c.ID), &h, o)
	return c.ID, d, err
}

func interimOnPaper(v *sdk.View, in *till.PaperIn, o *slip.Options) (string, *paper.Document, error) {
	x, err := interim(v, till.InterimIn{Store: in.Store, Till: in.Till})
	if err != nil {
		return "", nil, err
	}
	h, err := headOf(v, in.Store, "")
	if err != nil {
		return "", nil, moved(err, "/id", "/store")
	}
	d, err := slip.Interim(&x, v.Now(), &h, o)
	return string(in.Store) + "-X", d, err
}
