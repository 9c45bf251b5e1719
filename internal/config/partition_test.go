package config

import (
	"regexp"
	"slices"
	"testing"
)

// The patterns are the partitions' own, from the source of the table.
func TestPartitions(t *testing.T) {
	patterns := map[string]string{
		"aws":        `^(us|eu|ap|sa|ca|me|af|il|mx)\-\w+\-\d+$`,
		"aws-cn":     `^cn\-\w+\-\d+$`,
		"aws-eusc":   `^eusc\-(de)\-\w+\-\d+$`,
		"aws-iso":    `^us\-iso\-\w+\-\d+$`,
		"aws-iso-b":  `^us\-isob\-\w+\-\d+$`,
		"aws-iso-e":  `^eu\-isoe\-\w+\-\d+$`,
		"aws-iso-f":  `^us\-isof\-\w+\-\d+$`,
		"aws-us-gov": `^us\-gov\-\w+\-\d+$`,
	}
	sizes := map[string]int{"aws": 34, "aws-cn": 2, "aws-eusc": 1, "aws-iso": 2, "aws-iso-b": 2, "aws-iso-e": 1, "aws-iso-f": 2, "aws-us-gov": 2}
	if len(partitions) != len(patterns) {
		t.Errorf("%d partitions, want %d", len(partitions), len(patterns))
	}
	for id, pattern := range patterns {
		regions := PartitionRegions(id)
		if len(regions) != sizes[id] || !slices.IsSorted(regions) {
			t.Errorf("%s: %d regions, want %d, sorted: %q", id, len(regions), sizes[id], regions)
		}
		for _, region := range regions {
			if !regexp.MustCompile(pattern).MatchString(region) || Partition(region) != id || !KnownRegion(region) {
				t.Errorf("%s: region %q is of %q", id, region, Partition(region))
			}
		}
	}
}

func TestUnknownRegions(t *testing.T) {
	for _, region := range []string{"", "eu-west", "eu-west-9", "aws-global", "global", "EU-WEST-1", "eu-west-1a"} {
		if KnownRegion(region) || Partition(region) != "" {
			t.Errorf("%q is known", region)
		}
	}
	if got := PartitionRegions("aws-mars"); got != nil {
		t.Errorf("an unknown partition has %q", got)
	}
}

func TestPartitionRegionsIsACopy(t *testing.T) {
	PartitionRegions("aws-cn")[0] = "changed"
	if !KnownRegion("cn-north-1") {
		t.Error("the table changed")
	}
}

func TestNearest(t *testing.T) {
	names := []string{"assign", "zones", "arn", "aws", "eu"}
	for typed, want := range map[string]string{
		"asign": "assign", "assgin": "assign", "Assign": "assign", "zone": "zones", "anr": "arn", "EU": "eu",
		"uk": "", "x": "", "policies": "", "": "",
	} {
		if got := nearest(typed, names); got != want {
			t.Errorf("nearest(%q) = %q, want %q", typed, got, want)
		}
	}
}
