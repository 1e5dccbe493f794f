package casefile_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/bottega-retail/bottega/host/cmd/bottega/casefile"
)

// TestDump writes what is asked in each case, for those who ask without a host: with
// BOTTEGA_DUMP=<folder>, and BOTTEGA_CASES=<folder of cases>.
func TestDump(t *testing.T) {
	t.Parallel()
	to, from := os.Getenv("BOTTEGA_DUMP"), os.Getenv("BOTTEGA_CASES")
	if to == "" || from == "" {
		t.Skip("BOTTEGA_DUMP and BOTTEGA_CASES say where to and where from")
	}
	files, err := filepath.Glob(filepath.Join(from, "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases in %s: %v", from, err)
	}
	for _, file := range files {
		dump(t, file, filepath.Join(to, filepath.Base(file)))
	}
}

type dumped struct {
	ID string             `json:"id"`
	In *casefile.Question `json:"in"`
}

func dump(t *testing.T, from, to string) {
	t.Helper()
	cases, err := casefile.Read(from)
	if err != nil {
		t.Fatal(err)
	}
	asked := []dumped{}
	for i := range cases {
		if !casefile.Runs(cases[i].Kind) {
			continue
		}
		q, err := cases[i].Question()
		var without *casefile.Missing
		switch {
		case errors.As(err, &without):
			t.Logf("%s %v", cases[i].ID, err)
		case err != nil:
			t.Fatal(err)
		default:
			asked = append(asked, dumped{cases[i].ID, q})
		}
	}
	body, err := json.MarshalIndent(asked, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	times := regexp.MustCompile(`"\d{4}-\d\d-\d\dT[\d:.]+Z"`) // in the app they are numbers
	body = times.ReplaceAllFunc(body, func(text []byte) []byte {
		at, err := time.Parse(`"`+time.RFC3339Nano+`"`, string(text))
		if err != nil {
			t.Fatal(err)
		}
		return strconv.AppendInt(nil, at.UnixMilli(), 10)
	})
	if err := os.WriteFile(to, body, 0o600); err != nil {
		t.Fatal(err)
	}
}
