//go:build admin

package admin

import (
	"embed"
	"io/fs"
)

//go:embed all:ui/dist
var dist embed.FS

// built is what `npm run build` made of ui.
func built() fs.FS {
	root, err := fs.Sub(dist, "ui/dist")
	if err != nil {
		panic("admin: " + err.Error()) // the path is a constant
	}
	return root
}
