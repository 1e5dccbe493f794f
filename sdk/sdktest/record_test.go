package sdktest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// TestRecording does not run beside others: the environment is the process's.
func TestRecording(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(sdktest.RecordVariable, dir)
	env := sdktest.New(t, kitty())
	if _, err := sdktest.Run(env, drop, change{"anna", 5}); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%v, %v", files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	var r sdktest.Recording
	if err := json.Unmarshal(bytes.TrimSpace(text), &r); err != nil {
		t.Fatal(err)
	}
	if r.Test != "TestRecording" || r.App != "kitty" || r.Kind != abi.EntryCommand || r.Name != drop.Name || r.Now != int64(env.Now()) || r.Code != abi.OK {
		t.Errorf("%+v", r)
	}
	if len(r.Input) == 0 || len(r.Output) == 0 || len(r.Calls) == 0 {
		t.Errorf("not recorded: %d bytes in, %d out, %d calls", len(r.Input), len(r.Output), len(r.Calls))
	}
}
