// Package messagetest lends the message app to native tests of other apps: of an app,
// others may import the contract, and in tests this. Guests must not import it.
package messagetest

import (
	"github.com/bottega-retail/bottega/apps/message/internal/app"
	"github.com/bottega-retail/bottega/sdk"
)

// New is the app, for sdktest.New or sdktest.With.
func New() *sdk.App { return app.New() }
