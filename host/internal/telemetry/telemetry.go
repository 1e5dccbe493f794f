// Package telemetry makes the host's logger and its metrics. It knows hclog and
// Prometheus, so that nothing else has to; it must not know storage, sandbox,
// kernel or HTTP: they are watched through hooks and functions that host joins.
package telemetry

import (
	"io"
	"os"

	"github.com/hashicorp/go-hclog"
	"golang.org/x/term"
)

// NewLogger logs to out from level (trace, debug, info, warn, error) up: in
// words for a person if out is a terminal, as JSON lines otherwise. An unknown
// level is info.
func NewLogger(out io.Writer, level string) hclog.Logger {
	from := hclog.LevelFromString(level)
	if from == hclog.NoLevel {
		from = hclog.Info
	}
	human := terminal(out)
	color := hclog.ColorOff
	if human {
		color = hclog.AutoColor
	}
	return hclog.NewInterceptLogger(&hclog.LoggerOptions{Name: "bottega", Output: out, Level: from, JSONFormat: !human, Color: color})
}

func terminal(out io.Writer) bool {
	f, ok := out.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
