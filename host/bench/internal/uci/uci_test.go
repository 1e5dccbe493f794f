package uci

import (
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestRead joins lines of an invoice, and leaves out what is no sale.
func TestRead(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "set.csv.gz")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	z := gzip.NewWriter(f)
	_, err = z.Write([]byte(`InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country
1,85123a,HEART,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom
1,71053,LANTERN,1,2010-12-01 08:26:00,3.39,17850.0,United Kingdom
1,FREE,NOTHING,1,2010-12-01 08:26:00,0,17850.0,United Kingdom
C2,71053,LANTERN,-1,2010-12-01 09:00:00,3.39,,United Kingdom
3,71053,LANTERN,2,2010-12-01 09:30:00,3.39,,France
`))
	if err != nil || z.Close() != nil || f.Close() != nil {
		t.Fatal(err)
	}
	all, err := Read(path)
	if err != nil || len(all) != 2 || len(all[0].Lines) != 2 {
		t.Fatalf("%+v, %v", all, err)
	}
	if l := all[0].Lines[0]; l != (Line{"85123A", "HEART", 6, 255}) {
		t.Errorf("%+v", l)
	}
	if want := time.Date(2010, 12, 1, 9, 30, 0, 0, time.UTC); all[1].Document != "3" || !all[1].At.Equal(want) {
		t.Errorf("%+v", all[1])
	}
}
