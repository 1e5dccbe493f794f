package app

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/apps/catalog"
	"github.com/bottega-retail/bottega/apps/pricing"
	"github.com/bottega-retail/bottega/apps/stock"
	"github.com/bottega-retail/bottega/apps/till"
	"github.com/bottega-retail/bottega/sdk"
	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/paper/papertest"
	"github.com/bottega-retail/bottega/sdk/sdktest"
)

// stationery is a shop with an address, terms of returns and a promotion.
func stationery(t *testing.T) *sdktest.Env {
	t.Helper()
	env := shop(t, sdktest.Settings(Settings{
		CashRounding: 5, PaperLanguage: "it", ReturnTerms: "Entro 30 giorni, con questo scontrino e la merce mai usata.",
		ReturnTermsEnglish: "Within 30 days, with this receipt and unused goods.", Tenders: []TenderRule{{Type: "meal_voucher", Own: true}},
	}))
	must(sdktest.Run(env, catalog.PutEntity, catalog.Entity{
		ID: "IT01", Name: "Emporio Demo S.r.l.", VATNumber: "01234567897", Country: "IT", Address: &catalog.Address{Street: "Via Po 3", CAP: "10124", City: "Torino", Province: "TO"},
	}))(t)
	must(sdktest.Run(env, catalog.PutStore, catalog.Store{
		ID: "MI-01", Name: "Emporio Dante", Entity: "IT01", Zone: "Europe/Rome", Currency: "EUR",
		Address: &catalog.Address{Street: "Via Dante 1", CAP: "20121", City: "Milano", Province: "MI", Country: "IT"},
	}))(t)
	goLive(t, env, pricing.Promotion{ID: "alba", Name: "Alba −20 %", Goods: pricing.Selection{Brands: []string{"alba"}}, Effects: []pricing.Effect{{Percent: 2000}}})
	return env
}

// printed is a paper as a printer prints it, or as a reader shows it.
func printed(t *testing.T, env *sdktest.Env, in till.PaperIn) string {
	t.Helper()
	f := must(sdktest.Call(env, till.Paper, in))(t)
	head := f.Name + " " + f.Type + "\n"
	switch in.Format {
	case paper.FormatText:
		return head + string(f.Content)
	case paper.FormatESCPOS:
		text, err := papertest.Print(f.Content, in.Medium.Columns())
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		return head + text
	}
	pages, err := papertest.Read(f.Content)
	if err != nil {
		t.Fatal(err)
	}
	return head + strings.Join(pages, "- - -\n")
}

// goldenPaper compares papers with a file, and writes it with BOTTEGA_UPDATE=1.
func goldenPaper(t *testing.T, name string, papers ...string) {
	t.Helper()
	file, got := filepath.Join("testdata", "paper", name+".txt"), strings.Join(papers, "\n")
	if os.Getenv("BOTTEGA_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s: %v, got\n%s", file, err, got)
	}
}

// A sale on every paper, then what undoes it: testdata/paper has them to look at.
func TestPapersOfASale(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 2), goodsOf("honey", 1), goodsOf("pen", 1)},
		till.Payment{Type: "meal_voucher", Amount: 800, Count: 1}, card(2000), cash(5000))))(t)
	on := func(m paper.Medium, f paper.Format, language string) till.PaperIn {
		return till.PaperIn{Receipt: r.ID, Medium: m, Format: f, Language: language}
	}
	goldenPaper(t, "sale", printed(t, env, on(paper.Roll80, paper.FormatESCPOS, "")), printed(t, env, on(paper.Roll58, paper.FormatESCPOS, "")),
		printed(t, env, on("", paper.FormatText, "en")), printed(t, env, on("", "", "")), printed(t, env, on(paper.A4, "", "en")))

	back := must(sdktest.Run(env, till.Return, giveBackLines(r.ID, units("1", 1))))(t)
	plain := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 3)}, cash(1000))))(t)
	void := must(sdktest.Run(env, till.Void, till.VoidIn{Receipt: plain.ID, Cashier: "ada", Reason: "battuto due volte"}))(t)
	for _, d := range []struct {
		name string
		r    *till.Receipt
	}{{"return", &back}, {"rounded", &plain}, {"void", &void}} {
		goldenPaper(t, d.name, printed(t, env, till.PaperIn{Receipt: d.r.ID, Format: paper.FormatESCPOS, Medium: paper.Roll80}))
	}
	goldenPaper(t, "gift", printed(t, env, till.PaperIn{Code: r.Code, Gift: true, Format: paper.FormatESCPOS, Medium: paper.Roll80}),
		printed(t, env, till.PaperIn{Receipt: r.ID, Gift: true, Format: paper.FormatESCPOS, Medium: paper.Roll58, Language: "en"}))
}

// The day on paper: X as often as one likes, then Z, the same whenever it is asked for.
func TestPapersOfADay(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	x := till.PaperIn{Store: "MI-01", Format: paper.FormatESCPOS, Medium: paper.Roll58}
	nothing := printed(t, env, x)
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 2)}, cash(10000))))(t)
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("honey", 1000)}, card(599000))))(t)
	goldenPaper(t, "interim", nothing, printed(t, env, x))
	z := must(sdktest.Run(env, till.CloseDay, till.CloseDayIn{Store: "MI-01", Cashier: "ada"}))(t)
	in := till.PaperIn{Close: z.Closes[0].ID, Format: paper.FormatESCPOS, Medium: paper.Roll80}
	first := printed(t, env, in)
	in.Language = "en"
	goldenPaper(t, "close", first, printed(t, env, in))
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("pen", 1)}, card(333))))(t)
	env.At("2027-11-21 17:05 Europe/Rome")
	in.Language = ""
	if again := printed(t, env, in); again != first {
		t.Errorf("a year later the day close says\n%s", again)
	}
}

