// Command wasm is the partnercodes plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/partnercodes"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(partnercodes.New()) }

func main() {}
