package till

import "github.com/bottega-retail/bottega/sdk"

// Tender lets apps pay and refund: gift cards, vouchers, points. The key is the
// tender's type; "cash", "card", "exchange" and "deposit" are the till's own, and so is what its
// settings name.
var Tender = sdk.CommandSlot[TenderIn, TenderOut]{Name: "till.tender"}

// StoredValue puts value on what a sale sells as stored value, in its transaction, and
// takes it off when the sale is undone. The key is the catalog's kind of the goods:
// "gift_card". Goods of that kind are not sold while nobody fills it: nobody could redeem
// them. A filler's pointer /lines/N is into StoredIn.
var StoredValue = sdk.CommandSlot[StoredIn, StoredOut]{Name: "till.stored_value"}
