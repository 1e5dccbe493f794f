// Package uci reads the sales of the UCI Online Retail set: real receipts of a British
// wholesaler, 2010-12 to 2011-12. It must not know who keeps them.
package uci

import (
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"strings"
	"time"
)

// Sale is one invoice. What came back is left out, as are lines without a price.
type Sale struct {
	Document string
	At       time.Time // as if it had been UTC
	Lines    []Line
}

// Line is goods of an invoice.
type Line struct {
	SKU      string
	Name     string
	Quantity int64
	Price    int64 // pence
}

// Read reads the set, in the order of the file, which is that of time.
func Read(path string) ([]Sale, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	rows := csv.NewReader(z)
	if _, err := rows.Read(); err != nil { // the names of the columns
		return nil, err
	}
	var all []Sale
	for {
		row, err := rows.Read()
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err == nil {
			all, err = add(all, row)
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", path, err)
		}
	}
}

// add puts a row to the invoice that it belongs to, the last one or a new one.
func add(all []Sale, row []string) ([]Sale, error) {
	document, sku := row[0], strings.ToUpper(strings.TrimSpace(row[1]))
	quantity, err := strconv.ParseInt(row[3], 10, 64)
	if err != nil {
		return all, err
	}
	price, err := strconv.ParseFloat(row[5], 64)
	if err != nil {
		return all, err
	}
	l := Line{sku, row[2], quantity, int64(math.Round(price * 100))}
	if strings.HasPrefix(document, "C") || l.Quantity <= 0 || l.Price <= 0 || strings.ContainsAny(sku, " /") {
		return all, nil
	}
	if n := len(all); n > 0 && all[n-1].Document == document {
		all[n-1].Lines = append(all[n-1].Lines, l)
		return all, nil
	}
	at, err := time.Parse(time.DateTime, row[4])
	return append(all, Sale{document, at, []Line{l}}), err
}
