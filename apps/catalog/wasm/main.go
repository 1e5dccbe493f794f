// Command wasm is the catalog as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/apps/catalog/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
