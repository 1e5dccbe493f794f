package app

import (
	"cmp"
	"errors"
	"slices"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/catalog/internal/assortment"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func putStore(tx *sdk.Tx, in catalog.Store) (catalog.Store, error) {
	in.Kind, in.Status = cmp.Or(in.Kind, catalog.Shop), cmp.Or(in.Status, catalog.Active)
	in.Channel = cmp.Or(in.Channel, retail.Channel(in.Kind))
	if err := validStore(&in); err != nil {
		return in, err
	}
	slices.SortFunc(in.Hours, func(a, b catalog.OpenHours) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Hours.From, b.Hours.From))
	})
	slices.SortFunc(in.Special, func(a, b catalog.SpecialHours) int {
		return cmp.Or(cmp.Compare(a.Date, b.Date), cmp.Compare(a.From, b.From))
	})
	if _, ok := entities.Get(tx, sdk.K(in.Entity)); !ok {
		return in, missing("/entity", "entity", string(in.Entity))
	}
	if old, ok := stores.Get(tx, sdk.K(in.ID)); ok && sameStore(&old, &in) {
		return in, nil
	}
	if err := stores.Put(tx, in); err != nil {
		return in, err
	}
	return in, catalog.StoreChanged.Emit(tx, in)
}

func validStore(s *catalog.Store) error {
	switch _, known := s.Currency.Digits(); {
	case !assortment.StoreID(string(s.ID)):
		return sdk.Invalid("/id", "id", "a store's id is 1 to 32 letters, digits, points, hyphens and underscores")
	case !assortment.Label(s.Name, 200):
		return sdk.Invalid("/name", "name", "a store's name has 1 to 200 characters")
	case s.Kind != catalog.Shop && s.Kind != catalog.Warehouse && s.Kind != catalog.Web:
		return sdk.Invalid("/kind", "kind", "kinds are store, warehouse and web")
	case s.Zone.Valid() != nil:
		return sdk.Invalid("/zone", "zone", "zones are written as in Europe/Rome")
	case !known:
		return sdk.Invalid("/currency", "currency", "currencies are written as in EUR")
	case !assortment.Label(string(s.Channel), 64):
		return sdk.Invalid("/channel", "channel", "a channel has at most 64 characters")
	}
	for i, h := range s.Hours {
		if h.Day < 1 || h.Day > 7 || h.Hours.Valid() != nil {
			return sdk.Invalid(at("hours", i, ""), "hours", "days are 1 to 7, times are written HH:MM")
		}
	}
	if err := validSpecial(s.Special); err != nil {
		return err
	}
	if p := s.Position; p != nil && (beyond(p.Latitude, 90) || beyond(p.Longitude, 180)) {
		return sdk.Invalid("/position", "position", "latitude and longitude are millionths of a degree")
	}
	if err := validAddress(s.Address); err != nil {
		return err
	}
	return validStatus(s.Status, "/status")
}

// beyond says whether an angle in millionths of a degree is more than so many degrees.
func beyond(angle, degrees int64) bool {
	return angle > degrees*1_000_000 || angle < -degrees*1_000_000
}

// maxSpecial is more than a year of single days.
const maxSpecial = 400

func validSpecial(days []catalog.SpecialHours) error {
	if len(days) > maxSpecial {
		return sdk.Invalid("/special", "special", "at most 400 single days")
	}
	for i, d := range days {
		hours := retail.DayHours{From: d.From, To: d.To}
		if d.Date.Valid() != nil || hours.Valid() != nil || d.Closed && hours != (retail.DayHours{}) {
			return sdk.Invalid(at("special", i, ""), "special", "days are written YYYY-MM-DD, times HH:MM; a closed day has none")
		}
	}
	return nil
}

func validAddress(a *catalog.Address) error {
	if a == nil {
		return nil
	}
	for _, field := range [...]string{a.Street, a.CAP, a.City, a.Province} {
		if field != "" && !assortment.Label(field, 200) {
			return sdk.Invalid("/address", "address", "lines of an address have at most 200 characters")
		}
	}
	if a.Country != "" && !assortment.Country(a.Country) {
		return sdk.Invalid("/address/country", "country", "countries are written as in IT")
	}
	return nil
}

