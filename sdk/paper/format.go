package paper

// Format is how a document is written. "" is PDF.
type Format string

// The formats.
const (
	FormatPDF    Format = "pdf"
	FormatESCPOS Format = "escpos" // bytes for a receipt printer
	FormatText   Format = "text"
)

// Written is a document in a format, as a file.
type Written struct {
	Content   []byte
	Type      string // media type
	Extension string // .pdf
}

// Write is the document in a format, on a medium.
func (d *Document) Write(f Format, m Medium) Written {
	switch f {
	case FormatESCPOS:
		return Written{Content: d.ESCPOS(m), Type: "application/octet-stream", Extension: ".escpos"}
	case FormatText:
		return Written{Content: []byte(d.Plain(m)), Type: "text/plain; charset=utf-8", Extension: ".txt"}
	}
	return Written{Content: d.PDF(m), Type: "application/pdf", Extension: ".pdf"}
}
