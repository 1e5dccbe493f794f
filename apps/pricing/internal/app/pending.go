package app

import (
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
)

// Until their owners' files land (P3 law.go): delete from here what you
// add.

func lawFindings(sdk.Reader, *pricing.Promotion) []pricing.Finding { return nil }

func putEvidence(*sdk.Tx, *pricing.Promotion) (string, error) { return "", nil }
