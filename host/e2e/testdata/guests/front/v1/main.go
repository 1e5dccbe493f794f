// Command v1 is a version of front.
package main

import (
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/front/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() {
	sdk.Serve(sdk.NewApp("front", app.Parts(1, func(n *app.Note, text string) { n.Text = text })...))
}

func main() {}
