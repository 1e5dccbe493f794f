//go:build !wasip1

package sdk

import "embed"

// Source is the source of the SDK, tests included, for the tool that unpacks it
// beside an author's project. Only the host's developer tools read it, and the
// linker leaves it out of whatever does not; what they unpack is without this
// file.
//
//go:embed *.go abi/*.go internal/*/*.go retail/*.go code/*.go paper/*.go paper/papertest/*.go sdktest/*.go wire/*.go
var Source embed.FS
