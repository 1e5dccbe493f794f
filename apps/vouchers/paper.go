package vouchers

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
)

// Paper prints cards whose codes the caller has: what Issue answered, what a till's
// answer has as printed, or what somebody shows. Each becomes a slip with what it is, what
// is on it, until when, and its code to scan.
//
// A code is a secret that this app does not keep, so that it can be on paper only while
// somebody holds it: it is given here, goes onto the paper, and nowhere else. Amount and
// expiry are the ledger's. Of a card with a PIN neither is printed, because whoever finds
// the slip has the code; the PIN is told apart from it.
//
// Errors: invalid, reason "cards" (none, or more than MaxPapers); with pointer
// /cards/N/code: not_found, reason "code"; failed_precondition, reason "not_active".
var Paper = sdk.Query[PaperIn, sdk.File]{Name: "vouchers.paper"}

// MaxPapers bounds the cards of one Paper.
const MaxPapers = 20

// PaperIn is cards and how they are printed. It is sent as a body only: codes have no
// place in a URL.
type PaperIn struct {
	Cards    []PaperCard  `json:"cards"`
	Format   paper.Format `json:"format,omitempty"`                // "" is pdf
	Medium   paper.Medium `json:"medium,omitempty"`                // "" is what the settings say
	Language string       `json:"language,omitempty" enum:"it,en"` // "" is what the settings say
}

// PaperCard is one card.
type PaperCard struct {
	Code string `json:"code"` // in any way of writing it
}
