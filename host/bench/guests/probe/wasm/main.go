// Command wasm is probe as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/host/bench/guests/probe/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
