//go:build !wasip1

// Package plugins is the source of the plugins in this repository, as data: a
// host without built modules builds them. It knows no plugin and no rule;
// nothing else imports it.
package plugins

import "embed"

// Source is every Go file below this folder, tests included.
//
//go:embed */*.go */*/*.go
var Source embed.FS
