package main

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const wholeProfile = `{
  "name": "prices of the old till",
  "before": [{"operation": "pricing.put_list", "input": {"id": "retail"}}],
  "steps": [{
    "as": "prices",
    "comma": ";",
    "columns": {"sku": {"column": "Codice"}, "amount": {"column": "Prezzo", "decimal": ","}},
    "constants": {"list": "retail"}
  }]
}`

const receiptProfile = `{"steps":[{"as":"receipts","prefix":"old:","kinds":[{"prefix":"C","kind":"cancellation"}],"columns":{
  "number":{"column":"No"},"at":{"column":"At","layout":"2006-01-02 15:04","zone":"Europe/London"},"sku":{"column":"SKU"},
  "quantity":{"column":"Qty"},"unit_price":{"column":"Price"}},"constants":{"store":"S1","till":"old"}}]}`

func TestParseProfile(t *testing.T) {
	t.Parallel()
	for _, text := range []string{wholeProfile, "\ufeff" + wholeProfile, receiptProfile} {
		if _, err := parseProfile([]byte(text)); err != nil {
			t.Error(err)
		}
	}
	p, err := readProfile("uci-online-retail")
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Steps[1].kind("C536379") + p.Steps[1].kind("A563185") + p.Steps[1].kind("536365"); got != "cancellationadjustment" {
		t.Errorf("kinds %q", got)
	}
}

func TestProfileHelps(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ from, old, new, want string }{
		"not JSON":          {wholeProfile, `"prices",`, `"prices"`, "line 6: invalid character"},
		"wrong type":        {wholeProfile, `{"column": "Codice"}`, `"Codice"`, "line 7: json: cannot unmarshal string"},
		"unknown name":      {wholeProfile, `"comma"`, `"separator"`, `unknown field "separator"`},
		"two documents":     {wholeProfile, "\n}", "\n} {}", "more after the profile's closing brace"},
		"no steps":          {wholeProfile, `"steps": [{`, `"steps": [], "x": [{`, `unknown field "x"`},
		"nothing":           {wholeProfile, wholeProfile, `{}`, "at least one step"},
		"no such kind":      {wholeProfile, `"as": "prices"`, `"as": "price"`, `as "price": write products, prices, deliveries or receipts`},
		"missing field":     {wholeProfile, `"sku": {"column": "Codice"}, `, ``, `prices need the field "sku": give it a column or a constant`},
		"empty constant":    {wholeProfile, `"list": "retail"`, `"list": ""`, `prices need the field "list"`},
		"no such field":     {wholeProfile, `"sku":`, `"ean": {"column": "EAN"}, "sku":`, `prices have no field "ean"; they have list, sku, amount`},
		"no such constant":  {wholeProfile, `"list":`, `"currency": "EUR", "list":`, `prices have no field "currency"`},
		"twice":             {wholeProfile, `"list":`, `"sku": "A", "list":`, `field "sku" has a column and a constant`},
		"no column":         {wholeProfile, `"column": "Codice"`, `"default": "A"`, `field "sku": "column" is missing`},
		"split a price":     {wholeProfile, `"decimal": ","`, `"split": "/"`, `field "amount": split is for attributes`},
		"attribute of none": {wholeProfile, `"list":`, `"attribute.fit": "slim", "list":`, `prices have no field "attribute.fit"`},
		"decimal":           {wholeProfile, `"decimal": ","`, `"decimal": ";"`, `decimal ";": write "." or ","`},
		"long comma":        {wholeProfile, `";"`, `";;"`, `comma ";;": write one character`},
		"quote as a comma":  {wholeProfile, `";"`, `"\""`, `write one character that is no quote`},
		"operation":         {wholeProfile, `pricing.put_list`, `put_list`, `before 1: "put_list" is no operation: write contract.operation`},
		"zone":              {receiptProfile, "Europe/London", "London", `zone "London" is not known: write a name such as Europe/Rome`},
		"zone of a machine": {receiptProfile, "Europe/London", "Local", "zone Local would depend on this machine"},
		"layout":            {receiptProfile, "2006-01-02 15:04", "YYYY-MM-DD", `layout "YYYY-MM-DD" has no date in it`},
		"no prefix":         {receiptProfile, `"prefix":"old:",`, ``, "receipts need a prefix"},
		"slash in prefix":   {receiptProfile, `old:`, `old/`, "receipts need a prefix without a slash"},
		"empty kind":        {receiptProfile, `"kind":"cancellation"`, `"kind":""`, "kinds: each has a prefix and a kind"},
		"count":             {receiptProfile, `"prefix":"old:",`, `"prefix":"old:","count":[{"column":"No"}],`, "count: each has a column, a prefix and a text"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := strings.Replace(c.from, c.old, c.new, 1)
			if text == c.from {
				t.Fatal("the case changes nothing")
			}
			if _, err := parseProfile([]byte(text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestReadProfile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "p.json")
	if err := os.WriteFile(path, []byte(wholeProfile), 0o600); err != nil {
		t.Fatal(err)
	}
	if p, err := readProfile(path); err != nil || p.Name != "prices of the old till" {
		t.Errorf("%+v, %v", p, err)
	}
	_, err := readProfile("uci")
	if err == nil || !strings.Contains(err.Error(), "there are uci-online-retail") {
		t.Errorf("a name that is none: %v", err)
	}
}

func FuzzProfile(f *testing.F) {
	f.Add([]byte(wholeProfile))
	f.Add([]byte(receiptProfile))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := parseProfile(text)
		if err != nil {
			return
		}
		for i := range p.Steps { // what was accepted can be used
			readAs(t, &p.Steps[i])
		}
	})
}

// readAs reads a row of digits with a step.
func readAs(t *testing.T, s *step) {
	table := &table{step: s, line: 1, at: map[string]int{}, zones: map[string]*time.Location{}}
	columns := []string{"first"}
	for _, c := range s.Columns {
		columns = append(columns, c.Column)
	}
	var text strings.Builder
	w := csv.NewWriter(&text)
	w.Comma = table.comma()
	if err := w.WriteAll([][]string{columns, strings.Split(strings.Repeat("1 ", len(columns)), " ")[:len(columns)]}); err != nil {
		return // not every character can separate
	}
	if table.open(strings.NewReader(text.String())) != nil {
		return
	}
	g, err := readItems(table)
	if err != nil {
		t.Fatal(err)
	}
	if rows := len(g.bad) + len(g.all); g.rows != 1 || rows != 1 {
		t.Errorf("%d rows, %d of them accounted for", g.rows, rows)
	}
}
