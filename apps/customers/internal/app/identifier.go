package app

import (
	"strconv"

	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/internal/identity"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// element is the JSON pointer of an element of a list.
func element(list string, i int) string { return "/" + list + "/" + strconv.Itoa(i) }

func (i *IdentifierRecord) shown() customers.Identifier {
	return customers.Identifier{Type: i.Type, Value: i.Value, Class: i.Class, Verified: i.Verified, Source: i.Source, Since: i.Since}
}

func (i *IdentifierRecord) holder() customers.Holder {
	return customers.Holder{Customer: i.Customer, Class: i.Class, Verified: i.Verified}
}

func (i *IdentifierRecord) key() sdk.Key {
	return sdk.K(i.Customer).Text(string(i.Type)).Text(i.Value)
}

func (i *IdentifierRecord) event(removed bool) customers.IdentifiedEvent {
	return customers.IdentifiedEvent{Customer: i.Customer, Type: i.Type, Class: i.Class, Verified: i.Verified, Removed: removed}
}

// normal is the normal form of a value. Errors: invalid, with a reason by type,
// that never repeats the value.
func normal(r sdk.Reader, kind customers.IdentifierType, value, pointer string) (string, error) {
	var ok bool
	message := ""
	switch kind {
	case customers.Email:
		value, ok = identity.Email(value)
		message = "this is no e-mail address"
	case customers.Phone:
		value, ok = identity.Phone(value, settings.Get(r).CallingCode)
		message = "this is no telephone number; a landline in Italy keeps its 0 after +39"
	case customers.Card:
		value, ok = identity.Card(value)
		message = "a card has 4 to 32 letters and digits"
	case customers.TaxCode:
		value, ok = identity.TaxCode(value)
		message = "this tax code cannot exist"
	case customers.VATNumber:
		value, ok = identity.VATNumber(value)
		message = "this VAT number cannot exist"
	case customers.External:
		ok = identity.Label(value, 128)
		message = "an external id has 1 to 128 characters"
	default:
		return "", sdk.Invalid(pointer+"/type", "type", "types are email, phone, card, tax_code, vat_number and external")
	}
	if !ok {
		return "", sdk.Invalid(pointer+"/value", string(kind), message)
	}
	return value, nil
}

// usual is the class of a type when nobody says another.
func usual(kind customers.IdentifierType) customers.Class {
	if kind == customers.Phone || kind == customers.VATNumber {
		return customers.Shared
	}
	return customers.Unique
}

// recordOf checks an identifier and gives it its normal form.
func recordOf(tx *sdk.Tx, id retail.CustomerID, in customers.Identifier, pointer string) (IdentifierRecord, error) {
	x := IdentifierRecord{Customer: id, Type: in.Type, Class: in.Class, Verified: in.Verified, Source: in.Source, Since: tx.Now()}
	var err error
	if x.Value, err = normal(tx, in.Type, in.Value, pointer); err != nil {
		return x, err
	}
	switch x.Class {
	case "":
		x.Class = usual(x.Type)
	case customers.Unique, customers.Shared:
	default:
		return x, sdk.Invalid(pointer+"/class", "class", "classes are unique and shared")
	}
	if x.Class == customers.Unique {
		x.Once = x.Value
	}
	if x.Source != "" && !identity.Label(x.Source, 100) {
		return x, sdk.Invalid(pointer+"/source", "source", "a source has at most 100 characters")
	}
	return x, nil
}

func setIdentifier(tx *sdk.Tx, in customers.SetIdentifierIn) (customers.Holder, error) {
	if _, err := customer(tx, in.Customer, "/customer"); err != nil {
		return customers.Holder{}, err
	}
	x, err := identify(tx, in.Customer, in.Identifier, in.Returning, "/identifier")
	return x.holder(), err
}

// identify gives an identifier to a customer who exists.
func identify(tx *sdk.Tx, id retail.CustomerID, in customers.Identifier, returning bool, pointer string) (IdentifierRecord, error) {
	x, err := recordOf(tx, id, in, pointer)
	if err != nil {
		return x, err
	}
	old, had := identifiers.Get(tx, x.key())
	if had {
		if x.Since = old.Since; x == old {
			return x, nil
		}
	} else if err := welcome(tx, &x, returning, pointer); err != nil {
		return x, err
	}
	if taken(tx, &x) {
		return x, alreadyOnes(pointer)
	}
	if err := identifiers.Put(tx, x); err != nil {
		if sdk.ReasonOf(err) == "unique" {
			return x, alreadyOnes(pointer)
		}
		return x, err
	}
	return x, customers.Identified.Emit(tx, x.event(false))
}

// welcome checks an identifier that the customer did not have.
func welcome(tx *sdk.Tx, x *IdentifierRecord, returning bool, pointer string) error {
	count := 0
	for range identifiers.Scan(tx, sdk.Scan{Prefix: sdk.K(x.Customer), Limit: customers.MaxIdentifiers}) {
		count++
	}
	if count >= customers.MaxIdentifiers {
		return tooMany()
	}
	stone, buried := tombstone(tx, x.Type, x.Value)
	switch {
	case !buried:
		return nil
	case !returning:
		return pointed(sdk.FailedPrecondition("erased", "this was the identifier of somebody who was erased"), pointer+"/value")
	}
	return tombstones.Delete(tx, sdk.K(stone.Hash))
}

// taken says whether another customer's claim stands against an identifier. Where
// one customer has a value as unique, nobody else has it: two records tell all.
func taken(r sdk.Reader, x *IdentifierRecord) bool {
	for other := range identifiers.Scan(r, sdk.Scan{Index: "value", Prefix: sdk.K(x.Type).Text(x.Value), Limit: 2}) {
		if other.Customer != x.Customer && (other.Class == customers.Unique || x.Class == customers.Unique) {
			return true
		}
	}
	return false
}

func alreadyOnes(pointer string) error {
	return pointed(sdk.Fail(sdk.CodeConflict, "identifier", "another customer has this identifier"), pointer+"/value")
}

func tooMany() error {
	return sdk.Fail(sdk.CodeTooLarge, "identifiers", "a customer has at most 30 identifiers")
}

func removeIdentifier(tx *sdk.Tx, in customers.RemoveIdentifierIn) (out customers.Holder, err error) {
	if _, err := customer(tx, in.Customer, "/customer"); err != nil {
		return out, err
	}
	value, err := normal(tx, in.Type, in.Value, "")
	if err != nil {
		return out, err
	}
	x := IdentifierRecord{Customer: in.Customer, Type: in.Type, Value: value}
	x, ok := identifiers.Get(tx, x.key())
	if !ok {
		return out, pointed(sdk.NotFound("identifier", "the customer does not have this identifier"), "/value")
	}
	if err := identifiers.Delete(tx, x.key()); err != nil {
		return out, err
	}
	return x.holder(), customers.Identified.Emit(tx, x.event(true))
}

func resolve(v *sdk.View, in customers.ResolveIn) (out customers.ResolveOut, err error) {
	value, err := normal(v, in.Type, in.Value, "")
	if err != nil {
		return out, err
	}
	scan := sdk.Scan{Index: "value", Prefix: sdk.K(in.Type).Text(value), Limit: customers.MaxPage + 1}
	for x := range identifiers.Scan(v, scan) {
		if out.More = len(out.Holders) == customers.MaxPage; !out.More {
			out.Holders = append(out.Holders, x.holder())
		}
	}
	if len(out.Holders) == 0 {
		_, out.Erased = tombstone(v, in.Type, value)
	}
	return out, nil
}
