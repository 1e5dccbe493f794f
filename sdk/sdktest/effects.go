package sdktest

import (
	"net/url"
	"strings"
	"time"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// effects is what happens outside.
type effects struct {
	http  func(sdk.Request) (sdk.Response, error)
	ended map[string]abi.EffectEnd // those whose app has not been told yet, by key
}

// effectWaits is how long an effect waits after each failure that may be retried;
// the one after the last is its end. So it is in a host that nobody configured.
func effectWaits() []time.Duration {
	return []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute}
}

// Effect is an effect that waits.
type Effect struct {
	App, Name, ID string         // ID is what it was started with
	At            retail.Instant // when it is tried, or tried again
	Attempt       int            // how often it has failed
	Payload       []byte         // MessagePack
}

// Effects are the effects that wait, in the order in which they are due.
func (e *Env) Effects() []Effect {
	var out []Effect
	for _, w := range e.in(queueEffects) {
		out = append(out, Effect{w.app, w.name, w.id, retail.Instant(w.due), w.attempt, w.payload})
	}
	return out
}

// Started are the inputs of an effect of the app under test that waits, in the
// order in which they are due.
func Started[In, Out any](e *Env, effect sdk.Effect[In, Out]) []In {
	return payloads[In](e, queueEffects, effect.Name)
}

// HTTP makes answer the world outside: it is given what effects send. Its error,
// if it is an *sdk.Error, is theirs as it is, else it is unavailable, as a
// connection that breaks. Without HTTP nobody answers. Settle runs effects that
// are due; one that must be tried again waits for Advance: a second, then 5, 30,
// two minutes, ten minutes.
func (e *Env) HTTP(answer func(sdk.Request) (sdk.Response, error)) { e.effects.http = answer }

func (e *Env) outside() (all []work) {
	for _, w := range e.in(queueEffects) {
		all = append(all, work{"effect " + w.name + " " + w.id + " of " + w.app, w.key, w.due, func() error { return e.effect(&w) }})
	}
	return all
}

// effectKey is what an effect is known by outside; the real host's is no text that
// anybody could guess.
func effectKey(w *waiting) string { return w.app + "-" + w.name + "-" + w.id }

// effect makes one attempt, and tells the app if it was the last.
func (e *Env) effect(w *waiting) error {
	end, over := e.effects.ended[w.key]
	if !over {
		try := e.task(w, abi.EntryEffect)
		try.handled.Key = effectKey(w)
		out, err := e.run(try)
		if err == nil && e.Faults.takeLost() {
			err = failure(abi.Unavailable, abi.ReasonHTTP, "the answer was lost")
		}
		fault := err != nil && err.Reason == abi.ReasonAppFault
		if waits := effectWaits(); err != nil && (err.Code.Retryable() || fault) && w.attempt < len(waits) {
			e.again(w, e.now+waits[w.attempt].Milliseconds())
			return nil
		}
		end = abi.EffectEnd{Input: w.payload, Output: out}
		if err != nil {
			end.Code, end.Output = err.Code, err.Append(nil)
		}
		e.effects.ended[w.key] = end
	}
	t := e.task(w, abi.EntryEffectDone)
	t.handled.Key = effectKey(w)
	t.in = end.Append(nil)
	t.before = func() { e.space.delete(w.key) }
	_, err := e.run(t)
	if err == nil {
		delete(e.effects.ended, w.key)
	}
	return asError(err)
}

// http lets an effect talk to the test.
func (p *port) http(in []byte) ([]byte, *abi.Error) {
	f, err := frame(abi.ParseHTTPRequest(in))
	if err != nil {
		return nil, err
	}
	if err := p.app.mayReach(&f); err != nil {
		return nil, err
	}
	switch answer := p.op.env.effects.http; {
	case len(f.Body) > abi.MaxHTTP || len(f.Headers) > abi.MaxHeaders:
		return nil, failure(abi.TooLarge, abi.ReasonHTTP, "the request is longer than 1 MiB or has more than 64 headers")
	case answer == nil:
		return nil, failure(abi.Unavailable, abi.ReasonHTTP, "nobody answers: the test has not called Env.HTTP")
	default:
		out, failed := answer(sdk.Request{Method: f.Method, URL: f.URL, Headers: f.Headers, Secret: sdk.Secret(f.Secret), Body: f.Body})
		if failed != nil {
			return nil, lost(failed)
		}
		if len(out.Body) > abi.MaxHTTP || len(out.Headers) > abi.MaxHeaders {
			return nil, failure(abi.TooLarge, abi.ReasonHTTP, "the answer is longer than 1 MiB or has more than 64 headers")
		}
		r := abi.HTTPResponse(out)
		return r.Append(nil), nil
	}
}

// mayReach refuses a request to a host that the app's manifest does not ask for,
// or with a secret that is not bound to that host.
func (a *app) mayReach(f *abi.HTTPRequest) *abi.Error {
	u, err := url.Parse(f.URL)
	switch {
	case err != nil || u.Opaque != "" || u.User != nil || u.Fragment != "":
		return failure(abi.Invalid, abi.ReasonHTTP, "the URL is malformed, or has a user or a fragment")
	case u.Scheme != "https" || u.Hostname() == "":
		return failure(abi.Denied, abi.ReasonEgress, "only https leaves the host")
	case a.paper == nil:
		return nil
	}
	name := strings.ToLower(u.Hostname())
	if port := u.Port(); port != "" && port != "443" {
		name += ":" + port
	}
	g := a.paper.host(name)
	switch {
	case g == nil:
		return failure(abi.Denied, abi.ReasonEgress, a.id+" was not granted "+name)
	case f.Secret != "" && (g.Secret == nil || g.Secret.Setting != f.Secret):
		return failure(abi.Denied, abi.ReasonEgress, "the secret is not bound to "+name)
	}
	return nil
}

// lost is the error of a request as an app sees it.
func lost(err error) *abi.Error {
	if e, ok := err.(*sdk.Error); ok && e != nil { //nolint:errorlint // an error of the test's own, not wrapped
		return e
	}
	return failure(abi.Unavailable, abi.ReasonHTTP, err.Error())
}
