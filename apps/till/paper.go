package till

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Paper is a document on paper: a receipt, its gift receipt, a day close (Z), or what tills
// have written since their last one (X). It says what the document that is kept says, at
// any time and as often as it is asked for: who sells as the catalog has it now, the rest
// as it was then.
//
// It is not the fiscal document: that is the fiscal device's own, by law (D.Lgs. 127/2015,
// art. 2), and so this says that it is none, or of which one it is a copy. Codes of
// vouchers are not on it, since they are not kept: see vouchers.paper.
//
// Errors: those of GetReceipt, GetGiftReceipt, GetDayClose and Interim; invalid, reason
// "paper" (not exactly one document is named).
//
//bottega:example {"receipt":"MI-01/1/1","format":"pdf"}
var Paper = sdk.Query[PaperIn, sdk.File]{Name: "till.paper"}

// PaperIn names a document, by exactly one of Receipt, External, Code, Close and Store, and
// says how it is written.
type PaperIn struct {
	Receipt  string `json:"receipt,omitempty"`
	External string `json:"external,omitempty"`
	Code     string `json:"code,omitempty"` // as scanned from the paper
	Gift     bool   `json:"gift,omitempty"` // of a sale: what a present goes with, without prices

	Close string         `json:"close,omitempty"` // id of a day close
	Store retail.StoreID `json:"store,omitempty"` // its tills since their last day close
	Till  string         `json:"till,omitempty"`  // with Store: one of them

	Format   paper.Format `json:"format,omitempty"`                // "" is pdf
	Medium   paper.Medium `json:"medium,omitempty"`                // "" is what the settings say
	Language string       `json:"language,omitempty" enum:"it,en"` // "" is what the settings say
}
