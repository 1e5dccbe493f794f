// Command wasm is the vouchers app as a module.
package main

import (
	"github.com/bottega-retail/bottega/apps/vouchers/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
