// Command wasm is the together plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/together"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(together.New()) }

func main() {}
