package develop

import (
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/bottega-retail/bottega/host/internal/develop/source"
	"github.com/bottega-retail/bottega/host/internal/manifest"
)

func tree(t *testing.T) *source.Tree {
	t.Helper()
	tree, err := source.Read()
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func slot(t *testing.T, name string) *Slot {
	t.Helper()
	slots, err := Slots(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range slots {
		if s.Name == name {
			return &s
		}
	}
	t.Fatalf("no slot %s among %+v", name, slots)
	return nil
}

func TestSlots(t *testing.T) {
	t.Parallel()
	s := slot(t, "pricing.discount")
	if s.Command || s.Contract != "pricing" || s.Var != "Discount" || s.In != "pricing.DiscountIn" || s.Out != "pricing.DiscountOut" || !strings.HasPrefix(s.Doc, "Discount lets plugins") {
		t.Errorf("%+v", s)
	}
	if s := slot(t, "till.tender"); !s.Command || s.Var != "Tender" {
		t.Errorf("%+v", s)
	}
}

// TestSkeletons holds every skeleton to gofmt and to the rules of manifests.
// That they compile and pass their tests is shown with the real binary, in e2e.
func TestSkeletons(t *testing.T) {
	t.Parallel()
	slots, err := Slots(tree(t))
	if err != nil {
		t.Fatal(err)
	}
	all := []Skeleton{{ID: "wish-list", Module: "example.com/wish-list"}}
	for i, s := range slots {
		all = append(all, Skeleton{ID: "my-" + strings.NewReplacer(".", "-", "_", "-").Replace(s.Name), Module: "example.org/x", Slot: &slots[i]})
	}
	for _, s := range all {
		files, err := s.render()
		if err != nil {
			t.Errorf("%s: %v", s.ID, err)
		}
		for name, text := range files {
			if strings.HasSuffix(name, ".go") {
				if want, err := format.Source(text); err != nil || string(want) != string(text) {
					t.Errorf("%s/%s is not as gofmt writes it: %v", s.ID, name, err)
				}
			}
		}
		if _, err := manifest.Parse(files[s.ID+".json"]); err != nil {
			t.Errorf("the manifest of %s: %v", s.ID, err)
		}
	}
}

// TestHello: the plugin of the tutorial is what `bottega new` makes.
func TestHello(t *testing.T) {
	t.Parallel()
	const module, here = "example.com/hello", "github.com/bottega-retail/bottega/plugins/hello"
	s := Skeleton{ID: "hello", Module: module, Slot: slot(t, "pricing.discount")}
	files, err := s.render()
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for name, text := range files {
		if !strings.HasSuffix(name, ".go") && !strings.HasPrefix(name, "testdata/") {
			continue
		}
		have, err := os.ReadFile(filepath.Join("../../../plugins/hello", name))
		if err != nil {
			t.Error(err)
			continue
		}
		if want := strings.ReplaceAll(string(text), module, here); want != string(have) {
			t.Errorf("plugins/hello/%s is not what bottega new writes", name)
		}
		compared++
	}
	if compared != 5 {
		t.Errorf("%d files compared", compared)
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "hello")
	s := Skeleton{ID: "hello", Slot: slot(t, "pricing.discount"), Folder: dir}
	made, err := New(s, tree(t))
	if err != nil || !made.Golden || len(made.Files) != 9 {
		t.Fatalf("%+v, %v", made, err)
	}
	p, err := Find(filepath.Join(dir, "wasm"))
	if err != nil || p.Root != dir || !p.Foreign {
		t.Fatalf("%+v, %v", p, err)
	}
	if again, err := p.Unpack(tree(t)); err != nil || again {
		t.Errorf("the same SDK is unpacked again: %v, %v", again, err)
	}
	if err := os.WriteFile(filepath.Join(dir, SDKFolder, "new"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, SDKFolder, stamp), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, SDKFolder, stamp), []byte("another"), 0o600); err != nil {
		t.Fatal(err)
	}
	if again, err := p.Unpack(tree(t)); err != nil || !again {
		t.Errorf("the SDK of another version stays: %v, %v", again, err)
	}
	if _, err := os.Stat(filepath.Join(dir, SDKFolder, "new")); !os.IsNotExist(err) {
		t.Errorf("what was in the old SDK is still there: %v", err)
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	taken := t.TempDir()
	if err := os.WriteFile(filepath.Join(taken, "diary.txt"), []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, s := range map[string]Skeleton{
		"is no id":               {ID: "Hello"},
		"is taken by Go":         {ID: "func"},
		"diary.txt":              {ID: "hello", Folder: taken},
		"whose slot it fills":    {ID: "pricing", Slot: slot(t, "pricing.discount")},
		"nothing is overwritten": {ID: "wishlist", Folder: taken},
	} {
		if _, err := New(s, tree(t)); err == nil || !strings.Contains(err.Error(), what) {
			t.Errorf("want %q, got %v", what, err)
		}
	}
	if text, err := os.ReadFile(filepath.Join(taken, "diary.txt")); err != nil || string(text) != "mine" {
		t.Errorf("%q, %v", text, err)
	}
}
