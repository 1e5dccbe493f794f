package script

import (
	"errors"

	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/abi"
)

// Err is the error that f describes.
func (f *Failure) Err() *sdk.Error {
	code, _ := abi.ParseCode(f.Code)
	e := &sdk.Error{Code: code, Reason: f.Reason, Message: f.Message, Pointer: f.Pointer}
	for _, x := range f.Fields {
		e.Fields = append(e.Fields, sdk.Field(x))
	}
	return e
}

// Describe is what a guest can see of an error, nil for none.
func Describe(err error) *Failure {
	if err == nil {
		return nil
	}
	var e *sdk.Error
	if !errors.As(err, &e) {
		return &Failure{Code: "not an error of the SDK", Message: err.Error()}
	}
	f := &Failure{Code: e.Code.String(), Reason: e.Reason, Message: e.Message, Pointer: e.Pointer, App: e.App}
	for _, x := range e.Fields {
		f.Fields = append(f.Fields, Field(x))
	}
	return f
}
