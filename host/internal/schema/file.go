package schema

import (
	"errors"

	"github.com/tinylib/msgp/msgp"

	"github.com/bottega-retail/bottega/sdk/abi"
)

// formatFile is the format of an object that is a file.
const formatFile = "file"

// The properties of a file.
const (
	fileName    = "name"
	fileType    = "type"
	fileContent = "content"
)

// File is a document that an operation answers, as the app says it is: nothing of it has
// been checked.
type File struct {
	Name    string
	Type    string // media type
	Content []byte // part of the wire
}

// IsFile says whether the values of s are files: objects of the format "file", with a
// name, a type and a content.
func (s *Schema) IsFile() bool { return s.root.file }

// beFile marks an object as a file. It must have what a file has.
func (n *node) beFile() error {
	for name, want := range map[string]kind{fileName: text, fileType: text, fileContent: binary} {
		if i, ok := n.index[name]; !ok || n.props[i].node.kind != want {
			return errors.New("format file: an object with the texts name and type and the bytes content")
		}
	}
	n.file = true
	return nil
}

// ReadFile decodes a file from MessagePack. It is for schemas that are IsFile; what is
// not there is empty. The error is an *abi.Error of code Internal, as that of ToJSON.
func (s *Schema) ReadFile(wire []byte) (f File, err error) {
	d := decoder{in: wire}
	count, rest, err := msgp.ReadMapHeaderBytes(wire)
	if err != nil {
		d.mismatch(s.root)
		return f, d.error(abi.Internal)
	}
	for d.in = rest; count > 0; count-- {
		if !d.fileField(s.root, &f) {
			return File{}, d.error(abi.Internal)
		}
	}
	if len(d.in) != 0 {
		d.fail(ReasonMalformed, "bytes follow the value")
		return File{}, d.error(abi.Internal)
	}
	return f, nil
}

// fileField decodes one field of a file.
func (d *decoder) fileField(n *node, f *File) bool {
	name, rest, err := msgp.ReadMapKeyZC(d.in)
	if err != nil {
		return d.malformed()
	}
	d.in = rest
	i := n.find(name, 0)
	switch string(name) {
	case fileName:
		f.Name, d.in, err = msgp.ReadStringBytes(d.in)
	case fileType:
		f.Type, d.in, err = msgp.ReadStringBytes(d.in)
	case fileContent:
		f.Content, d.in, err = msgp.ReadBytesZC(d.in)
	default:
		d.in, err = msgp.Skip(d.in)
		return err == nil || d.malformed()
	}
	if err != nil {
		d.mismatch(n.props[i].node)
		return d.at(n.props[i].name)
	}
	return true
}
