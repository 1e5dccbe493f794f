package app

import (
	"github.com/bottega-retail/bottega/apps/customers"
	"github.com/bottega-retail/bottega/apps/customers/internal/identity"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// customer is somebody who is not erased. Errors: not_found, reason "customer"
// or "erased".
func customer(r sdk.Reader, id retail.CustomerID, pointer string) (ProfileRecord, error) {
	if p, ok := profiles.Get(r, sdk.K(id)); ok {
		return p, nil
	}
	if _, gone := erasures.Get(r, sdk.K(id)); gone {
		return ProfileRecord{}, pointed(sdk.NotFound("erased", "this customer was erased"), pointer)
	}
	return ProfileRecord{}, pointed(sdk.NotFound("customer", "there is no customer with this id"), pointer)
}

// shown is a customer as the contract shows him.
func shown(r sdk.Reader, p *ProfileRecord) customers.Customer {
	out := customers.Customer{ID: p.ID, Profile: p.Profile, Groups: p.Groups, Tier: p.Tier, Created: p.Created, Changed: p.Changed}
	for i := range identifiers.Scan(r, sdk.Scan{Prefix: sdk.K(p.ID)}) {
		out.Identifiers = append(out.Identifiers, i.shown())
	}
	return out
}

func getCustomer(v *sdk.View, in customers.CustomerRef) (customers.Customer, error) {
	p, err := customer(v, in.ID, "/id")
	if err != nil {
		return customers.Customer{}, err
	}
	return shown(v, &p), nil
}

func create(tx *sdk.Tx, in customers.CreateIn) (out customers.Stored, err error) {
	if in.ID == "" {
		in.ID = retail.CustomerID(tx.NewID())
	}
	if err := newID(tx, in.ID); err != nil {
		return out, err
	}
	if err := validProfile(tx, &in.Profile); err != nil {
		return out, err
	}
	p := ProfileRecord{ID: in.ID, Profile: in.Profile, Created: tx.Now(), Changed: tx.Now()}
	if err := profiles.Insert(tx, p); err != nil {
		return out, idTaken(err)
	}
	if err := customers.Created.Emit(tx, customers.CreatedEvent{Customer: p.ID}); err != nil {
		return out, err
	}
	if len(in.Identifiers) > customers.MaxIdentifiers {
		return out, tooMany()
	}
	for i, x := range in.Identifiers {
		if _, err := identify(tx, p.ID, x, in.Returning, element("identifiers", i)); err != nil {
			return out, err
		}
	}
	return stored(&p), nil
}

func stored(p *ProfileRecord) customers.Stored { return customers.Stored{ID: p.ID, Changed: p.Changed} }

// newID checks an id that a new customer is to have.
func newID(r sdk.Reader, id retail.CustomerID) error {
	if !identity.ID(string(id)) {
		return sdk.Invalid("/id", "id", "an id has 1 to 64 letters, digits, points, hyphens and underscores")
	}
	if _, personal := identity.TaxCode(string(id)); personal && len(id) == 16 {
		return sdk.Invalid("/id", "id", "a tax code is no id: an id stays when the person is erased")
	}
	if _, gone := erasures.Get(r, sdk.K(id)); gone {
		return pointed(sdk.FailedPrecondition("erased", "the customer with this id was erased"), "/id")
	}
	return nil
}

// idTaken says what the host's refusal of an insert means here.
func idTaken(err error) error {
	if sdk.CodeOf(err) == sdk.CodeConflict {
		return pointed(sdk.Fail(sdk.CodeConflict, "exists", "there is a customer with this id"), "/id")
	}
	return err
}

func update(tx *sdk.Tx, in customers.UpdateIn) (out customers.Stored, err error) {
	p, err := customer(tx, in.ID, "/id")
	if err != nil {
		return out, err
	}
	if err := validProfile(tx, &in.Profile); err != nil {
		return out, err
	}
	parts := changed(&p.Profile, &in.Profile)
	if len(parts) == 0 {
		return stored(&p), nil
	}
	p.Profile, p.Changed = in.Profile, tx.Now()
	if err := profiles.Put(tx, p); err != nil {
		return out, err
	}
	return stored(&p), customers.Updated.Emit(tx, customers.UpdatedEvent{Customer: p.ID, Parts: parts})
}

// changed names the parts in which two profiles differ.
func changed(a, b *customers.Profile) (parts []string) {
	for _, part := range [...]struct {
		name string
		same bool
	}{
		{"name", a.Name == b.Name},
		{"language", a.Language == b.Language},
		{"birth", a.Birth == b.Birth},
		{"address", sameAddress(a.Address, b.Address)},
	} {
		if !part.same {
			parts = append(parts, part.name)
		}
	}
	return parts
}

func sameAddress(a, b *customers.Address) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

// validProfile checks a profile. An address without lines becomes none.
func validProfile(r sdk.Reader, p *customers.Profile) error {
	for _, part := range [...]string{p.Name.Title, p.Name.Given, p.Name.Middle, p.Name.Family} {
		if part != "" && !identity.Label(part, 100) {
			return sdk.Invalid("/profile/name", "name", "a part of a name has at most 100 characters")
		}
	}
	switch {
	case p.Name.Company != "" && !identity.Label(p.Name.Company, 200):
		return sdk.Invalid("/profile/name/company", "company", "a company's name has at most 200 characters")
	case p.Language != "" && !identity.Language(p.Language):
		return sdk.Invalid("/profile/language", "language", "languages are written as it or de-AT")
	case p.Birth != "" && !past(r, p.Birth):
		return sdk.Invalid("/profile/birth", "birth", "a birthday is written YYYY-MM-DD and is not to come")
	}
	if p.Address == nil || *p.Address == (customers.Address{}) {
		p.Address = nil
		return nil
	}
	return validAddress(p.Address)
}

func validAddress(a *customers.Address) error {
	for _, line := range [...]string{a.Street, a.CAP, a.City, a.Province} {
		if line != "" && !identity.Label(line, 200) {
			return sdk.Invalid("/profile/address", "address", "a line of an address has at most 200 characters")
		}
	}
	if a.Country != "" && !identity.Country(a.Country) {
		return sdk.Invalid("/profile/address/country", "country", "countries are written as in IT")
	}
	return nil
}

// past says whether a date has begun somewhere on earth.
func past(r sdk.Reader, d retail.Date) bool {
	if d.Valid() != nil {
		return false
	}
	const ahead = 14 * 60 * 60 * 1000 // the clocks that go first
	local, err := retail.Zone("UTC").Local(r.Now() + ahead)
	return err == nil && d <= local.Date
}
