// Command wasm is the happyhour plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/happyhour"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(happyhour.New()) }

func main() {}
