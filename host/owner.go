package host

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// OwnerToken is the file in the host's folder with the token of its owner, made
// when the host starts and nobody is left who may do everything. Whoever reads it
// may do everything.
const OwnerToken = "owner.token"

// bootstrap makes the owner's token if nobody may do everything. The file comes
// first: a token without one would keep everybody out until it ends.
func (h *Host) bootstrap(ctx context.Context) error {
	path := filepath.Join(h.config.Dir, OwnerToken)
	created, err := h.rooms.accounts.Bootstrap(ctx, func(token string) error { return keepToken(path, token) })
	if err == nil && created {
		h.config.Progress("owner's token written to " + path)
	}
	return err
}

// keepToken writes a token where only the operator of the machine reads it, in
// place of one that is over. It is on disk when this returns.
func keepToken(path, token string) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".owner-*") // 0600
	if err != nil {
		return fmt.Errorf("write the owner's token: %w", err)
	}
	_, err = f.WriteString(token + "\n")
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("write the owner's token: %w", errors.Join(err, os.Remove(f.Name())))
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
