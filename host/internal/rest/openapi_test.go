package rest

import (
	"testing"

	"github.com/bottega-retail/bottega/host/internal/manifest"
	"github.com/bottega-retail/bottega/manifests"
)

// realManifests are those of the modules of this repository.
func realManifests(t testing.TB) []*manifest.Manifest {
	t.Helper()
	var all []*manifest.Manifest
	for _, id := range manifests.Modules() {
		m, err := manifest.Parse(manifests.Module(id))
		if err != nil {
			t.Fatalf("%s: %v", id, err)
		}
		all = append(all, m)
	}
	return all
}
