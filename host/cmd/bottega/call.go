package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/oklog/ulid/v2"
)

type callVerb struct {
	Operation string `arg:"" help:"contract.operation, e.g. pricing.quote"`
	Input     string `arg:"" optional:"" default:"{}" help:"JSON, or - for standard input, or @FILE."`
	Key       string `help:"Idempotency key of a command. Default: a new one, printed on stderr."`
	hostFlag
}

func (callVerb) Help() string {
	return `Example:
  bottega call catalog.product '{"sku":"8001505005479"}'`
}

// Run prints the answer as indented JSON, or the host's error.
func (v callVerb) Run(ctx context.Context) error {
	body, err := v.body()
	if err != nil {
		return err
	}
	if v.Key == "" {
		v.Key = "cli-" + ulid.Make().String()
	}
	out, err := v.client().call(ctx, v.Operation, v.Key, body)
	if err != nil {
		return fmt.Errorf("%s: %w (key %s)", v.Operation, err, v.Key)
	}
	var pretty bytes.Buffer
	if err := json.Indent(&pretty, out, "", "  "); err != nil {
		return err
	}
	fmt.Println(pretty.String())
	return nil
}

func (v callVerb) body() ([]byte, error) {
	switch {
	case v.Input == "-":
		return io.ReadAll(os.Stdin)
	case v.Input != "" && v.Input[0] == '@':
		return os.ReadFile(v.Input[1:])
	}
	return []byte(v.Input), nil
}
