package bolt_test

import (
	"path/filepath"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/bolt"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

func TestBackend(t *testing.T) {
	t.Parallel()
	storagetest.Backend(t, func(t *testing.T) storagetest.BackendPlace {
		path := filepath.Join(t.TempDir(), "tenant", "data.bolt")
		return func() (storage.Backend, error) { return bolt.Open(path, bolt.Options{}) }
	})
}
