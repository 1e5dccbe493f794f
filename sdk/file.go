package sdk

import "github.com/bottega-retail/bottega/sdk/wire"

// File is a document that an operation answers: a PDF, a table, bytes for a printer. It
// is the output of the operation itself, not a field of it:
//
//	var Paper = sdk.Query[PaperIn, sdk.File]{Name: "till.paper"}
//
// Over REST it is JSON with the content in base64, or the content itself with its type
// and name to whoever asks for that type by Accept (RFC 9110). The admin saves it as a
// file.
type File struct {
	Name    string `json:"name"`    // that it is saved under, without folders: MI-01-3-417.pdf
	Type    string `json:"type"`    // media type: application/pdf
	Content []byte `json:"content"` // an answer is at most 1 MiB, the whole file in it
}

// WriteWire writes the fields, as the build would.
func (f *File) WriteWire(w *wire.Writer) {
	m := w.Begin(3)
	w.Text("\xa4name", f.Name)
	w.Text("\xa4type", f.Type)
	w.Bytes("\xa7content", f.Content)
	w.End(m)
}

// ReadWire reads them.
func (f *File) ReadWire(r *wire.Reader) {
	for m := r.Begin(); r.More(m); {
		r.Text("name", &f.Name)
		r.Text("type", &f.Type)
		if r.Is("content") {
			f.Content = r.Bytes()
			r.Next()
		}
	}
}
