package sandbox

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"

	"github.com/bottega-retail/bottega/sdk/abi"
)

const wasiModule = "wasi_snapshot_preview1"

// The errnos of WASI that guests get to see.
const (
	errnoSuccess = 0
	errnoBadf    = 8
	errnoFault   = 21
	errnoInval   = 28
	errnoNosys   = 52
)

// maxIovecs is the most pieces that one fd_write may have (IOV_MAX).
const maxIovecs = 1024

// wasiFunc is one function of WASI.
type wasiFunc struct {
	signature signature
	run       func(*instance, []uint64)
}

// wasi lists all of preview 1, since toolchains import more than they call.
// What has an effect or shows the machine is ENOSYS.
func wasi() map[string]wasiFunc {
	funcs := make(map[string]wasiFunc, len(wasiSignatures))
	for name, s := range wasiSignatures {
		funcs[name] = wasiFunc{sig(s), errno(answer(errnoNosys))}
	}
	for name, f := range map[string]func(*instance, []uint64) uint32{
		"args_get":          answer(errnoSuccess),
		"args_sizes_get":    zeroSizes,
		"clock_res_get":     clockRes,
		"clock_time_get":    clockTime,
		"environ_get":       answer(errnoSuccess),
		"environ_sizes_get": zeroSizes,
		"fd_close":          answer(errnoBadf),
		"fd_prestat_get":    answer(errnoBadf), // Go looks for the end of the list
		"fd_write":          fdWrite,
		"poll_oneoff":       pollOneoff,
		"random_get":        randomGet,
		"sched_yield":       answer(errnoSuccess),
	} {
		funcs[name] = wasiFunc{funcs[name].signature, errno(f)}
	}
	funcs["proc_exit"] = wasiFunc{sig("i>"), procExit}
	return funcs
}

func errno(f func(*instance, []uint64) uint32) func(*instance, []uint64) {
	return func(in *instance, stack []uint64) { stack[0] = uint64(f(in, stack)) }
}

func answer(code uint32) func(*instance, []uint64) uint32 {
	return func(*instance, []uint64) uint32 { return code }
}

func procExit(in *instance, stack []uint64) {
	in.stop(in.fault(FaultExit, fmt.Sprintf("exit code %d", uint32(stack[0]))))
}

func zeroSizes(in *instance, stack []uint64) uint32 {
	return all(in.mem.WriteUint32Le(uint32(stack[0]), 0), in.mem.WriteUint32Le(uint32(stack[1]), 0))
}

func all(ok ...bool) uint32 {
	for _, o := range ok {
		if !o {
			return errnoFault
		}
	}
	return errnoSuccess
}

func clockRes(in *instance, stack []uint64) uint32 {
	if stack[0] > 1 {
		return errnoInval
	}
	return all(in.mem.WriteUint64Le(uint32(stack[1]), 1_000_000))
}

func clockTime(in *instance, stack []uint64) uint32 {
	var t uint64
	switch uint32(stack[0]) {
	case 0:
		t = uint64(in.now.UnixMilli()) * 1_000_000
	case 1:
		t = in.monotonic()
	default:
		return errnoInval
	}
	return all(in.mem.WriteUint64Le(uint32(stack[2]), t))
}

func randomGet(in *instance, stack []uint64) uint32 {
	if err := in.expired(); err != nil {
		in.stop(err)
	}
	if uint32(stack[1]) > abi.MaxRandom {
		return errnoInval
	}
	b, ok := in.mem.Read(uint32(stack[0]), uint32(stack[1]))
	if !ok {
		return errnoFault
	}
	if _, err := io.ReadFull(in.box.config.Random, b); err != nil {
		in.stop(fmt.Errorf("read random bytes: %w", err))
	}
	return errnoSuccess
}

// fdWrite keeps what goes to fds 1 and 2 and says that all was written.
func fdWrite(in *instance, stack []uint64) uint32 {
	if err := in.expired(); err != nil {
		in.stop(err)
	}
	fd, iovs, count := uint32(stack[0]), uint32(stack[1]), uint32(stack[2])
	if fd != 1 && fd != 2 {
		return errnoBadf
	}
	if count > maxIovecs {
		return errnoInval
	}
	list, ok := in.mem.Read(iovs, count*8)
	if !ok {
		return errnoFault
	}
	var total uint32
	for ; len(list) > 0; list = list[8:] {
		b, ok := in.mem.Read(binary.LittleEndian.Uint32(list), binary.LittleEndian.Uint32(list[4:]))
		if !ok {
			return errnoFault
		}
		in.output.write(b, &in.meter.LogBytes)
		total += uint32(len(b))
	}
	return all(in.mem.WriteUint32Le(uint32(stack[3]), total))
}

