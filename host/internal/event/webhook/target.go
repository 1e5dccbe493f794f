package webhook

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"code.dny.dev/ssrf"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// The reasons of this room.
const (
	// ReasonTarget (Invalid): a webhook may not lead there.
	ReasonTarget = "target_forbidden"
	// ReasonWebhook, ReasonDelivery (NotFound): there is none of that id.
	ReasonWebhook  = "webhook"
	ReasonDelivery = "delivery"
	// ReasonStale (Conflict): it was changed since; Fields["etag"] is what holds.
	ReasonStale = "stale"
	// ReasonMost (Exhausted): a tenant has as many webhooks as it may have.
	ReasonMost = "webhooks"
	// ReasonTests (Exhausted): too many tests in this minute; Fields["retry_after"]
	// says for how many seconds to wait.
	ReasonTests = "tests"
	// ReasonDisabled (FailedPrecondition): it is disabled; enable it first.
	ReasonDisabled = "disabled"
)

func failure(code abi.Code, reason, message string) *abi.Error {
	return &abi.Error{Code: code, Reason: reason, Message: message}
}

func invalid(pointer, reason, message string) *abi.Error {
	return &abi.Error{Code: abi.Invalid, Reason: reason, Message: message, Pointer: pointer}
}

func forbidden(message string) *abi.Error { return invalid("/url", ReasonTarget, message) }

const maxURL = 2048

// ports are those that a webhook may lead to.
var ports = []string{"", "443", "8443"}

// checkTarget refuses addresses that a webhook may not lead to, by how they are
// written. Where a name leads is checked when it is connected to, every time.
func checkTarget(text string, insecure bool) error {
	u, err := url.Parse(text)
	if err != nil || text == "" || len(text) > maxURL || u.Opaque != "" || u.Host == "" {
		return forbidden("This is no address like https://example.com/hook, of at most 2,048 characters.")
	}
	host := strings.ToLower(u.Hostname())
	here := insecure && loopback(host)
	switch {
	case u.Scheme != "https" && (u.Scheme != "http" || !here):
		return forbidden("An address begins with https://.")
	case u.User != nil || strings.Contains(text, "#"):
		return forbidden("An address has no user and no fragment.")
	case here:
		return nil
	case !slices.Contains(ports, u.Port()) || strings.HasSuffix(u.Host, ":"):
		return forbidden("The port is 443 or 8443.")
	}
	return checkHost(host)
}

func loopback(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// checkHost refuses hosts that are no name of the internet, and no address of it.
func checkHost(host string) error {
	if a, err := netip.ParseAddr(host); err == nil {
		if a.Zone() != "" || ssrf.New().SafeAddr(a) != nil {
			return forbidden("This address is not on the internet.")
		}
		return nil
	}
	for i := range len(host) {
		if c := host[i]; (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '.' {
			return forbidden("Write the name in ASCII, other scripts as xn--….")
		}
	}
	last := host[strings.LastIndexByte(host, '.')+1:]
	if _, err := strconv.ParseUint(last, 0, 64); err == nil || last == "" || last == host || slices.Contains(inner, last) || strings.Contains(host, "..") {
		return forbidden("This is no name on the internet.")
	}
	return nil
}

// inner are the last labels of names that lead nowhere, or inside.
var inner = []string{"localhost", "local", "internal", "lan", "home", "corp", "arpa", "test", "invalid", "example", "onion"}

const maxTypes = 50

// checkTypes refuses what can be no filter of events.
func checkTypes(types []string) error {
	if len(types) == 0 || len(types) > maxTypes {
		return invalid("/types", abi.ReasonMalformed, "Name 1 to 50 types of events; * means all.")
	}
	for i, t := range types {
		contract, event, ok := strings.Cut(t, ".")
		if t != "*" && (!ok || !word(contract) || event != "*" && !word(event)) || slices.Contains(types[:i], t) {
			return invalid("/types/"+strconv.Itoa(i), abi.ReasonMalformed, "This is no type like till.closed, till.* or *, or stands twice.")
		}
	}
	return nil
}

func word(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (i == 0 || (c < '0' || c > '9') && c != '_') {
			return false
		}
	}
	return s != "" && len(s) <= 128
}

// wants says whether a filter lets a type through.
func wants(types []string, name string) bool {
	contract, _, _ := strings.Cut(name, ".")
	return slices.ContainsFunc(types, func(t string) bool { return t == "*" || t == name || t == contract+".*" })
}
