// Command wasm is hearer as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/host/bench/guests/hearer/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