// The layout of poll_oneoff, in bytes.
const (
	subscriptionSize = 48
	eventSize        = 32
	maxSubscriptions = 64
)

// pollOneoff lets the guest sleep without losing time: nothing can happen while
// it does, so its monotonic clock moves on to the earliest end and it goes on
// at once. Go's runtime sleeps a millisecond before it prints a panic. What
// waits for a file is refused, for there are none.
func pollOneoff(in *instance, stack []uint64) uint32 {
	count := uint32(stack[2])
	if count == 0 || count > maxSubscriptions {
		return errnoInval
	}
	list, ok := in.mem.Read(uint32(stack[0]), count*subscriptionSize)
	if !ok {
		return errnoFault
	}
	least, userdata := uint64(math.MaxUint64), uint64(0)
	for ; len(list) > 0; list = list[subscriptionSize:] {
		const clockTag = 0
		if list[8] != clockTag {
			return errnoNosys
		}
		if d := in.sleep(list); d < least {
			least, userdata = d, binary.LittleEndian.Uint64(list)
		}
	}
	in.mono += min(least, math.MaxInt64-min(in.mono, math.MaxInt64))
	var event [eventSize]byte
	binary.LittleEndian.PutUint64(event[:], userdata)
	return all(in.mem.Write(uint32(stack[1]), event[:]), in.mem.WriteUint32Le(uint32(stack[3]), 1))
}

// sleep is how long a subscription to a clock waits, in nanoseconds.
func (in *instance) sleep(subscription []byte) uint64 {
	timeout := binary.LittleEndian.Uint64(subscription[24:])
	const absolute = 1
	if binary.LittleEndian.Uint16(subscription[40:])&absolute == 0 {
		return timeout
	}
	now := in.mono
	if binary.LittleEndian.Uint32(subscription[16:]) == 0 {
		now = uint64(in.now.UnixNano())
	}
	return timeout - min(timeout, now)
}

var wasiSignatures = map[string]string{
	"args_get": "ii>i", "args_sizes_get": "ii>i", "environ_get": "ii>i", "environ_sizes_get": "ii>i",
	"clock_res_get": "ii>i", "clock_time_get": "iIi>i",
	"fd_advise": "iIIi>i", "fd_allocate": "iII>i", "fd_close": "i>i", "fd_datasync": "i>i",
	"fd_fdstat_get": "ii>i", "fd_fdstat_set_flags": "ii>i", "fd_fdstat_set_rights": "iII>i",
	"fd_filestat_get": "ii>i", "fd_filestat_set_size": "iI>i", "fd_filestat_set_times": "iIIi>i",
	"fd_pread": "iiiIi>i", "fd_prestat_dir_name": "iii>i", "fd_prestat_get": "ii>i", "fd_pwrite": "iiiIi>i",
	"fd_read": "iiii>i", "fd_readdir": "iiiIi>i", "fd_renumber": "ii>i", "fd_seek": "iIii>i",
	"fd_sync": "i>i", "fd_tell": "ii>i", "fd_write": "iiii>i",
	"path_create_directory": "iii>i", "path_filestat_get": "iiiii>i", "path_filestat_set_times": "iiiiIIi>i",
	"path_link": "iiiiiii>i", "path_open": "iiiiiIIii>i", "path_readlink": "iiiiii>i",
	"path_remove_directory": "iii>i", "path_rename": "iiiiii>i", "path_symlink": "iiiii>i", "path_unlink_file": "iii>i",
	"poll_oneoff": "iiii>i", "proc_exit": "i>", "proc_raise": "i>i", "sched_yield": ">i", "random_get": "ii>i",
	"sock_accept": "iii>i", "sock_recv": "iiiiii>i", "sock_send": "iiiii>i", "sock_shutdown": "ii>i",
}
