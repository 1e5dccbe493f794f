//go:build !admin

package admin

import (
	"embed"
	"io/fs"
)

//go:embed stub
var stub embed.FS

// built is a page that says how to get the admin into the binary: plain
// `go build` needs no Node.
func built() fs.FS {
	root, err := fs.Sub(stub, "stub")
	if err != nil {
		panic("admin: " + err.Error()) // the path is a constant
	}
	return root
}
