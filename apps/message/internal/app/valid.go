package app

import (
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/message"
	"github.com/bottega-retail/bottega/apps/message/internal/delivery"
	"github.com/bottega-retail/bottega/sdk"
)

// validRequest checks what does not depend on anybody.
func validRequest(in *message.SendIn) error {
	switch {
	case !delivery.Key(in.Key, 128):
		return sdk.Invalid("/key", "key", "a key has 1 to 128 letters, digits and . - _ : /")
	case in.Customer == "" && in.Address == "":
		return sdk.Invalid("", "recipient", "a message is for a customer or goes to an address")
	case !delivery.Short(in.Address, 254):
		return sdk.Invalid("/address", "address", "an address has at most 254 characters")
	case in.Address != "" && in.Route == "":
		return sdk.Invalid("/route", "route", "an address says nothing without its route")
	case in.Route != "" && !delivery.ID(in.Route):
		return sdk.Invalid("/route", "route", "a route is 1 to 64 letters, digits, points, hyphens and underscores")
	case !delivery.ID(string(in.Purpose)):
		return sdk.Invalid("/purpose", "purpose", "a purpose is 1 to 64 letters, digits, points, hyphens and underscores")
	case in.Language != "" && !delivery.Tag(in.Language):
		return sdk.Invalid("/language", "language", "languages are written as it or de-AT")
	case (in.Template == "") == (len(in.Texts) == 0):
		return sdk.Invalid("", "content", "a message has a template or texts")
	case in.Template != "" && !delivery.Key(in.Template, 128):
		return sdk.Invalid("/template", "content", "a template has 1 to 128 letters, digits and . - _ : /")
	}
	if err := validParameters(in.Parameters); err != nil {
		return err
	}
	return validTexts(in.Texts)
}

func validParameters(list []message.Parameter) error {
	if len(list) > message.MaxParameters {
		return sdk.Invalid("/parameters", "parameters", "a template has at most 100 parameters")
	}
	for i, p := range list {
		twice := slices.ContainsFunc(list[:i], func(o message.Parameter) bool { return o.Name == p.Name })
		if twice || !delivery.ID(p.Name) || !delivery.Long(p.Value, 2000) {
			return sdk.Invalid("/parameters/"+strconv.Itoa(i), "parameters", "a parameter has a name of its own and at most 2,000 characters")
		}
	}
	return nil
}

func validTexts(list []message.Text) error {
	if len(list) > message.MaxTexts {
		return sdk.Invalid("/texts", "texts", "a message has at most 20 languages")
	}
	for i, x := range list {
		twice := slices.ContainsFunc(list[:i], func(o message.Text) bool { return o.Language == x.Language })
		if twice || !delivery.Tag(x.Language) || !delivery.Short(x.Subject, 200) || x.Body == "" || !delivery.Long(x.Body, 10_000) {
			return sdk.Invalid("/texts/"+strconv.Itoa(i), "texts", "a text has a language of its own, a subject of at most 200 and a body of at most 10,000 characters")
		}
	}
	return nil
}
