package registry

import (
	"fmt"
	"regexp"

	"github.com/Masterminds/semver/v3"
)

// tagged finds a version with a pre-release in a range; "1.0 - 2.0" has none.
var tagged = regexp.MustCompile(`\d-[0-9A-Za-z]`)

// Fits says whether the version of an enabled app lies in a range; "" is every
// one. A pre-release stands for the version that it leads up to: 0.1.0-dev.3 is
// in ^0.1. Nothing enables a pre-release that nobody has named, so who needs its
// contract need not name it too. A range that names pre-releases is compared as
// semantic versions say. The error is about the range or the version.
func Fits(versions, version string) (bool, error) {
	if versions == "" {
		return true, nil
	}
	wanted, err := semver.NewConstraint(versions)
	if err != nil {
		return false, fmt.Errorf("%q is no range of versions: %w", versions, err)
	}
	has, err := semver.NewVersion(version)
	if err != nil {
		return false, fmt.Errorf("%q is no version: %w", version, err)
	}
	if has.Prerelease() != "" && !tagged.MatchString(versions) {
		has = semver.New(has.Major(), has.Minor(), has.Patch(), "", "")
	}
	return wanted.Check(has), nil
}
