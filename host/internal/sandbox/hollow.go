package sandbox

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// sectionCode holds the bodies of a module's functions.
const sectionCode = 10

// hollowBody is the body of a function without locals that traps, with its length. It is of
// any type, since nothing follows what does not return.
var hollowBody = []byte{3, 0, 0x00, opEnd}

// hollow takes the bodies out of a module. wazero wants a module where it loads native code,
// and validates every instruction of it, a third of the processor time of a host's start.
// Native code needs none of them, and what compiled it has validated them; all else that the
// two must agree on, down to the names of functions, is the same.
func hollow(wasm []byte) ([]byte, error) {
	const header = 8
	for at := header; at < len(wasm); {
		size, n := binary.Uvarint(wasm[at+1:])
		start := at + 1 + n
		if n <= 0 || size > uint64(len(wasm)-start) {
			return nil, errHollow
		}
		end := start + int(size)
		if wasm[at] != sectionCode {
			at = end
			continue
		}
		count, n := binary.Uvarint(wasm[start:end])
		if n <= 0 || count > size {
			return nil, errHollow
		}
		section := binary.AppendUvarint(nil, count)
		for range count {
			section = append(section, hollowBody...)
		}
		out := append([]byte(nil), wasm[:at+1]...)
		out = append(binary.AppendUvarint(out, uint64(len(section))), section...)
		return append(out, wasm[end:]...), nil
	}
	return wasm, nil // it has no functions
}

var errHollow = errors.New("the sections of the module are broken")

// hollowOut gives native code in dir the name under which wazero looks for that of a hollow
// module. wazero names it itself, as it compiles the hollow one.
func hollowOut(ctx context.Context, dir string, module []byte) error {
	native, err := nativeFile(dir)
	if err != nil {
		return err
	}
	beside, err := os.MkdirTemp(dir, "")
	if err != nil {
		return fmt.Errorf("hollow out: %w", err)
	}
	if err := compileInto(ctx, module, beside); err != nil {
		return err
	}
	named, err := nativeFile(beside)
	if err != nil {
		return err
	}
	if err := os.Rename(filepath.Join(dir, native), filepath.Join(dir, named)); err != nil {
		return fmt.Errorf("hollow out: %w", err)
	}
	return os.RemoveAll(beside)
}

// nativeState is what a file of native code looks like from outside.
type nativeState struct {
	path     string
	size     int64
	modified time.Time
}

func nativeIn(dir string) (s nativeState, err error) {
	if s.path, err = nativeFile(dir); err != nil {
		return s, err
	}
	info, err := os.Stat(filepath.Join(dir, s.path))
	if err != nil {
		return s, err
	}
	s.size, s.modified = info.Size(), info.ModTime()
	return s, nil
}

// same is an error if another file is there now, or one more.
func (s nativeState) same(dir string) error {
	now, err := nativeIn(dir)
	if err != nil {
		return err
	}
	if now.path != s.path || now.size != s.size || !now.modified.Equal(s.modified) {
		return errors.New("wazero has not taken the native code that is there")
	}
	return nil
}
