// Package pricingtest lends the pricing app to native tests of other apps: of an app,
// others may import the contract, and in tests this. Guests must not import it.
package pricingtest

import (
	"github.com/bottega-retail/bottega/apps/pricing/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

// New is the app, for sdktest.New or sdktest.With.
func New() *sdk.App { return app.New() }
