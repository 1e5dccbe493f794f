package app

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

// basketLife is how long an open basket is kept, in milliseconds: 30 days.
const basketLife = 30 * 24 * 60 * 60 * 1000

func open(tx *sdk.Tx, in till.OpenIn) (till.Basket, error) {
	if err := identity(in.Store, in.Till, in.Cashier); err != nil {
		return till.Basket{}, err
	}
	if err := checkCodes(in.Codes); err != nil {
		return till.Basket{}, err
	}
	b := till.Basket{
		ID: tx.NewID(), State: till.BasketOpen, Store: in.Store, Till: in.Till, Cashier: in.Cashier,
		Channel: in.Channel, Customer: in.Customer, CustomerGroups: in.CustomerGroups,
		Tier: in.Tier, PastOrders: in.PastOrders, Codes: in.Codes,
		Opened: tx.Now(), Expires: tx.Now() + basketLife,
	}
	return b, baskets.Insert(tx, b)
}

// openBasket is a basket that may still change.
func openBasket(r sdk.Reader, id string) (till.Basket, error) {
	b, err := storedBasket(r, id)
	switch {
	case err != nil || b.State == till.BasketOpen:
		return b, err
	case b.State == till.BasketSuspended:
		return b, &sdk.Error{Code: sdk.CodeFailedPrecondition, Reason: "basket_suspended", Pointer: "/basket", Message: "The basket was put aside: take it up first."}
	}
	return b, isClosed(&b)
}

// storedBasket is a basket of a store that one may act for, in whatever state.
func storedBasket(r sdk.Reader, id string) (till.Basket, error) {
	b, ok := baskets.Get(r, sdk.K(id))
	if !ok {
		return b, &sdk.Error{Code: sdk.CodeNotFound, Reason: "basket", Message: "There is no such basket.", Pointer: "/basket"}
	}
	if !reachOf(r).has(b.Store) {
		return till.Basket{}, otherStore("/basket")
	}
	return b, nil
}

func isClosed(b *till.Basket) error {
	return &sdk.Error{
		Code: sdk.CodeFailedPrecondition, Reason: "basket_closed", Pointer: "/basket",
		Message: "The basket is " + string(b.State) + ".", Fields: []sdk.Field{sdk.Text("receipt", b.Receipt)},
	}
}

func add(tx *sdk.Tx, in till.AddIn) (till.Basket, error) {
	b, err := openBasket(tx, in.Basket)
	if err != nil {
		return b, err
	}
	line, err := scanned(tx, in)
	if err != nil {
		return b, err
	}
	i := slices.IndexFunc(b.Lines, func(l till.Line) bool {
		return l.SKU == line.SKU && l.PriceOverride == nil && line.PriceOverride == nil && l.Code == ""
	})
	if i >= 0 {
		b.Lines[i].Quantity += line.Quantity
	} else {
		b.Lines = append(b.Lines, line)
	}
	if err := checkLines(b.Lines); err != nil {
		return b, err
	}
	return b, baskets.Put(tx, b)
}

// scanned is the line that an AddIn asks for.
func scanned(tx *sdk.Tx, in till.AddIn) (till.Line, error) {
	if (in.SKU == "") == (in.Code == "") {
		return till.Line{}, sdk.Invalid("", "sku", "Goods are named either by SKU or by code.")
	}
	if in.Quantity < 0 {
		return till.Line{}, sdk.Invalid("/quantity", "quantity", "A quantity is above zero.")
	}
	if in.SKU != "" {
		found, err := catalog.Products.Call(tx, catalog.ProductsIn{SKUs: []retail.SKU{in.SKU}})
		if err != nil {
			return till.Line{}, moved(err, "/skus/0", "/sku")
		}
		return till.Line{SKU: found.Items[0].SKU, Quantity: cmp.Or(in.Quantity, 1)}, nil
	}
	found, err := catalog.Resolve.Call(tx, catalog.ResolveIn{Code: in.Code})
	if err != nil {
		return till.Line{}, err
	}
	line := till.Line{SKU: found.Item.SKU, Quantity: found.Quantity * max(in.Quantity, 1)}
	if found.Price != nil {
		line.PriceOverride, line.OverrideReason, line.ApprovedBy = found.Price, byLabel, byLabel
	}
	return line, nil
}

