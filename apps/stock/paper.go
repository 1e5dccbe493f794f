package stock

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
)

// Paper is the transport document of a transfer on paper: what DPR 472/96, art. 1, third
// paragraph, asks for, and what is usual beside it, to be signed by who carries and who
// receives. It says the same at any time, since the document is frozen when goods leave.
//
// Errors: those of GetTransfer; failed_precondition, reason "state" (nothing has left, and
// there is no document).
//
//bottega:example {"id":"01JD7Z0K3V6Q8S1T2W4X5Y6Z7A"}
var Paper = sdk.Query[PaperIn, sdk.File]{Name: "stock.paper"}

// PaperIn names a transfer and says how its document is written.
type PaperIn struct {
	ID       string       `json:"id"`
	Format   paper.Format `json:"format,omitempty"`                // "" is pdf
	Medium   paper.Medium `json:"medium,omitempty"`                // "" is a4
	Language string       `json:"language,omitempty" enum:"it,en"` // "" is it
}
