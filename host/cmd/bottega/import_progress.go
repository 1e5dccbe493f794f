package main

import (
	"fmt"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress shows how far something is.
type progress interface {
	step()
	end()
}

// newProgress makes bars on a terminal and a line per tenth elsewhere.
func newProgress(out *os.File) func(what string, total, done int) progress {
	if !term.IsTerminal(int(out.Fd())) {
		return func(what string, total, done int) progress {
			return &tenths{out: out, what: what, total: total, done: done, said: done * 10 / max(total, 1)}
		}
	}
	return func(what string, total, done int) progress {
		b := progressbar.NewOptions(total, progressbar.OptionSetWriter(out), progressbar.OptionSetDescription(what),
			progressbar.OptionShowCount(), progressbar.OptionThrottle(100_000_000), progressbar.OptionClearOnFinish())
		_ = b.Set(done) // a bar that cannot be drawn is no reason to stop
		return bar{b}
	}
}

type bar struct{ *progressbar.ProgressBar }

func (b bar) step() { _ = b.Add(1) }
func (b bar) end()  { _ = b.Finish() }

// tenths writes a line whenever a tenth more is done.
type tenths struct {
	out               io.Writer
	what              string
	total, done, said int
}

func (t *tenths) step() {
	t.done++
	if tenth := t.done * 10 / t.total; tenth > t.said {
		t.said = tenth
		fmt.Fprintf(t.out, "%s: %d %%\n", t.what, 10*tenth)
	}
}

func (t *tenths) end() {}
