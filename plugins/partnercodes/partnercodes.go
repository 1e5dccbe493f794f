// Package partnercodes validates codes that a partner hands out, offline: the partner
// signs each with a key of its own, and the retailer holds the public half, with which
// nobody can make any. It fills the slot pricing.coupon and owns no data; how often a
// code was used is counted by pricing.
package partnercodes

import (
	"cmp"
	"crypto/ed25519"
	"slices"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// Settings is what the retailer fills in. Until then no code is known.
type Settings struct {
	Zone     retail.Zone `json:"zone,omitempty" title:"Time zone" doc:"Whose midnight ends the last day of a code; Europe/Rome if empty"`
	Partners []Partner   `json:"partners,omitempty" title:"Partners" maxlen:"50"`
}

// Partner is somebody who may hand out codes.
type Partner struct {
	ID        string `json:"id" title:"Code of the partner" doc:"2 to 12 capitals and digits: what its codes begin with" minlen:"2" maxlen:"12"`
	Key       string `json:"key" title:"Public key" doc:"Ed25519, as openssl pkey -pubout prints it: the line between the dashes" minlen:"60" maxlen:"60"`
	Promotion string `json:"promotion,omitempty" title:"Promotion" doc:"That the codes bring; empty: the one whose batches name partnercodes" maxlen:"64" ref:"pricing.promotion"`
	Uses      int64  `json:"uses,omitempty" title:"Uses" doc:"Of each code; empty is 1" min:"0" max:"1000000"`
}

// New is the plugin.
func New() *sdk.App {
	return sdk.NewApp("partnercodes",
		settings,
		pricing.Coupon.Fill(coupon),
	)
}

var settings = sdk.Settings[Settings]{}

// coupon answers for codes of the partners, and knows nothing of any others. Errors:
// failed_precondition, reason "key" (the partner's is none) or "zone".
func coupon(v *sdk.View, in pricing.CouponIn) (out pricing.CouponOut, err error) {
	c, ok := parse(in.Code)
	if !ok {
		return out, nil
	}
	s := settings.Get(v)
	i := slices.IndexFunc(s.Partners, func(p Partner) bool { return p.ID == c.partner })
	if i < 0 {
		return out, nil
	}
	p := &s.Partners[i]
	key, ok := publicKey(p.Key)
	if !ok {
		return out, sdk.FailedPrecondition("key", "The public key of "+p.ID+" is wrong: it is one line of 60 characters that begins with MCowBQYDK2VwAyEA.")
	}
	if !ed25519.Verify(key, []byte(c.signed), c.signature) {
		return out, nil
	}
	now, err := cmp.Or(s.Zone, "Europe/Rome").Local(in.At)
	if err != nil {
		return out, sdk.FailedPrecondition("zone", "The time zone is wrong: "+err.Error()+".")
	}
	out = pricing.CouponOut{Known: true, Promotion: p.Promotion, Uses: p.Uses}
	if now.Date > c.last {
		out.Reason = "expired"
	}
	return out, nil
}