// A document of an older system keeps its number, its currency and prices finer than a cent.
func TestPaperOfAnImport(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	must(sdktest.Run(env, till.ImportReceipt, till.ImportReceiptIn{Document: till.Document{
		External: "uci:536365", Number: "536365", Store: "MI-01", Till: "web", At: env.Now(), Currency: "GBP",
		Lines: []till.DocumentLine{{SKU: "85123A", Description: "WHITE HANGING HEART", Quantity: 6, UnitPrice: "2.555", Amount: 1533}},
	}}))(t)
	goldenPaper(t, "imported", printed(t, env, till.PaperIn{External: "uci:536365", Format: paper.FormatESCPOS, Medium: paper.Roll80}))
}

// A deposit says so, and so does the sale that it pays for.
func TestPapersOfADeposit(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	must(sdktest.Run(env, stock.Receive, stock.ReceiveIn{To: "MI-01-floor", Document: "DDT 1", Lines: []stock.Line{{SKU: "shirt", Quantity: 1}}}))(t)
	kept := must(sdktest.Run(env, till.Reserve, till.ReserveIn{
		Store: "MI-01", Till: "3", Cashier: "ada", Name: "Ada", Lines: []stock.Line{{SKU: "shirt", Quantity: 1}}, Minutes: 60, Deposit: 1000, Tenders: []till.Payment{cash(1000)},
	}))(t)
	in := sale([]till.Line{goodsOf("shirt", 1)}, card(1392))
	in.Deposits = []string{kept.Receipt.ID}
	r := must(sdktest.Run(env, till.Close, in))(t)
	on := till.PaperIn{Receipt: kept.Receipt.ID, Format: paper.FormatESCPOS, Medium: paper.Roll80}
	first := printed(t, env, on)
	on.Receipt = r.ID
	goldenPaper(t, "deposit", first, printed(t, env, on))
}

// What is on a printer's paper is on the page too, and the same bytes each time.
func TestPaperIsTheSame(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	r := must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 1)}, card(2392))))(t)
	in := till.PaperIn{Receipt: r.ID}
	first := must(sdktest.Call(env, till.Paper, in))(t)
	env.At("2027-01-01 00:00 Europe/Rome")
	second := must(sdktest.Call(env, till.Paper, in))(t)
	if !bytes.Equal(first.Content, second.Content) || first.Name != "MI-01-3-1.pdf" {
		t.Errorf("%s: the same receipt is another file", first.Name)
	}
}

// Injected text stays text, whatever somebody is called.
func TestPaperTakesNoCommands(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	in := sale([]till.Line{goodsOf("shirt", 1)}, card(2392))
	in.Cashier = "ada\x1b@\x1dV\x00 (a) \\ ) Tj\n"
	r := must(sdktest.Run(env, till.Close, in))(t)
	for _, f := range []paper.Format{paper.FormatESCPOS, paper.FormatPDF} {
		if text := printed(t, env, till.PaperIn{Receipt: r.ID, Format: f, Medium: paper.Roll80}); !strings.Contains(text, "Operatore ada@V (a) \\ ) Tj") {
			t.Error(text)
		}
	}
}

func TestPaperRefuses(t *testing.T) {
	t.Parallel()
	env := stationery(t)
	must(sdktest.Run(env, till.Close, sale([]till.Line{goodsOf("shirt", 1)}, card(2392))))(t)
	for _, c := range []struct {
		in              till.PaperIn
		code            sdk.Code
		reason, pointer string
	}{
		{till.PaperIn{}, sdk.CodeInvalid, "paper", ""},
		{till.PaperIn{Receipt: "MI-01/3/1", Close: "MI-01/3/Z1"}, sdk.CodeInvalid, "paper", ""},
		{till.PaperIn{Receipt: "MI-01/3/1", Till: "3"}, sdk.CodeInvalid, "paper", ""},
		{till.PaperIn{Store: "MI-01", Gift: true}, sdk.CodeInvalid, "paper", ""},
		{till.PaperIn{Receipt: "MI-01/3/9"}, sdk.CodeNotFound, "receipt", "/receipt"},
		{till.PaperIn{Code: "MI-01.3.1.00"}, sdk.CodeNotFound, "receipt", "/code"},
		{till.PaperIn{Close: "MI-01/3/Z1"}, sdk.CodeNotFound, "day_close", ""},
		{till.PaperIn{Store: "XX-01"}, sdk.CodeNotFound, "store", "/store"},
	} {
		_, err := sdktest.Call(env, till.Paper, c.in)
		refuses(t, err, c.code, c.reason, c.pointer)
	}
	for in, pointer := range map[till.PaperIn]string{
		{Receipt: "MI-01/3/1"}: "/receipt", {Code: must(sdktest.Call(env, till.GetReceipt, till.ReceiptID{Receipt: "MI-01/3/1"}))(t).Code}: "/code",
		{Close: "MI-01/3/Z1"}: "/close", {Store: "MI-01"}: "",
	} {
		env.AsPrincipal(sdktest.Principal{ID: "user:rosa", Stores: []string{"RM-01"}})
		_, err := sdktest.Call(env, till.Paper, in)
		refuses(t, err, sdk.CodeDenied, "store", pointer)
		env.As("local")
	}
}
