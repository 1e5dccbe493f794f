// Command wasm is the markdown plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/markdown"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(markdown.New()) }

func main() {}
