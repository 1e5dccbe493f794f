package shop

// Warnings are what publishing would warn of: made-up promotions collide as they
// like.
func Warnings() []string {
	return []string{"overlap", "below_floor", "unreachable", "collision", "unfunded", "past", "long", "negative"}
}

// promote puts a promotion live.
func (p Promotion) promote() []step {
	return []step{
		{"pricing.put_promotion", object{
			"id": p.ID, "name": p.ID, "period": object{}, "goods": object{"brands": []string{p.Brand}}, "effects": []object{{"percent": p.Percent}},
			"for": object{}, "not": object{}, "except": object{}, "stacking": object{}, "limits": object{},
		}},
		{"pricing.publish", object{"id": p.ID, "accept": Warnings()}},
	}
}
