package peer

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Child is a process that measures something and is asked line by line, in JSON. It
// is not for several goroutines at once.
type Child struct {
	process *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
}

// StartChild starts a program in a folder.
func StartChild(ctx context.Context, dir, program string, args ...string) (*Child, error) {
	c := &Child{process: exec.CommandContext(ctx, program, args...)}
	c.process.Dir, c.process.Stderr = dir, os.Stderr
	var err error
	if c.in, err = c.process.StdinPipe(); err != nil {
		return nil, err
	}
	out, err := c.process.StdoutPipe()
	if err != nil {
		return nil, err
	}
	c.out = bufio.NewReader(out)
	if err := c.process.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", program, err)
	}
	return c, nil
}

// Ask sends one line and decodes the answer.
func (c *Child) Ask(question, answer any) error {
	line, err := json.Marshal(question)
	if err != nil {
		return err
	}
	if _, err := c.in.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("ask %s: %w", c.process.Path, err)
	}
	if line, err = c.out.ReadBytes('\n'); err != nil {
		return fmt.Errorf("%s does not answer: %w", c.process.Path, err)
	}
	return json.Unmarshal(line, answer)
}

// Work is how long a child is to do what it measures, again and again.
type Work struct {
	Millis int64 `json:"ms"`
}

// Worked is how long one time took in the mean, by the child's own clock.
type Worked struct {
	Micros float64 `json:"us"`
}

// Work lets the child work for a time and answers how long one time took, in µs.
func (c *Child) Work(d time.Duration) (float64, error) {
	var w Worked
	err := c.Ask(Work{d.Milliseconds()}, &w)
	return w.Micros, err
}

// Close ends the process.
func (c *Child) Close() error { return errors.Join(c.in.Close(), c.process.Wait()) }
