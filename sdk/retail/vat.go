package retail

import (
	"cmp"
	"slices"
)

// VATShare is what a document holds at one rate. Gross is the truth; Net and
// VAT add up to it.
type VATShare struct {
	Rate  BasisPoints `json:"rate"`
	Gross Money       `json:"gross"`
	Net   Money       `json:"net"`
	VAT   Money       `json:"vat"`
}

// SplitGross takes the VAT out of a gross amount, rounded half away from zero;
// net is the rest. Use it once per rate and document, never per line, and never
// rebuild a gross amount from a net one: at 22 % one price in six is not the
// gross of any net price in cents. Errors: ErrOverflow, also for a rate below 0.
func SplitGross(gross Money, rate BasisPoints) (net, vat Money, err error) {
	if rate < 0 || rate > 1_000_000 {
		return 0, 0, ErrOverflow
	}
	v, err := MulDiv(int64(gross), int64(rate), 10_000+int64(rate))
	return gross - Money(v), Money(v), err
}

// SplitVAT is a document's VAT: the gross amounts of its lines, added up per
// rate and split once each, by rate. Only Rate and Gross of lines count.
// Errors: ErrOverflow.
func SplitVAT(lines []VATShare) ([]VATShare, error) {
	sorted := slices.Clone(lines)
	slices.SortStableFunc(sorted, func(a, b VATShare) int { return cmp.Compare(a.Rate, b.Rate) })
	var shares []VATShare
	var err error
	for _, l := range sorted {
		last := len(shares) - 1
		if last < 0 || shares[last].Rate != l.Rate {
			shares = append(shares, VATShare{Rate: l.Rate, Gross: l.Gross})
		} else if shares[last].Gross, err = shares[last].Gross.Plus(l.Gross); err != nil {
			return nil, err
		}
	}
	for i := range shares {
		s := &shares[i]
		if s.Net, s.VAT, err = SplitGross(s.Gross, s.Rate); err != nil {
			return nil, err
		}
	}
	return shares, nil
}
