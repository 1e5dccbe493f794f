package peer

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// The program that runs @gorules/zen-engine in node, its package and its lock.
//
//go:embed zen/package.json zen/package-lock.json zen/zen.mjs
var zenFiles embed.FS

// OpenZen installs the package into a folder, if it is not there, and loads a table
// of predicates over facts into a process of node, whose work is to evaluate it. It
// answers the predicates that hold.
func OpenZen(ctx context.Context, dir string, rules []Predicate, facts any) (z *Child, hits []string, err error) {
	if err := installZen(ctx, dir); err != nil {
		return nil, nil, err
	}
	if z, err = StartChild(ctx, dir, "node", "zen.mjs"); err != nil {
		return nil, nil, err
	}
	var answer struct {
		Hits []string `json:"hits"`
	}
	if err := z.Ask(map[string]any{"rules": rules, "facts": facts}, &answer); err != nil {
		return nil, nil, errors.Join(err, z.Close())
	}
	return z, answer.Hits, nil
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
	// Not npm ci, which wants the binaries of all platforms in the lock: package.json
	// names one version, which names one of each binary.
	cmd := exec.CommandContext(ctx, "npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
	cmd.Dir = dir
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("npm install of @gorules/zen-engine: %w\n%s", err, text)
	}
	return nil
}
