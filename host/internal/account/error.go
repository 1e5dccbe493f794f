package account

import (
	"errors"
	"time"

	"github.com/bottega-retail/bottega/host/internal/identity"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// The reasons of accounts, beside those of the kernel.
const (
	// ReasonPrincipal (Denied): nobody knows who asks, or the credential is of no
	// use any more. REST answers it with 401.
	ReasonPrincipal = "principal"
	// ReasonLogin (Denied): name and password do not belong together. It is the
	// same for a name that nobody has and for one that is disabled. 401.
	ReasonLogin = "login"
	// ReasonDelay (Exhausted): too many attempts; Fields["retry_after"] is how many
	// seconds to wait. 429.
	ReasonDelay = "login_delay"
	// ReasonInvitation (Denied): the invitation does not exist, was used or is over.
	ReasonInvitation = "invitation"
	// ReasonRightNotHeld (Denied): nobody can give, or take over, more than he
	// has; Fields["right"] or Fields["store"] names what.
	ReasonRightNotHeld = "right_not_held"
	// ReasonRightUnknown (Invalid): no enabled app declares the right.
	ReasonRightUnknown = "right_unknown"
	// ReasonLastOwner (FailedPrecondition): nobody would be left who may do
	// everything.
	ReasonLastOwner = "last_owner"
	// ReasonOwnPassword (FailedPrecondition): one's own is changed by who knows it.
	ReasonOwnPassword = "own_password"
	// ReasonRoleUnknown (Invalid), ReasonRoleInUse and ReasonRoleReady
	// (FailedPrecondition).
	ReasonRoleUnknown = "role_unknown"
	ReasonRoleInUse   = "role_in_use"
	ReasonRoleReady   = "role_ready"
	// ReasonStale (Conflict): it was changed since; Fields["etag"] is what holds
	// now. 412.
	ReasonStale = "stale"
	// ReasonCursor (Invalid): "after" is nothing that a list answered.
	ReasonCursor = "cursor_invalid"
)

func failure(code abi.Code, reason, message string) *abi.Error {
	return &abi.Error{Code: code, Reason: reason, Message: message}
}

func invalid(pointer, message string) *abi.Error {
	return &abi.Error{Code: abi.Invalid, Reason: abi.ReasonMalformed, Message: message, Pointer: pointer}
}

func missing(what string) *abi.Error {
	return failure(abi.NotFound, what, "There is no such "+what+".")
}

func errCredential() *abi.Error {
	return failure(abi.Denied, ReasonPrincipal, "Nobody knows who you are, or you are signed out.")
}

func errLogin() *abi.Error {
	return failure(abi.Denied, ReasonLogin, "Name and password do not belong together.")
}

func errInvitation() *abi.Error {
	return failure(abi.Denied, ReasonInvitation, "This invitation is not, or no longer, good.")
}

// errDelay rounds up: who waits as long as he is told must not be early.
func errDelay(wait time.Duration) *abi.Error {
	e := failure(abi.Exhausted, ReasonDelay, "Too many attempts: wait before the next one.")
	e.Fields = []abi.Field{{Name: "retry_after", Int: int64((wait + time.Second - 1) / time.Second), IsInt: true}}
	return e
}

func errTaken(message string) *abi.Error { return failure(abi.Conflict, abi.ReasonExists, message) }

func errLastOwner() *abi.Error {
	return failure(abi.FailedPrecondition, ReasonLastOwner, "Nobody would be left who may do everything.")
}

func errStale(etag string) *abi.Error {
	e := failure(abi.Conflict, ReasonStale, "It was changed since you read it.")
	e.Pointer, e.Fields = "/if_match", []abi.Field{{Name: "etag", Text: etag}}
	return e
}

func notHeld(what, name string) *abi.Error {
	e := failure(abi.Denied, ReasonRightNotHeld, "You cannot give, or take over, more than you have yourself.")
	e.Fields = []abi.Field{{Name: what, Text: name}}
	return e
}

// weak turns the refusal of a password into an answer.
func weak(err error, pointer string) error {
	var w *identity.Weak
	if !errors.As(err, &w) {
		return err
	}
	return &abi.Error{Code: abi.Invalid, Reason: w.Reason, Message: w.Message, Pointer: pointer}
}

// errTwice is for a random id that another has: once in a million million.
func errTwice() *abi.Error { return failure(abi.Conflict, "contention", "Please try again.") }
