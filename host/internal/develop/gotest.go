package develop

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
)

// Tests runs Go's tests.
type Tests struct {
	Dir      string   // the current folder of the go command
	Patterns []string // Go's; none is ./...
	Update   bool     // write golden files anew
	Record   string   // folder for recordings
	Out      io.Writer
}

// Run runs the tests natively. The error says no more than that they failed:
// Out has been told the rest.
func (t *Tests) Run(ctx context.Context) error {
	patterns := t.Patterns
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	args := slices.Concat([]string{"test"}, patterns)
	if t.Update {
		args = append(args, "-update")
	}
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = t.Dir, t.Out, t.Out
	cmd.Env = append(os.Environ(), RecordVariable+"="+t.Record)
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("the native tests: %w", err)
	}
	return nil
}
