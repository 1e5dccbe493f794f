package shop

// warnings are what publishing would warn of: made-up promotions collide as they
// like.
var warnings = []string{"overlap", "below_floor", "unreachable", "collision", "unfunded", "reach", "stacking"}

// promote puts a promotion live.
func (p Promotion) promote() []step {
	return []step{
		{"pricing.put_promotion", object{
			"id": p.ID, "name": p.ID, "period": object{}, "goods": object{"brands": []string{p.Brand}}, "effects": []object{{"percent": p.Percent}},
			"for": object{}, "not": object{}, "except": object{}, "stacking": object{}, "limits": object{},
		}},
		{"pricing.publish", object{"id": p.ID, "accept": warnings}},
	}
}
