// Command wasm is the pricing app as a module.
package main

import (
	"github.com/bottega-retail/bottega/apps/pricing/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
