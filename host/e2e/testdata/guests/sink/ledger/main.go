// Command ledger is one of three apps of the same code.
package main

import (
	"github.com/bottega-retail/bottega/host/e2e/testdata/guests/sink"
	"github.com/bottega-retail/bottega/sdk"
)

func init() { sdk.Serve(sdk.NewApp("ledger", sink.Parts()...)) }

func main() {}
