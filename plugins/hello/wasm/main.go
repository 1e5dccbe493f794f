// Command wasm is the hello plugin as a module.
package main

import (
	"github.com/bottega-retail/bottega/plugins/hello"

	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(hello.New()) }

func main() {}
