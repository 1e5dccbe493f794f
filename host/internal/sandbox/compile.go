package sandbox

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"time"
)

// maxReport bounds what is kept of the child's output, in bytes.
const maxReport = 64 << 10

// childMark is set in the environment of the child. A program that does not
// know the verb, such as a test binary without CompileMain in its TestMain,
// would do what it always does, down to starting a child of its own: New
// refuses that.
const childMark = "BOTTEGA_COMPILE_CHILD"

// compileChild has a child process compile wasm into the cache.
func (s *Sandbox) compileChild(ctx context.Context, wasm []byte, key string, e Engine) error {
	dir, err := s.cache.stage()
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // left behind, it is swept when it is stale
	if err := s.runChild(ctx, wasm, job{out: dir, engine: e, size: len(wasm), cpu: uint64(max(s.config.CompileCPU/time.Second, 1))}); err != nil {
		return err
	}
	if err := s.cache.publish(dir, key, e); err != nil {
		return fmt.Errorf("compile: result of the child: %w", err)
	}
	return nil
}

func (s *Sandbox) runChild(ctx context.Context, wasm []byte, j job) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.CompileTimeout)
	defer cancel()
	argv := append(append([]string(nil), s.config.Compile...), j.args()...)
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir = j.out
	cmd.Env = []string{childMark + "=1"} // and none of our secrets
	cmd.WaitDelay = 2 * time.Second
	var stdout, stderr capped
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	stdin, err := cmd.StdinPipe()
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	// A child that dies early breaks the pipe; Wait tells why it died.
	_, _ = stdin.Write(wasm)
	return childResult(ctx, cmd.Wait(), stdout.Bytes(), stderr.Bytes())
}

// childResult says what the end of the child means.
func childResult(ctx context.Context, err error, stdout, stderr []byte) error {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("compile: %w", ctx.Err())
	case !errors.As(err, &exit):
		return fmt.Errorf("compile: %w", err)
	}
	switch exit.ExitCode() {
	case exitKilled, exitCrashed: // its CPU time or memory is spent
		return &Rejected{Reason: "compile_limit", Detail: exit.String() + firstLine(stderr)}
	case exitRejected:
		var r Rejected
		if err := json.Unmarshal(stdout, &r); err != nil {
			return fmt.Errorf("compile: report of the child: %w", err)
		}
		return &r
	default:
		return fmt.Errorf("compile: child: %s%s", exit.String(), firstLine(stderr))
	}
}

func firstLine(b []byte) string {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	if len(line) == 0 {
		return ""
	}
	return ": " + escape(line)
}

// capped keeps the start of what is written to it.
type capped struct{ bytes.Buffer }

func (c *capped) Write(p []byte) (int, error) {
	if room := maxReport - c.Len(); room > 0 {
		c.Buffer.Write(p[:min(room, len(p))])
	}
	return len(p), nil
}
