package app

import (
	"cmp"
	"strings"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/stock/internal/waybill"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
)

// onPaper writes the transport document of a transfer on paper.
func onPaper(v *sdk.View, in stock.PaperIn) (sdk.File, error) {
	t, err := getTransfer(v, stock.TransferID{ID: in.ID})
	if err != nil {
		return sdk.File{}, err
	}
	if t.DDT == nil {
		e := sdk.FailedPrecondition("state", "Nothing has left: there is no transport document.")
		e.Fields = []sdk.Field{sdk.Text("state", string(t.State))}
		return sdk.File{}, e
	}
	from, err := catalog.GetStore.Call(v, catalog.GetStoreIn{ID: t.FromStore})
	if err != nil {
		return sdk.File{}, err
	}
	d, err := waybill.Document(t.DDT, from.Zone, cmp.Or(in.Language, "it"))
	if err != nil {
		return sdk.File{}, err
	}
	w := d.Write(in.Format, cmp.Or(in.Medium, paper.A4))
	return sdk.File{Name: "DDT-" + strings.ReplaceAll(t.DDT.Number, "/", "-") + w.Extension, Type: w.Type, Content: w.Content}, nil
}
