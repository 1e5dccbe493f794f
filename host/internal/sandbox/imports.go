package sandbox

import (
	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Imports lists the host functions of Bottega that a module imports, by name, so
// that they can be compared with what its manifest asks for. The error is a
// *Rejected if it is no module.
func Imports(wasm []byte) ([]string, error) {
	info, err := meter.Scan(wasm, meter.Limits{File: maxFile, MemoryPages: maxPages})
	if err != nil {
		return nil, rejected(err)
	}
	var names []string
	for _, i := range info.Imports {
		if i.Module == abi.Module {
			names = append(names, i.Name)
		}
	}
	return names, nil
}
