// Command wasm is the till app as a module.
package main

import (
	"github.com/bottega-retail/bottega/apps/till/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
