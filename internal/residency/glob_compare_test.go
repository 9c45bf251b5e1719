package residency

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestGlobCompare(t *testing.T) {
	for _, tt := range []struct {
		glob, pattern, want string
	}{
		{"arn:aws:s3:::acme-eu-*", "arn:aws:s3:::*", "may"},
		{"arn:aws:s3:::acme-eu-*", "arn:aws:s3:::acme-eu-*", "always"},
		{"arn:aws:s3:::acme-*", "arn:aws:s3:::acme-eu-*", "always"},
		{"arn:aws:s3:::acme-eu-*", "arn:aws:s3:::acme-us-*", "never"},
		{"arn:aws:s3:::acme-eu-*", "arn:aws:s3:::acme-*", "may"},
		{"arn:aws:sqs:*", "arn:aws:s3:::*", "never"},
		{"arn:aws:s3:::*", "arn:aws:s3:::*", "always"},
		{"arn:aws:sns:*:222222222222:other-*", "arn:aws:sns:eu-west-1:*:topic", "never"}, // an account holds no colon
		{"arn:aws:sns:*:222222222222:*", "arn:aws:sns:eu-west-1:*:topic", "may"},
		{"arn:aws:sns:eu-west-1:*", "arn:aws:sns:*:*:topic", "may"},
		{"*", "*", "always"},
		{"arn:aws:s3:::a", "*", "may"},
		{"arn:aws:s3:::a", "arn:aws:s3:::a", "always"},
		{"arn:aws:s3:::a", "arn:aws:s3:::b", "never"},
	} {
		always, never := NewGlob(tt.glob).Compare(tt.pattern)
		got := map[[2]bool]string{{true, false}: "always", {false, true}: "never", {false, false}: "may"}[[2]bool{always, never}]
		if got != tt.want {
			t.Errorf("%s on %s: got %q, want %q", tt.glob, tt.pattern, got, tt.want)
		}
	}
}

// TestGlobCompareProperties: whatever the unknown parts turn out to be, Match agrees with what was said before.
func TestGlobCompareProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		glob := rapid.StringMatching(`[ab:*]{0,8}`).Draw(t, "glob")
		pattern := rapid.StringMatching(`[ab:*]{0,8}`).Draw(t, "pattern")
		fill := rapid.StringMatching(`[ab]{0,4}`)
		var b strings.Builder
		for _, c := range pattern {
			if c == '*' {
				b.WriteString(fill.Draw(t, "fill"))
			} else {
				b.WriteRune(c)
			}
		}
		always, never := NewGlob(glob).Compare(pattern)
		if matches := NewGlob(glob).Match(b.String()); matches && never || !matches && always {
			t.Fatalf("%q matches %q: %v, but was told always %v, never %v", glob, b.String(), matches, always, never)
		}
	})
}
