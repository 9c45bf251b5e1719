package residency

import "testing"

func TestGlob(t *testing.T) {
	for _, c := range []struct {
		pattern, s string
		want       bool
	}{
		{"a", "a", true}, {"a", "ab", false}, {"a", "A", false}, {"a", "", false}, {"", "", true},
		{"*", "", true}, {"*", "a:b/c", true}, {"**", "", true}, {"a*", "", false},
		{"a*", "a", true}, {"a*a", "a", false}, {"a*a", "aa", true}, {"*b*", "abc", true}, {"a*b*c", "acb", false},
		{"a*b*b", "ab", false}, {"arn:aws:s3:::acme-*", "arn:aws:s3:::acme-eu-files", true}, {"a?c", "abc", false}, {"[a]", "a", false},
	} {
		if got := NewGlob(c.pattern).Match(c.s); got != c.want {
			t.Errorf("%q against %q: %v", c.pattern, c.s, got)
		}
	}
}
