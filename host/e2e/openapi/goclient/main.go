// Command goclient sells one thing with a client that is generated from the
// document of a host: quote, close, close again with the same key, receipt. It
// ends with what was sold, or with what was refused.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"

	"github.com/bottega-retail/bottega/host/e2e/openapi/goclient/bottega"
)

func main() {
	if err := sell(context.Background(), os.Getenv("BOTTEGA_URL"), os.Getenv("BOTTEGA_TOKEN"), os.Getenv("BOTTEGA_STORE"), os.Getenv("BOTTEGA_SKU")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func sell(ctx context.Context, url, token, store, sku string) error {
	if url == "" || store == "" || sku == "" {
		return errors.New("set BOTTEGA_URL, BOTTEGA_STORE and BOTTEGA_SKU; BOTTEGA_TOKEN if the host asks for one")
	}
	c, err := bottega.NewClientWithResponses(url, bottega.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		return nil
	}))
	if err != nil {
		return err
	}
	quote, err := c.PricingQuoteWithResponse(ctx, bottega.PricingQuoteIn{Store: store, Lines: []bottega.PricingQuoteLine{{Sku: sku, Quantity: 1}}})
	if err != nil {
		return err
	}
	if quote.JSON200 == nil {
		return fmt.Errorf("quote: %s", quote.Body)
	}
	id, err := closeTwice(ctx, c, store, sku, quote.JSON200.Total)
	if err != nil {
		return err
	}
	receipt, err := c.TillReceiptGetWithResponse(ctx, &bottega.TillReceiptGetParams{Receipt: &id})
	if err != nil {
		return err
	}
	if receipt.JSON200 == nil || receipt.JSON200.Total != quote.JSON200.Total {
		return fmt.Errorf("quoted %d, sold as %s", quote.JSON200.Total, receipt.Body)
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{"receipt": id, "total": receipt.JSON200.Total})
}

// closeTwice sells for a total, and sends the same again; then for another total,
// which must be refused. It answers the receipt's id.
func closeTwice(ctx context.Context, c *bottega.ClientWithResponses, store, sku string, total int) (string, error) {
	till, cashier, key := "go", "anna", "go-"+rand.Text()
	sale := bottega.TillCloseIn{
		Store: &store, Till: &till, Cashier: &cashier, ExpectedTotal: &total,
		Lines:   &[]bottega.TillLine{{Sku: sku, Quantity: 1}},
		Tenders: []bottega.TillPayment{{Type: "cash", Amount: total}},
	}
	closed, err := c.TillCloseWithResponse(ctx, &bottega.TillCloseParams{IdempotencyKey: key}, sale)
	if err != nil {
		return "", err
	}
	if closed.JSON200 == nil {
		return "", fmt.Errorf("close: %s", closed.Body)
	}
	again, err := c.TillCloseWithResponse(ctx, &bottega.TillCloseParams{IdempotencyKey: key}, sale)
	if err != nil {
		return "", err
	}
	if again.JSON200 == nil || again.JSON200.Id != closed.JSON200.Id || again.HTTPResponse.Header.Get("Idempotent-Replayed") != "true" {
		return "", fmt.Errorf("the same key sold twice: %s", again.Body)
	}
	other := 1
	sale.ExpectedTotal = &other
	refused, err := c.TillCloseWithResponse(ctx, &bottega.TillCloseParams{IdempotencyKey: key + "-2"}, sale)
	if err != nil {
		return "", err
	}
	if p := refused.ApplicationproblemJSON409; p == nil || p.Reason == nil || *p.Reason != "quote_changed" {
		return "", fmt.Errorf("another price was not refused: %s", refused.Body)
	}
	return closed.JSON200.Id, nil
}
