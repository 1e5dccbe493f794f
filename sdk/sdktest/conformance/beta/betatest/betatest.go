// Package betatest hands beta to native tests; only packages below beta may import
// the app itself.
package betatest

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/beta/internal/app"
)

// New is beta.
func New() *sdk.App { return app.New() }