func setLines(tx *sdk.Tx, in till.SetLinesIn) (till.Basket, error) {
	b, err := openBasket(tx, in.Basket)
	if err != nil {
		return b, err
	}
	if err := checkLines(in.Lines); err != nil {
		return b, err
	}
	approvals(in.Lines, b.Lines)
	b.Lines = in.Lines
	set := settings.Get(tx)
	if err := alone(tx, &b, &set); err != nil {
		return b, err
	}
	return b, baskets.Put(tx, b)
}

func setCodes(tx *sdk.Tx, in till.SetCodesIn) (till.Basket, error) {
	b, err := openBasket(tx, in.Basket)
	if err != nil {
		return b, err
	}
	if err := checkCodes(in.Codes); err != nil {
		return b, err
	}
	b.Codes = in.Codes
	return b, baskets.Put(tx, b)
}

// maxCode is the length in bytes beyond which nobody knows a code.
const maxCode = 64

func checkCodes(codes []string) error {
	if len(codes) > pricing.MaxCodes {
		return sdk.Invalid("/codes", "codes", "A basket has at most 20 codes.")
	}
	for i, c := range codes {
		if c == "" || len(c) > maxCode {
			return sdk.Invalid("/codes/"+strconv.Itoa(i), "codes", "A code has 1 to 64 bytes.")
		}
	}
	return nil
}

// maxQuantity is that of pricing.
const maxQuantity = 1_000_000_000

func checkLines(lines []till.Line) error {
	if len(lines) > till.MaxLines {
		return sdk.Fail(sdk.CodeTooLarge, "lines", "A basket has at most 400 lines.")
	}
	for i, l := range lines {
		at := line(i)
		switch {
		case l.SKU == "":
			return sdk.Invalid(at+"/sku", "sku", "A line names a SKU.")
		case l.Quantity <= 0 || l.Quantity > maxQuantity:
			return sdk.Invalid(at+"/quantity", "quantity", "A quantity is above zero. What comes back is a return.")
		case l.PriceOverride != nil && *l.PriceOverride < 0:
			return sdk.Invalid(at+"/price_override", "price_override", "A price is not below zero.")
		case l.PriceOverride != nil && l.OverrideReason == "" || len(l.OverrideReason) > 100:
			return sdk.Invalid(at+"/override_reason", "override_reason", "A price set by hand needs a reason of at most 100 characters.")
		case l.Code != "" && l.Quantity != 1 || len(l.Code) > maxCode:
			return sdk.Invalid(at+"/quantity", "code", "A line with a card's code is one card; a code has at most 64 bytes.")
		}
	}
	return nil
}

func getBasket(v *sdk.View, in till.BasketID) (till.Basket, error) {
	b, ok := baskets.Get(v, sdk.K(in.Basket))
	if !ok {
		return b, sdk.NotFound("basket", "There is no such basket.")
	}
	if !reachOf(v).has(b.Store) {
		return till.Basket{}, otherStore("/basket")
	}
	return b, nil
}

func quote(v *sdk.View, in till.BasketID) (pricing.QuoteOut, error) {
	b, err := getBasket(v, in)
	if err != nil {
		return pricing.QuoteOut{}, err
	}
	return pricing.Quote.Call(v, quoteOf(&b))
}

// quoteOf asks for the price of a basket.
func quoteOf(b *till.Basket) pricing.QuoteIn {
	in := pricing.QuoteIn{
		Store: b.Store, Channel: b.Channel, Customer: b.Customer, CustomerGroups: b.CustomerGroups,
		Tier: b.Tier, PastOrders: b.PastOrders, Codes: b.Codes,
		Lines: make([]pricing.QuoteLine, len(b.Lines)),
	}
	for i, l := range b.Lines {
		in.Lines[i] = pricing.QuoteLine{SKU: l.SKU, Quantity: l.Quantity, PriceOverride: l.PriceOverride}
	}
	return in
}

func discard(tx *sdk.Tx, in till.BasketID) (till.Basket, error) {
	b, err := openBasket(tx, in.Basket)
	if err != nil {
		return b, err
	}
	b.State = till.BasketDiscarded
	forget(&b)
	return b, baskets.Put(tx, b)
}

// forget drops from a basket that nothing more happens to what somebody could use again.
func forget(b *till.Basket) {
	b.Codes = nil
	for i := range b.Lines {
		b.Lines[i].Code = ""
	}
}
