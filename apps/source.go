//go:build !wasip1

// Package apps is the source of the apps in this repository, as data: the
// developer tools unpack contracts beside an author's project. It knows no app
// and no rule; nothing else imports it.
package apps

import "embed"

// Source is every Go file below this folder, tests included.
//
//go:embed */*.go */*/*.go */internal/*/*.go
var Source embed.FS
