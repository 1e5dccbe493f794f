package main

import "github.com/bottega-retail/bottega/host/internal/identity"

// tradeRoles are the ready roles of a shop: rights of the contracts that ship.
// The host itself knows none of these words.
func tradeRoles() []identity.Role {
	return []identity.Role{
		{ID: "cashier", Title: identity.Title{IT: "Cassa", EN: "Cashier"}, Rights: []string{
			"till.sell", "till.read", "catalog.read", "pricing.quote", "pricing.read", "stock.read", "stock.nearby", "stock.reserve",
			"vouchers.balance", "customers.read",
		}},
		{ID: "store-manager", Title: identity.Title{IT: "Gerente di negozio", EN: "Store manager"}, Rights: []string{
			"till.*", "catalog.read", "pricing.quote", "pricing.read", "stock.*",
			"vouchers.balance", "vouchers.read", "vouchers.issue", "vouchers.block",
			"customers.read", "customers.browse", "customers.edit", "customers.consent",
		}},
		{ID: "head-office", Title: identity.Title{IT: "Sede", EN: "Head office"}, Rights: []string{
			"catalog.*", "pricing.*", "stock.read", "stock.nearby", "stock.setup", "till.read", "till.import",
			"vouchers.balance", "vouchers.read", "vouchers.issue", "vouchers.block", "vouchers.manage", "vouchers.report",
			"customers.read", "customers.browse",
		}},
	}
}
