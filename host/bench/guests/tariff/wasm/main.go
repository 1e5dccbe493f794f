// Command wasm is tariff as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/host/bench/guests/tariff/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
