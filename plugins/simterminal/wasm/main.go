// Command wasm is the simterminal plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/simterminal"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(simterminal.New()) }

func main() {}
