package sandbox

import (
	"crypto/rand"
	"io"
	"os"
	"time"

	"github.com/hashicorp/go-hclog"
)

// Engine is how WebAssembly is run.
type Engine string

// The engines. The compiler is the default; the interpreter is some 20 times
// slower and shares no code with it, so it checks the compiler and replaces it
// for a module that the compiler gets wrong.
const (
	Compiler    Engine = "compiler"
	Interpreter Engine = "interpreter"
)

const (
	mib      = 1 << 20
	wasmPage = 64 << 10 // bytes
)

// Config is what a [Sandbox] is made of. The zero value of every field but
// CacheDir means its default.
type Config struct {
	// CacheDir holds compiled modules. It is created with mode 0700; whoever can
	// write there runs native code in the host. Required.
	CacheDir string
	// Compile is the command that runs [CompileMain] in a process of its own.
	// Default: this executable with the verb "compile"; tests call CompileMain
	// for it in their TestMain.
	Compile []string
	// CompileCPU bounds one compilation by processor time, in whole seconds. It
	// is what a compile bomb runs into. Default 15 s.
	CompileCPU time.Duration
	// CompileTimeout bounds it by the wall clock too; a compilation that is only
	// slow because the machine is busy is an error, not a rejection. Default 60 s.
	CompileTimeout time.Duration
	// Engine runs modules that ask for none. Default Compiler.
	Engine Engine

	// Slice is the units between two looks at the deadline. Default 2,000: a
	// unit is 128 instructions at most, and if each of them misses all caches a
	// slice takes 58 ms. Larger slices were not faster.
	Slice int64
	// MemoryBudget bounds the linear memories of all instances together, in
	// bytes. Default 1 GiB.
	MemoryBudget int64
	// PoolBytes bounds the linear memories of idle instances, in bytes; the
	// longest idle go first. Default a quarter of MemoryBudget.
	PoolBytes int64
	// InstanceCalls is after how many calls an instance is thrown away.
	// Default 20,000: a Go guest's memory was flat over 45,000, and a new
	// instance costs as much as a hundred calls. GrowthMark ends one that leaks.
	InstanceCalls int
	// GrowthMark is how many bytes a memory may have grown since its first call
	// before the instance is thrown away. Default 16 MiB.
	GrowthMark int64
	// SnapshotBytes bounds what of MemoryBudget snapshots may take, in bytes.
	// Default half of it.
	SnapshotBytes int64
	// NoSnapshots makes instances start from nothing, as they would without
	// snapshots; those of a generation still come from its snapshot. It is for
	// comparing the two.
	NoSnapshots bool
	// StartTimeout bounds Describe, by the wall clock. Default 2 s.
	StartTimeout time.Duration

	Logger hclog.Logger     // default: none
	Now    func() time.Time // for deadlines; default time.Now
	Random io.Reader        // for random_get; default crypto/rand
}

func (c Config) withDefaults() Config {
	if len(c.Compile) == 0 {
		if self, err := os.Executable(); err == nil {
			c.Compile = []string{self, "compile"}
		}
	}
	c.CompileCPU = or(c.CompileCPU, 15*time.Second)
	c.CompileTimeout = or(c.CompileTimeout, time.Minute)
	c.Engine = or(c.Engine, Compiler)
	c.Slice = or(c.Slice, 2_000)
	c.MemoryBudget = or(c.MemoryBudget, 1<<30)
	c.SnapshotBytes = or(c.SnapshotBytes, c.MemoryBudget/2)
	c.PoolBytes = or(c.PoolBytes, c.MemoryBudget/4)
	c.InstanceCalls = or(c.InstanceCalls, 20_000)
	c.GrowthMark = or(c.GrowthMark, 16*mib)
	c.StartTimeout = or(c.StartTimeout, 2*time.Second)
	if c.Logger == nil {
		c.Logger = hclog.NewNullLogger()
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Random == nil {
		c.Random = rand.Reader
	}
	return c
}

func or[T comparable](v, fallback T) T {
	var zero T
	if v == zero {
		return fallback
	}
	return v
}

// ModuleLimits are what one module may use. The zero value of every field
// means its default.
type ModuleLimits struct {
	MemoryPages uint32 // most pages of 64 KiB of one instance; default 512 (32 MiB)
	Output      int    // most bytes of one answer; default 1 MiB
	Engine      Engine // default: the sandbox's
}

func (l ModuleLimits) withDefaults(c *Config) ModuleLimits {
	l.MemoryPages = or(l.MemoryPages, 512)
	l.Output = or(l.Output, mib)
	l.Engine = or(l.Engine, c.Engine)
	return l
}
