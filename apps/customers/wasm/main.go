// Command wasm is the customer register as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/apps/customers/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
