//go:build wasip1

package hostcall

import "unsafe"

// Func is a host function: the import itself and no number, so that a module
// imports what its code uses and nothing else.
type Func = func(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 fetch
func hostFetch(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

//go:wasmimport bottega_v1 now
func hostNow() int64

// The host functions but now and fetch, as package abi describes them.

// Get is the import get.
//
//go:wasmimport bottega_v1 get
func Get(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// GetMany is the import get_many.
//
//go:wasmimport bottega_v1 get_many
func GetMany(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Scan is the import scan.
//
//go:wasmimport bottega_v1 scan
func Scan(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Put is the import put.
//
//go:wasmimport bottega_v1 put
func Put(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Delete is the import delete.
//
//go:wasmimport bottega_v1 delete
func Delete(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Add is the import add.
//
//go:wasmimport bottega_v1 add
func Add(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Counter is the import counter.
//
//go:wasmimport bottega_v1 counter
func Counter(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Call is the import call.
//
//go:wasmimport bottega_v1 call
func Call(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Each is the import each.
//
//go:wasmimport bottega_v1 each
func Each(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// One is the import one.
//
//go:wasmimport bottega_v1 one
func One(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Fillers is the import fillers.
//
//go:wasmimport bottega_v1 fillers
func Fillers(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Emit is the import emit.
//
//go:wasmimport bottega_v1 emit
func Emit(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Schedule is the import schedule.
//
//go:wasmimport bottega_v1 schedule
func Schedule(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Random is the import random.
//
//go:wasmimport bottega_v1 random
func Random(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// NewID is the import new_id.
//
//go:wasmimport bottega_v1 new_id
func NewID(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Settings is the import settings.
//
//go:wasmimport bottega_v1 settings
func Settings(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Info is the import info.
//
//go:wasmimport bottega_v1 info
func Info(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// ZoneAt is the import zone.
//
//go:wasmimport bottega_v1 zone
func ZoneAt(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Log is the import log.
//
//go:wasmimport bottega_v1 log
func Log(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Cancel is the import cancel.
//
//go:wasmimport bottega_v1 cancel
func Cancel(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Start is the import start.
//
//go:wasmimport bottega_v1 start
func Start(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// HTTP is the import http.
//
//go:wasmimport bottega_v1 http
func HTTP(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Begin is the import begin.
//
//go:wasmimport bottega_v1 begin
func Begin(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Publish is the import publish.
//
//go:wasmimport bottega_v1 publish
func Publish(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Sign is the import sign.
//
//go:wasmimport bottega_v1 sign
func Sign(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64

// Counters is the import counters.
//
//go:wasmimport bottega_v1 counters
func Counters(in unsafe.Pointer, n uint32, out unsafe.Pointer, size uint32) uint64
