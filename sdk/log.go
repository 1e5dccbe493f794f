package sdk

import (
	"github.com/bottega-retail/bottega/sdk/abi"
	"github.com/bottega-retail/bottega/sdk/internal/hostcall"
)

// Field is a parameter of a log line or of an error.
type Field = abi.Field

// Text makes a field of a text.
func Text[S ~string](name string, value S) Field { return Field{Name: name, Text: string(value)} }

// Int makes a field of an integer.
func Int[I ~int64 | ~int](name string, value I) Field {
	return Field{Name: name, Int: int64(value), IsInt: true}
}

// Log writes a line to the app's log, which the retailer's developer can read.
// Lines of an attempt that is rerun are written too. Never log personal data.
func Log(s Scope, message string, fields ...Field) {
	logLine(s.context(), abi.LogInfo, message, fields)
}

// Warn is Log for what somebody should look at.
func Warn(s Scope, message string, fields ...Field) {
	logLine(s.context(), abi.LogWarn, message, fields)
}

// logLine drops the line if the host will not have it: logging never fails an
// operation.
func logLine(c *context, level abi.LogLevel, message string, fields []Field) {
	l := abi.Log{Level: level, Message: message, Fields: fields}
	c.send(hostcall.Log, l.Append(c.frame()))
}
