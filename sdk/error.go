package sdk

import (
	"errors"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// Code is the closed half of an error: what a caller can act on.
type Code = abi.Code

// The codes an app may end with; see package abi for what each one means.
const (
	CodeInvalid            = abi.Invalid
	CodeNotFound           = abi.NotFound
	CodeConflict           = abi.Conflict
	CodeDenied             = abi.Denied
	CodeFailedPrecondition = abi.FailedPrecondition
	CodeExhausted          = abi.Exhausted
	CodeUnavailable        = abi.Unavailable
	CodeDeadline           = abi.Deadline
	CodeTooLarge           = abi.TooLarge
	CodeInternal           = abi.Internal
)

// Error is an outcome that is not success, on both sides of a call. Reason is
// open and documented by the operation; Fields are its parameters; Message is
// for the person who called. Any other error that a handler returns becomes
// CodeInternal and its text goes to the log only.
type Error = abi.Error

// Fail makes an error of a code, a reason and a message for the caller.
func Fail(code Code, reason, message string) *Error {
	return &Error{Code: code, Reason: reason, Message: message}
}

// Invalid is Fail with CodeInvalid and the JSON pointer of the field at fault,
// "" for none.
func Invalid(pointer, reason, message string) *Error {
	return &Error{Code: abi.Invalid, Reason: reason, Message: message, Pointer: pointer}
}

// NotFound is Fail with CodeNotFound.
func NotFound(reason, message string) *Error { return Fail(abi.NotFound, reason, message) }

// FailedPrecondition is Fail with CodeFailedPrecondition.
func FailedPrecondition(reason, message string) *Error {
	return Fail(abi.FailedPrecondition, reason, message)
}

// wrapped is an error and what was attempted: fmt would bring reflection into
// every guest.
type wrapped struct {
	attempt string
	err     error
}

func (w *wrapped) Error() string { return w.attempt + ": " + w.err.Error() }

func (w *wrapped) Unwrap() error { return w.err }

func within(attempt string, err error) error { return &wrapped{attempt, err} }

// asError is the *Error that err is or wraps, nil if there is none. Apps act on
// expected errors in the middle of a sale, so the plain case is worth a look
// before errors.As compares types.
func asError(err error) *Error {
	if e, ok := err.(*Error); ok { //nolint:errorlint // errors.As follows
		return e
	}
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// CodeOf is the code of err: OK for nil, Internal for an error without one.
func CodeOf(err error) Code {
	if err == nil {
		return abi.OK
	}
	if e := asError(err); e != nil {
		return e.Code
	}
	return abi.Internal
}

// ReasonOf is the reason of err, "" if it has none.
func ReasonOf(err error) string {
	if e := asError(err); e != nil {
		return e.Reason
	}
	return ""
}

// parseError makes an error of a host call's answer.
func parseError(out []byte, code abi.Code) *Error {
	if len(out) == 0 {
		return &Error{Code: code}
	}
	e, err := abi.ParseError(out)
	if err != nil {
		return &Error{Code: abi.Internal, Message: err.Error()}
	}
	return e
}

// outcome is a host call's error, nil for OK.
func outcome(out []byte, code abi.Code) error {
	if code == abi.OK {
		return nil
	}
	return parseError(out, code)
}
