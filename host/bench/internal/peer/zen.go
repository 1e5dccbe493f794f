package peer

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The program that runs @gorules/zen-engine in node, its package and its lock.
//
//go:embed zen/package.json zen/package-lock.json zen/zen.mjs
var zenFiles embed.FS

// Zen is one decision table in a process of node, which answers what it is asked
// line by line. It is not for several goroutines at once.
type Zen struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// OpenZen installs the package into a folder, if it is not there, and loads a table
// of predicates over facts. It answers the predicates that hold.
func OpenZen(ctx context.Context, dir string, rules []Predicate, facts any) (z *Zen, hits []string, err error) {
	if err := installZen(ctx, dir); err != nil {
		return nil, nil, err
	}
	z = &Zen{process: exec.CommandContext(ctx, "node", "zen.mjs")}
	z.process.Dir, z.process.Stderr = dir, os.Stderr
	if z.in, err = z.process.StdinPipe(); err != nil {
		return nil, nil, err
	}
	out, err := z.process.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	z.out = bufio.NewReader(out)
	if err := z.process.Start(); err != nil {
		return nil, nil, fmt.Errorf("start node: %w", err)
	}
	var answer struct {
		Hits []string `json:"hits"`
	}
	if err := z.ask(map[string]any{"rules": rules, "facts": facts}, &answer); err != nil {
		return nil, nil, errors.Join(err, z.Close())
	}
	return z, answer.Hits, nil
}

// Work evaluates the table again and again for a time and answers the mean time of
// one evaluation, as node's own clock has it.
func (z *Zen) Work(d time.Duration) (time.Duration, error) {
	var answer struct {
		Micros float64 `json:"us"`
	}
	err := z.ask(map[string]int64{"ms": d.Milliseconds()}, &answer)
	return time.Duration(answer.Micros * float64(time.Microsecond)), err
}

// Close ends the process.
func (z *Zen) Close() error { return errors.Join(z.in.Close(), z.process.Wait()) }

func (z *Zen) ask(question, answer any) error {
	line, err := json.Marshal(question)
	if err != nil {
		return err
	}
	if _, err := z.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("ask zen: %w", err)
	}
	if line, err = z.out.ReadBytes('\n'); err != nil {
		return fmt.Errorf("zen does not answer: %w", err)
	}
	return json.Unmarshal(line, answer)
}

// installZen copies the package and lets npm fetch what its lock names, once.
func installZen(ctx context.Context, dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	fresh := true
	for _, name := range []string{"package.json", "package-lock.json", "zen.mjs"} {
		content, err := zenFiles.ReadFile("zen/" + name)
		if err != nil {
			return err
		}
		before, _ := os.ReadFile(filepath.Join(dir, name))
		fresh = fresh && string(before) == string(content)
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			return err
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "node_modules", "@gorules")); fresh && err == nil {
		return nil
	}
	cmd := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm ci of @gorules/zen-engine: %w\n%s", err, text)
	}
	return nil
}
