package receipt

import (
	"strconv"
	"strings"

	"github.com/bottega-retail/bottega/sdk/retail"
)

// OfflineNumber is what stands for the number in the id of a document that a till wrote
// while it was cut off: 20261121-7 is the seventh of that day. No number that the host gives
// looks like it.
func OfflineNumber(day retail.Date, sequence int64) string {
	return strings.ReplaceAll(string(day), "-", "") + "-" + strconv.FormatInt(sequence, 10)
}

// numbers says whether a text is a number of a document, the host's or a till's own.
func numbers(text string) bool {
	day, sequence, own := strings.Cut(text, "-")
	if !own || len(day) != 8 {
		_, err := strconv.ParseInt(text, 10, 64)
		return err == nil
	}
	date := retail.Date(day[:4] + "-" + day[4:6] + "-" + day[6:])
	n, err := strconv.ParseInt(sequence, 10, 64)
	return err == nil && date.Valid() == nil && OfflineNumber(date, n) == text
}
