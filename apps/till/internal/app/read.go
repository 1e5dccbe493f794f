package app

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/retail"
)

func getReceipt(v *sdk.View, in till.ReceiptID) (till.Receipt, error) {
	if in.Code != "" && !reachable(v, in.Code) {
		return till.Receipt{}, otherStore("/code")
	}
	id, err := receiptID(v, in)
	if err != nil {
		return till.Receipt{}, err
	}
	reach := reachOf(v)
	if store := storeOf(id); store != "" && !reach.has(store) {
		return till.Receipt{}, otherStore("/receipt")
	}
	r, ok := receipts.Get(v, sdk.K(id))
	if !ok || !reach.has(r.Store) {
		return till.Receipt{}, noReceipt()
	}
	r.Fiscal = fiscalOf(v, r.ID)
	return r, nil
}

// explain has pricing put into words what a document keeps.
func explain(v *sdk.View, in till.ExplainIn) (till.ExplainOut, error) {
	r, err := getReceipt(v, till.ReceiptID{Receipt: in.Receipt, External: in.External})
	if err != nil {
		return till.ExplainOut{}, err
	}
	out, err := pricing.Tell.Call(v, pricing.TellIn{
		Language: in.Language, Currency: r.Currency, Zone: r.Zone, Applied: r.Applied, NotApplied: r.NotApplied, Grants: r.Grants,
		Withheld: r.Withheld,
	})
	return till.ExplainOut{Receipt: r.ID, Told: out.Told}, err
}

func receiptID(r sdk.Reader, in till.ReceiptID) (string, error) {
	given := 0
	for _, id := range []string{in.Receipt, in.External, in.Code} {
		if id != "" {
			given++
		}
	}
	switch {
	case given != 1:
		return "", sdk.Invalid("", "receipt", "A document is named by its id, by its external id or by its code.")
	case in.External != "":
		return importedID(in.External), nil
	case in.Code != "":
		id, _, err := scannedID(r, in.Code)
		return id, err
	}
	return in.Receipt, nil
}

// pageOf is the size of a page.
func pageOf(limit int64) (int, error) {
	if limit < 0 || limit > till.MaxPage {
		return 0, sdk.Invalid("/limit", "limit", "A page holds 1 to 200 documents.")
	}
	if limit == 0 {
		return 50, nil
	}
	return int(limit), nil
}

func listReceipts(v *sdk.View, in till.ReceiptsIn) (out till.ReceiptsOut, err error) {
	limit, err := pageOf(in.Limit)
	if err != nil {
		return out, err
	}
	scan, err := listing(in)
	if err != nil {
		return out, err
	}
	reach := reachOf(v)
	scan.Reverse, scan.Limit = true, limit+1
	if len(reach) > 0 {
		scan.Limit = mostScanned + 1
	}
	last, seen := "", 0
	for r := range receipts.Scan(v, scan) {
		if seen == mostScanned {
			out.Cursor = last
			break
		}
		if last, seen = position(r.Day, r.At, r.ID), seen+1; !reach.has(r.Store) {
			continue
		}
		if len(out.Receipts) == limit {
			end := &out.Receipts[limit-1]
			out.Cursor = position(end.Day, end.At, end.ID)
			break
		}
		out.Receipts = append(out.Receipts, summary(&r))
	}
	return out, nil
}

// mostScanned bounds the documents that one page looks at.
const mostScanned = 1_000

func summary(r *till.Receipt) till.Summary {
	return till.Summary{
		ID: r.ID, Kind: r.Kind, Store: r.Store, Till: r.Till, Day: r.Day, At: r.At, Customer: r.Customer,
		Currency: r.Currency, Lines: int64(len(r.Lines)), Total: r.Total, Original: r.Original,
	}
}

// position is where a page ends: day, instant, id. Ids have slashes, the rest
// has none.
func position(day retail.Date, at retail.Instant, id string) string {
	return string(day) + "/" + strconv.FormatInt(int64(at), 10) + "/" + id
}

// listing is the scan of a list, up to its cursor.
func listing(in till.ReceiptsIn) (s sdk.Scan, err error) {
	if (in.Store == "") == (in.Customer == "") || in.Day != "" && in.Store == "" {
		return s, sdk.Invalid("/store", "store", "Documents are listed by store, or by customer.")
	}
	day, rest, _ := strings.Cut(in.Cursor, "/")
	text, id, _ := strings.Cut(rest, "/")
	at, bad := strconv.ParseInt(text, 10, 64)
	if in.Cursor != "" && (bad != nil || id == "") {
		return s, sdk.Invalid("/cursor", "cursor", "This is no cursor of this list.")
	}
	switch {
	case in.Customer != "":
		s = sdk.Scan{Index: "by_customer", Prefix: sdk.K(in.Customer), To: sdk.KInt(at).Text(id)}
	case in.Day != "":
		s = sdk.Scan{Index: "by_day", Prefix: sdk.K(in.Store).Text(string(in.Day)), To: sdk.KInt(at).Text(id)}
	default:
		s = sdk.Scan{Index: "by_day", Prefix: sdk.K(in.Store), To: sdk.K(day).Int(at).Text(id)}
	}
	if in.Cursor == "" {
		s.To = nil
	}
	return s, nil
}

// dayScan is all documents of a store's civil day, in time.
func dayScan(store retail.StoreID, day retail.Date) sdk.Scan {
	return sdk.Scan{Index: "by_day", Prefix: sdk.K(store).Text(string(day))}
}
