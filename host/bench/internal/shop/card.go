package shop

// IssueCards has a host with the app vouchers draw gift cards with OnCard on each, and
// answers their codes.
func IssueCards(n int, call func(operation string, in, out any) error) (codes []string, err error) {
	kind := object{"id": "gift", "name": "Gift card", "type": GiftCard, "currency": "EUR", "entity": "co"}
	if err := call("vouchers.put_kind", kind, nil); err != nil {
		return nil, err
	}
	var out struct{ Cards []struct{ Code string } }
	if err := call("vouchers.issue", object{"kind": "gift", "count": n, "amount": OnCard, "document": "bench"}, &out); err != nil {
		return nil, err
	}
	for _, c := range out.Cards {
		codes = append(codes, c.Code)
	}
	return codes, nil
}
