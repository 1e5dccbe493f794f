// Package kernel is the one way to run an operation: it admits it, takes one
// cut of the registry, authorises, opens the transaction, runs the guests, and
// commits or undoes. It knows registry, storage and sandbox; it must not know
// HTTP, JSON or any retail word.
package kernel

import (
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Call is one operation to run. REST, CLI, events and timers all become one.
type Call struct {
	Tenant    string
	Operation string // contract.operation
	Input     []byte // MessagePack
	Principal identity.Principal
	Request   string // id of the request, for logs, errors and guests

	// Key makes a command repeatable: the same key, principal and operation
	// with the same Input answer the same bytes and change nothing. Required
	// for commands at the REST edge; "" runs it unprotected.
	Key string
}

// Result is what a successful operation answered.
type Result struct {
	Output   []byte // MessagePack
	Position uint64 // log position of the operation's last event, or the newest before it
	Replayed bool   // answered from the record of an earlier run with the same key
	App      string // id@version that answered
	Usage    Usage
}

// Usage is what an operation cost.
type Usage struct {
	Units     int64 // of fuel, over all attempts
	HostCalls int
	Hops      int // calls from app to app
	Attempts  int
	Duration  time.Duration
}

// Error is how an operation ended without success. Public is safe to show;
// Cause is for the log.
type Error struct {
	Public abi.Error
	Cause  error
}

func (e *Error) Error() string { return e.Public.Error() }

// Unwrap is the cause.
func (e *Error) Unwrap() error { return e.Cause }