func sameAddress(a, b *catalog.Address) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func sameStore(a, b *catalog.Store) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Entity == b.Entity && a.Kind == b.Kind && a.Zone == b.Zone &&
		a.Channel == b.Channel && a.Currency == b.Currency && a.Status == b.Status &&
		slices.Equal(a.Hours, b.Hours) && sameAddress(a.Address, b.Address) &&
		slices.Equal(a.Special, b.Special) && samePosition(a.Position, b.Position)
}

func samePosition(a, b *catalog.Position) bool {
	if a == nil || b == nil {
		return a == b
	}
	return *a == *b
}

func getStore(v *sdk.View, in catalog.GetStoreIn) (catalog.Store, error) {
	s, ok := stores.Get(v, sdk.K(in.ID))
	if !ok {
		return s, missing("/id", "store", string(in.ID))
	}
	return s, nil
}

func listStores(v *sdk.View, in catalog.StoresIn) (catalog.StoresOut, error) {
	var out catalog.StoresOut
	size := pageSize(in.Limit)
	scan := sdk.Scan{Limit: mostScanned}
	if in.Entity != "" {
		scan.Index, scan.Prefix = "entity", sdk.K(in.Entity)
	}
	if in.Cursor != "" {
		scan.From = sdk.K(in.Cursor)
	}
	seen, all := 0, v.Info().Caller != "" // an app that calls acts by its grant
	for s := range stores.Scan(v, scan) {
		seen++
		listed := (in.Kind == "" || in.Kind == s.Kind) && (all || sdk.MayStore(v, s.ID))
		if listed && len(out.Stores) == size || seen == mostScanned {
			out.Cursor = string(s.ID)
			break
		}
		if listed {
			out.Stores = append(out.Stores, s)
		}
	}
	return out, nil
}

func putEntity(tx *sdk.Tx, in catalog.Entity) (catalog.Entity, error) {
	switch {
	case !assortment.Label(string(in.ID), 32):
		return in, sdk.Invalid("/id", "id", "an entity's id has 1 to 32 characters")
	case !assortment.Label(in.Name, 200):
		return in, sdk.Invalid("/name", "name", "an entity's name has 1 to 200 characters")
	case !assortment.Country(in.Country):
		return in, sdk.Invalid("/country", "country", "countries are written as in IT")
	case in.VATNumber != "" && !assortment.VATNumber(in.Country, in.VATNumber):
		return in, sdk.Invalid("/vat_number", "vat_number", "this VAT number cannot exist")
	case in.TaxCode != "" && !assortment.Label(in.TaxCode, 32):
		return in, sdk.Invalid("/tax_code", "tax_code", "a tax code has at most 32 characters")
	}
	if err := validAddress(in.Address); err != nil {
		return in, err
	}
	if old, ok := entities.Get(tx, sdk.K(in.ID)); ok && sameEntity(&old, &in) {
		return in, nil
	}
	if err := entities.Put(tx, in); err != nil {
		return in, vatNumberTaken(err)
	}
	return in, catalog.EntityChanged.Emit(tx, in)
}

// vatNumberTaken gives the host's refusal of a second entry the reason that
// the contract promises.
func vatNumberTaken(err error) error {
	var e *sdk.Error
	if errors.As(err, &e) && e.Code == sdk.CodeConflict {
		taken := sdk.Fail(sdk.CodeConflict, "vat_number", "another entity has this VAT number")
		taken.Pointer = "/vat_number"
		return taken
	}
	return err
}

func sameEntity(a, b *catalog.Entity) bool {
	return a.ID == b.ID && a.Name == b.Name && a.VATNumber == b.VATNumber && a.TaxCode == b.TaxCode &&
		a.Country == b.Country && sameAddress(a.Address, b.Address)
}

func getEntity(v *sdk.View, in catalog.GetEntityIn) (catalog.Entity, error) {
	e, ok := entities.Get(v, sdk.K(in.ID))
	if !ok {
		return e, missing("/id", "entity", string(in.ID))
	}
	return e, nil
}

func listEntities(v *sdk.View, _ sdk.None) (catalog.EntitiesOut, error) {
	return catalog.EntitiesOut{Entities: slices.Collect(entities.Scan(v, sdk.Scan{}))}, nil
}
