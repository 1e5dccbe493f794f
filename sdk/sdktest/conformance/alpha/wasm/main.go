// Command wasm is alpha as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha/internal/app"
)

func init() { sdk.Serve(app.New()) }

func main() {}
