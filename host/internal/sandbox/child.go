package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
)

// How CompileMain exits, and how Go does without being asked.
const (
	exitKilled   = -1 // by a signal
	exitCrashed  = 2
	exitOK       = 0
	exitRejected = 65 // the reason is on stdout as JSON
	exitBroken   = 70 // something else, told on stderr
)

// compileMemory is the address space that one compilation may use, in bytes,
// beyond what the process has mapped when it starts, since Go reserves some
// 1.5 GiB that it does not use. A Go guest of 3.6 MB takes 0.2 GiB of it
// (140 MiB resident), and 1.7 s of processor time.
const compileMemory = 1 << 30

// CompileMain is the body of `bottega compile`, the child process that compiles
// one untrusted module: CompileMain(os.Args[2:], os.Stdin, os.Stdout, os.Stderr)
// and exit with what it answers. It first takes away from its process what a
// compilation does not need, since wazero ignores the context of CompileModule
// and 33 KB can take it minutes; it must be all that the process does. The
// process ends when stdin does, so that it never outlives its parent.
func CompileMain(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	job, err := parseJob(args)
	if err != nil {
		return broken(stderr, err)
	}
	if err := limitProcess(job.cpu, compileMemory); err != nil {
		return broken(stderr, fmt.Errorf("limit the process: %w", err))
	}
	wasm := make([]byte, job.size)
	if _, err := io.ReadFull(stdin, wasm); err != nil {
		return broken(stderr, fmt.Errorf("read the module: %w", err))
	}
	go endWith(stdin)
	return report(job.compile(context.Background(), wasm), stdout, stderr)
}

// endWith ends the process when its parent does.
func endWith(stdin io.Reader) {
	_, _ = io.Copy(io.Discard, stdin)
	os.Exit(exitBroken)
}

func report(err error, stdout, stderr io.Writer) int {
	var r *Rejected
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &r) && json.NewEncoder(stdout).Encode(r) == nil:
		return exitRejected
	default:
		return broken(stderr, err)
	}
}

// broken says why nothing was compiled. The exit code says that much also to a
// parent that no longer reads.
func broken(stderr io.Writer, err error) int {
	_, _ = fmt.Fprintln(stderr, err)
	return exitBroken
}

// job is one compilation.
type job struct {
	out    string
	engine Engine
	size   int
	cpu    uint64 // seconds
}

// args are the arguments that parseJob understands.
func (j job) args() []string {
	return []string{"-out", j.out, "-engine", string(j.engine), "-size", fmt.Sprint(j.size), "-cpu", fmt.Sprint(j.cpu)}
}

func parseJob(args []string) (job, error) {
	var j job
	f := flag.NewFlagSet("compile", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	f.StringVar(&j.out, "out", "", "directory for the result")
	f.StringVar((*string)(&j.engine), "engine", string(Compiler), "compiler or interpreter")
	f.IntVar(&j.size, "size", 0, "bytes of the module on stdin")
	f.Uint64Var(&j.cpu, "cpu", 15, "seconds of processor time")
	if err := f.Parse(args); err != nil {
		return j, fmt.Errorf("compile: %w", err)
	}
	if j.out == "" || f.NArg() != 0 || j.size < 0 || j.size > maxFile {
		return j, fmt.Errorf("compile: bad arguments %q", args)
	}
	return j, nil
}

// compile validates the original, since that is what the rewriter's promises
// start from, and leaves the rewritten module and its native code in j.out: beside
// native code without the bodies of its functions.
func (j job) compile(ctx context.Context, wasm []byte) error {
	if err := validate(ctx, wasm); err != nil {
		return err
	}
	rewritten, err := rewrite(wasm)
	if err != nil {
		return err
	}
	if j.engine == Interpreter {
		return errors.Join(j.write(rewritten), validate(ctx, rewritten))
	}
	if err := compileInto(ctx, rewritten, j.out); err != nil {
		return &Rejected{Reason: "wasm_invalid", Detail: trapDetail(err)}
	}
	hollowed, err := hollow(rewritten)
	if err != nil {
		return fmt.Errorf("compile: %w", err)
	}
	return errors.Join(j.write(hollowed), hollowOut(ctx, j.out, hollowed))
}

func (j job) write(module []byte) error {
	return os.WriteFile(filepath.Join(j.out, wasmFile), module, 0o600)
}

// validate has the interpreter read a module.
func validate(ctx context.Context, wasm []byte) error {
	r := wazero.NewRuntimeWithConfig(ctx, runtimeConfig(Interpreter))
	defer r.Close(ctx)
	if _, err := r.CompileModule(ctx, wasm); err != nil {
		return &Rejected{Reason: "wasm_invalid", Detail: trapDetail(err)}
	}
	return nil
}
