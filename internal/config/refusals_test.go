package config

import (
	"errors"
	"strings"
	"testing"
)

// refusal is a file that is not read, and the exact words: line, column, what is wrong, cure.
type refusal struct{ name, text, want string }

var refusals = map[string][]refusal{
	"document": documentRefusals,
	"zone":     zoneRefusals,
	"assign":   assignRefusals,
	"aws":      awsRefusals,
	"further":  furtherRefusals,
	"notify":   notifyRefusals,
}

func TestParseRefuses(t *testing.T) {
	for group, table := range refusals {
		for _, c := range table {
			t.Run(group+"_"+strings.ReplaceAll(c.name, " ", "_"), func(t *testing.T) {
				got, err := Parse("domicile.yaml", []byte(c.text), shippedZones)
				if err == nil {
					t.Fatalf("read as %+v, want %s", got, c.want)
				}
				if want := "domicile.yaml:" + c.want; err.Error() != want {
					t.Errorf("\ngot  %s\nwant %s", err, want)
				}
				if got != nil {
					t.Errorf("a configuration beside the refusal: %+v", got)
				}
				requireOneLine(t, err)
			})
		}
	}
}

// Sizes that would cost the parser's stack or minutes of its time are refused before it.
func TestParseRefusesSizes(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"file":               {strings.Repeat("#", maxSize+1), "1:1: the file is larger than 1 MiB: is it the configuration? shorten assign with * globs"},
		"keys":               {strings.Repeat("a: 1\n", maxKeys+1), "1001:2: a mapping of more than 1000 keys: take some away, nothing here has so many"},
		"inner":              {"- b:\n" + strings.Repeat("    a: 1\n", maxKeys+1), "1002:6: a mapping of more than 1000 keys: take some away, nothing here has so many"},
		"blanks in brackets": {"{" + strings.Repeat("a,", maxBlanks+1) + "}", "1:203: more than 100 keys and list items without a value: give them one, or take them away"},
		"blank keys":         {"- b: 1\n" + strings.Repeat("- a:\n", maxBlanks+2), "103:1: more than 100 keys and list items without a value: give them one, or take them away"},
		"braces":             {strings.Repeat("{a: ", maxDepth+1), "1:65: brackets nested more than 16 deep: take some away, nothing here is so deep"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Parse("domicile.yaml", []byte(c.text), nil); err == nil || err.Error() != "domicile.yaml:"+c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

// A list of many mappings is no mapping of many keys.
func TestParseReadsManyLines(t *testing.T) {
	text := "version: 1\nzones:\n  eu:\n    regions: [eu-west-1]\nassign:\n" + strings.Repeat("  - account: \"111111111111\"\n    zone: eu\n", 5000)
	c, err := Parse("domicile.yaml", []byte(text), nil)
	if err != nil || len(c.Assign) != 5000 {
		t.Fatalf("%v", err)
	}
	if last := c.Assign[4999]; last.Line != 10004 {
		t.Errorf("the last rule is of line %d", last.Line)
	}
}

func TestParseWithoutShippedZones(t *testing.T) {
	_, err := Parse("domicile.yaml", []byte("version: 1\nzones: {ca: shipped}\nassign: [{region: own}]\n"), nil)
	var at *Error
	want := `zone "ca" is not shipped, none is: write {name: …, regions: [eu-west-1]}, say`
	if !errors.As(err, &at) || at.Problem != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
