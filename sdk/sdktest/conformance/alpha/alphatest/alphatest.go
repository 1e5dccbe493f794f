// Package alphatest hands alpha to native tests; only packages below alpha may import
// the app itself.
package alphatest

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/sdktest/conformance/alpha/internal/app"
)

// New is alpha.
func New() *sdk.App { return app.New() }
