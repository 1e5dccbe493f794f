package casefile_test

import (
	"encoding/json"
	"os"
	"testing"

	"github.com/bottega-retail/bottega/host/cmd/bottega/casefile"
)

// TestAnswers compares answers that somebody got without a host: a JSON list of
// {id, out} in the file BOTTEGA_ANSWERS, to the cases in BOTTEGA_CASES.
func TestAnswers(t *testing.T) {
	t.Parallel()
	from, cases := os.Getenv("BOTTEGA_ANSWERS"), os.Getenv("BOTTEGA_CASES")
	if from == "" || cases == "" {
		t.Skip("BOTTEGA_ANSWERS and BOTTEGA_CASES say what to compare")
	}
	body, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	var answers []struct {
		ID  string          `json:"id"`
		Out casefile.Answer `json:"out"`
	}
	if err := json.Unmarshal(body, &answers); err != nil {
		t.Fatal(err)
	}
	all, err := casefile.Read(cases)
	if err != nil {
		t.Fatal(err)
	}
	same := 0
	for _, a := range answers {
		for i := range all {
			if all[i].ID != a.ID {
				continue
			}
			differences, err := all[i].Compare(&a.Out)
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range differences {
				t.Errorf("%s (%s): %s", a.ID, all[i].Title, d)
			}
			if len(differences) == 0 {
				same++
			}
		}
	}
	t.Logf("%d of %d answers are as expected", same, len(answers))
}
