package sdk_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk"
)

// ListIn asks for a list.
type ListIn struct {
	Names []string `json:"names"`
}

// exported is a list as a table that spreadsheets open.
func exported(_ *sdk.View, in ListIn) (sdk.File, error) {
	f := sdk.File{Name: "names.csv", Type: "text/csv"}
	for _, n := range in.Names {
		f.Content = append(f.Content, n+"\r\n"...)
	}
	return f, nil
}

// A query whose answer is a file.
func ExampleFile() {
	export := sdk.Query[ListIn, sdk.File]{Name: "lists.export"}
	_ = export.Handle(exported)
	f, err := exported(nil, ListIn{Names: []string{"Ada", "Bruno"}})
	fmt.Printf("%s %s %q %v\n", f.Name, f.Type, f.Content, err)
	// Output: names.csv text/csv "Ada\r\nBruno\r\n" <nil>
}
