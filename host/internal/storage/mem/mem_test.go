package mem_test

import (
	"testing"

	"github.com/bottega-retail/bottega/host/internal/storage"
	"github.com/bottega-retail/bottega/host/internal/storage/mem"
	"github.com/bottega-retail/bottega/host/internal/storage/storagetest"
)

func TestBackend(t *testing.T) {
	t.Parallel()
	storagetest.Backend(t, func(*testing.T) storagetest.BackendPlace {
		b := mem.New()
		return func() (storage.Backend, error) { return b, nil }
	})
}
