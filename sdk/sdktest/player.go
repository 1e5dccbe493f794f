package sdktest

import (
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Player runs handlers of one app in this process, without any host: somebody else
// answers what they ask. It is for measuring what the app's own code costs beside
// the same code in a module. It keeps derived values from call to call and is not
// for several goroutines at once.
type Player struct {
	app    *sdk.App
	answer Answerer
	now    retail.Instant
	held   map[*hostcall.Held]*any
}

// Answerer answers one host call. A code other than OK makes the answer an
// abi.Error frame. The handler reads the answer before it makes the next call.
type Answerer func(fn abi.Func, in []byte) ([]byte, abi.Code)

// NewPlayer makes a player without derived values: run the entry of kind
// abi.EntryDerive first for an app that has them.
func NewPlayer(a *sdk.App, answer Answerer) *Player {
	return &Player{app: a, answer: answer, held: map[*hostcall.Held]*any{}}
}

// Run runs an entry of the app, by its number in the descriptor, at an instant, and
// appends its answer to out. A code other than OK makes it an abi.Error frame.
func (p *Player) Run(entry uint32, now retail.Instant, in, out []byte) ([]byte, abi.Code) {
	p.now = now
	return p.app.Module().Handlers[entry](playing{p}, in, out)
}

// playing is what a handler sees of a player.
type playing struct{ *Player }

var _ hostcall.Port = playing{}

// Call implements hostcall.Port.
func (p playing) Call(fn abi.Func, in []byte) ([]byte, abi.Code) { return p.answer(fn, in) }

// Now implements hostcall.Port.
func (p playing) Now() int64 { return int64(p.now) }

// Held implements hostcall.Port.
func (p playing) Held(of *hostcall.Held) *any {
	if p.held[of] == nil {
		p.held[of] = new(any)
	}
	return p.held[of]
}
