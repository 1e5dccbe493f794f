// Command wasm is the message app as a guest module.
package main

import (
	"github.com/bottega-retail/bottega/apps/message/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(app.New()) }

func main() {}
