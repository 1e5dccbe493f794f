// Command v2 is a version of back.
package main

import (
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/back/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(sdk.NewApp("back", app.Parts(2)...)) }

func main() {}
