// Package manifests holds the manifests of the modules in this repository, the
// sets that they are offered in, and the schema of manifests. It is data: it
// knows no rule of its own and imports nothing of Bottega.
package manifests

import (
	"embed"
	"path"
	"strings"
)

// The pattern is the folder itself because go:embed refuses one without files.
//
//go:embed *
var files embed.FS

// Schema is the JSON Schema of a manifest.
func Schema() []byte { return read("schema/manifest.schema.json") }

// SetSchema is the JSON Schema of a set.
func SetSchema() []byte { return read("schema/set.schema.json") }

// Modules lists the ids of the modules that have a manifest here, sorted.
func Modules() []string { return list(".") }

// Module is the manifest of a module, nil if it has none here.
func Module(id string) []byte { return read(id + ".json") }

// Sets lists the ids of the ready compositions, sorted.
func Sets() []string { return list("sets") }

// Set is a ready composition, nil if there is none of that id.
func Set(id string) []byte { return read("sets/" + id + ".json") }

func list(dir string) []string {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return nil
	}
	var ids []string
	for _, e := range entries {
		if id, ok := strings.CutSuffix(e.Name(), ".json"); ok && !e.IsDir() {
			ids = append(ids, id)
		}
	}
	return ids
}

func read(name string) []byte {
	b, err := files.ReadFile(path.Clean(name))
	if err != nil {
		return nil
	}
	return b
}
