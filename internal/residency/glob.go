package residency

import "strings"

// Glob is a pattern in which * stands for any run of characters, colons and slashes too, and everything else for itself. There is
// no escape: nothing that AWS names holds a star.
type Glob struct{ parts []string }

// NewGlob takes the pattern apart, once for many comparisons.
func NewGlob(pattern string) Glob { return Glob{strings.Split(pattern, "*")} }

// Exact is the one string that matches, if the pattern has no star.
func (g Glob) Exact() (string, bool) {
	if len(g.parts) != 1 {
		return "", false
	}
	return g.parts[0], true
}

// Match compares the whole of s. Only stars match the empty string, by which what is not known is written here.
func (g Glob) Match(s string) bool {
	if exact, ok := g.Exact(); ok {
		return exact == s
	}
	first, last := g.parts[0], g.parts[len(g.parts)-1]
	if len(s) < len(first)+len(last) || !strings.HasPrefix(s, first) || !strings.HasSuffix(s, last) {
		return false
	}
	s = s[len(first) : len(s)-len(last)]
	for _, part := range g.parts[1 : len(g.parts)-1] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}
