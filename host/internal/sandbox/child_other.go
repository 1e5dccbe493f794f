//go:build !linux

package sandbox

import (
	"errors"
	"syscall"
)

// limitProcess does nothing here: only the parent's timeout bounds a
// compilation. This platform is for development.
func limitProcess(_, _ uint64) error { return nil }

func isNotEmpty(err error) bool { return errors.Is(err, syscall.ENOTEMPTY) }
