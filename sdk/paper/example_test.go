package paper_test

import (
	"fmt"

	"github.com/bottega-retail/bottega/sdk/paper"
	"github.com/bottega-retail/bottega/sdk/paper/papertest"
)

// ticket is paper of 58 mm.
func ticket() *paper.Document {
	d := &paper.Document{Title: "Ticket A17", Language: "it"}
	d.Text(paper.Bold|paper.Tall|paper.Centre, "A17")
	d.Text(paper.Centre, "È il Suo turno fra 10 minuti")
	d.Rule()
	d.Heading(paper.Bold, paper.Cell{Text: "Sportello"}, paper.Cell{Text: "Attesa", Width: 8, Right: true})
	d.Row(0, paper.Cell{Text: "Resi"}, paper.Cell{Text: "10'", Width: 8, Right: true})
	return d
}

func Example() {
	d := ticket()
	d.Pair(paper.Bold, "Persone prima di Lei", "3")
	d.Space()
	d.Barcode("A17.26")
	fmt.Print(d.Plain(paper.Roll58))
	// Output:
	//               A17
	//   È il Suo turno fra 10 minuti
	// --------------------------------
	// Sportello                 Attesa
	// Resi                         10'
	// Persone prima di Lei           3
	//
	//         [CODE128 A17.26]
	//              A17.26
}

// What goes to a printer, as it prints it.
func ExampleDocument_ESCPOS() {
	d := ticket()
	d.QR("https://example.com/A17")
	d.Cut()
	printed, err := papertest.Print(d.ESCPOS(paper.Roll58), paper.Roll58.Columns())
	fmt.Print(printed)
	fmt.Println(err)
	// Output:
	// |              A17               | bold tall
	// |  È il Suo turno fra 10 minuti  |
	// |--------------------------------|
	// |Sportello                 Attesa| bold
	// |Resi                         10'|
	// |  <QR https://example.com/A17>  |
	// |- - - - - - - - - - - - - - - - | cut
	// <nil>
}

// The same as PDF.
func ExampleDocument_PDF() {
	d := ticket()
	copied := paper.Document{}
	copied.Text(paper.Centre, "Copia")
	d.Append(&copied)
	pages, err := papertest.Read(d.PDF(paper.Roll58))
	fmt.Println(len(pages), err)
	fmt.Print(pages[0])
	// Output:
	// 1 <nil>
	// A17
	// È il Suo turno fra 10 minuti
	// Sportello  Attesa
	// Resi  10'
	// Copia
}
