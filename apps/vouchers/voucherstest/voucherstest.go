// Package voucherstest lends the vouchers app to native tests of other apps: of an app,
// others may import the contract, and in tests this. Guests must not import it.
package voucherstest

import (
	"github.com/bottega-retail/bottega/apps/vouchers/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

// New is the app, for sdktest.New or sdktest.With.
func New() *sdk.App { return app.New() }
