//go:build !wasip1

package hostcall

import "github.com/bottega-retail/bottega/sdk/abi"

// Func is a host function: its number, which a Port of a test dispatches on.
type Func = abi.Func

// The host functions but now and fetch, as the SDK names them.
const (
	Get      = abi.FuncGet
	GetMany  = abi.FuncGetMany
	Scan     = abi.FuncScan
	Put      = abi.FuncPut
	Delete   = abi.FuncDelete
	Add      = abi.FuncAdd
	Counter  = abi.FuncCounter
	Call     = abi.FuncCall
	Each     = abi.FuncEach
	One      = abi.FuncOne
	Fillers  = abi.FuncFillers
	Emit     = abi.FuncEmit
	Schedule = abi.FuncSchedule
	Random   = abi.FuncRandom
	NewID    = abi.FuncNewID
	Settings = abi.FuncSettings
	Info     = abi.FuncInfo
	ZoneAt   = abi.FuncZone
	Log      = abi.FuncLog
	Cancel   = abi.FuncCancel
	Start    = abi.FuncStart
	HTTP     = abi.FuncHTTP
	Begin    = abi.FuncBegin
	Publish  = abi.FuncPublish
	Sign     = abi.FuncSign
	Counters = abi.FuncCounters
)
