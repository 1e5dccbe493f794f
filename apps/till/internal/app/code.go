package app

import (
	"slices"
	"strings"

	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/apps/till/internal/receipt"
	"github.com/bottega-retail/bottega/sdk"
)

// A gift receipt has the code of its sale with a mark in front and a proof behind, so that
// nobody makes one of a receipt that he has found: G.MI-01.3.417.26.4711
const giftMark = "G."

func giftCode(s sdk.Scope, r *till.Receipt) string { return giftMark + r.Code + "." + proof(s, r.Code) }

// proof is six digits that only this till app can tell.
func proof(s sdk.Scope, code string) string {
	digits := make([]byte, 6)
	mac := sdk.Sign(s, []byte("gift receipt "+code))
	for i := range digits {
		digits[i] = '0' + mac[i]%10
	}
	return string(digits)
}

// scannedID is the id of the document that a code was printed on, and whether that was a
// gift receipt.
func scannedID(r sdk.Reader, code string) (id string, gift bool, err error) {
	code = strings.TrimSpace(code)
	if body, ok := strings.CutPrefix(code, giftMark); ok {
		i := strings.LastIndexByte(body, '.')
		if i < 0 || proof(r, body[:i]) != body[i+1:] {
			return "", false, noCode()
		}
		code, gift = body[:i], true
	}
	for _, id := range receipt.IDsOf(code) {
		if _, ok := receipts.Get(r, sdk.K(id)); ok {
			return id, gift, nil
		}
	}
	return "", false, noCode()
}

// reachable says whether a code may be of a store that one may act for. It is asked before
// the document is looked for, as storeOf is.
func reachable(s sdk.Scope, code string) bool {
	reach := reachOf(s)
	if body, ok := strings.CutPrefix(code, giftMark); ok {
		code = body[:max(strings.LastIndexByte(body, '.'), 0)]
	}
	ids := receipt.IDsOf(code)
	return len(reach) == 0 || len(ids) == 0 || slices.ContainsFunc(ids, func(id string) bool { return reach.has(storeOf(id)) })
}

func noCode() error {
	return &sdk.Error{Code: sdk.CodeNotFound, Reason: "receipt", Message: "There is no receipt with this code.", Pointer: "/code"}
}

// returned is the id of the sale that a return names.
func returned(tx *sdk.Tx, in *till.ReturnIn) (id string, gift bool, err error) {
	if (in.Receipt == "") == (in.Code == "") {
		return "", false, sdk.Invalid("/receipt", "receipt", "A sale is named either by its receipt or by a code.")
	}
	if in.Receipt != "" {
		return in.Receipt, false, nil
	}
	return scannedID(tx, in.Code)
}

func giftReceipt(v *sdk.View, in till.ReceiptID) (till.GiftReceipt, error) {
	r, err := getReceipt(v, in)
	if err != nil {
		return till.GiftReceipt{}, err
	}
	if r.Kind != till.Sale {
		return till.GiftReceipt{}, sdk.FailedPrecondition("not_a_sale", "A gift receipt is of a sale of this system.")
	}
	if r.Code == "" {
		r.Code = receipt.CodeOf(r.ID)
	}
	out := till.GiftReceipt{Code: giftCode(v, &r), Store: r.Store, Day: r.Day}
	for i := range r.Lines {
		l := &r.Lines[i]
		out.Lines = append(out.Lines, till.GiftLine{Line: l.ID, SKU: l.SKU, Description: l.Goods.Description, Quantity: l.Quantity})
	}
	return out, nil
}
