package sandbox

import (
	"github.com/bottega-retail/bottega/host/internal/sandbox/meter"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Imports lists the host functions of Bottega that the module imports, by name, so that
// they can be compared with what its manifest asks for.
func (m *Module) Imports() []string { return m.imports }

// hostFunctions are those of Bottega's own among what a module imports.
func hostFunctions(imports []meter.Import) (names []string) {
	for _, i := range imports {
		if i.Module == abi.Module {
			names = append(names, i.Name)
		}
	}
	return names
}
