// Command wasm is the simprinter plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/simprinter"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(simprinter.New()) }

func main() {}
