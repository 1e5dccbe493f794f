package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/paper/papertest"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// The transport document of a transfer as a page and on a roll, the same a year later.
// testdata/paper has them to look at.
func TestPaper(t *testing.T) {
	t.Parallel()
	e := retailer(t)
	receive(t, e, "WH-01", "a:10 b:10")
	o := ordered(t, e, "a:4 b:3")
	_, err := sdktest.Call(e, stock.Paper, stock.PaperIn{ID: o.ID})
	failsWith(t, err, sdk.CodeFailedPrecondition, "state")
	run(t, e, stock.Dispatch, stock.DispatchIn{ID: o.ID, Parcels: 2, Weight: 12_500, Carrier: "Corriere Rossi, Via Po 3, Torino", Appearance: "scatole", Carriage: "franco"})
	on := func(f paper.Format, m paper.Medium, language string) string {
		out, err := sdktest.Call(e, stock.Paper, stock.PaperIn{ID: o.ID, Format: f, Medium: m, Language: language})
		if err != nil {
			t.Fatal(err)
		}
		if f == paper.FormatText {
			return out.Name + " " + out.Type + "\n" + string(out.Content)
		}
		pages, err := papertest.Read(out.Content)
		if err != nil {
			t.Fatal(err)
		}
		return out.Name + " " + out.Type + "\n" + strings.Join(pages, "- - -\n")
	}
	got := on("", "", "") + "\n" + on(paper.FormatText, paper.A4, "en")
	file := filepath.Join("testdata", "paper", "ddt.txt")
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(file); err != nil || string(want) != got {
		t.Errorf("%v, got\n%s", err, got)
	}
	e.At("2027-12-01 09:00 Europe/Rome")
	if again := on("", "", "") + "\n" + on(paper.FormatText, paper.A4, "en"); again != got {
		t.Errorf("a year later it says\n%s", again)
	}
	_, err = sdktest.Call(e, stock.Paper, stock.PaperIn{ID: "none"})
	failsWith(t, err, sdk.CodeNotFound, "transfer")
	e.AsPrincipal(sdktest.Principal{ID: "user:rosa", Stores: []string{"RM-01"}})
	_, err = sdktest.Call(e, stock.Paper, stock.PaperIn{ID: o.ID})
	failsWith(t, err, sdk.CodeDenied, "store")
}

// failsWith fails a test unless err has a code and a reason.
func failsWith(t *testing.T, err error, code sdk.Code, reason string) {
	t.Helper()
	if e := (*sdk.Error)(nil); !errors.As(err, &e) || e.Code != code || e.Reason != reason {
		t.Errorf("%v; want %s (%s)", err, code, reason)
	}
}
