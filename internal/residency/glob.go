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

// Compare compares with a pattern of which stars stand for parts that are not known, none of which holds a colon, so that an ARN is
// compared part by part. always: it matches whatever those turn out to be. never: it cannot match. A pattern that is nothing but a
// star is not known at all.
func (g Glob) Compare(pattern string) (always, never bool) {
	glob := strings.Join(g.parts, "*")
	if pattern == "*" {
		return strings.Trim(glob, "*") == "" && glob != "", false
	}
	if !strings.Contains(pattern, "*") {
		matches := g.Match(pattern)
		return matches, !matches
	}
	return covers(glob, pattern), !meets(glob, pattern)
}

// covers reports whether the glob matches every text of the pattern: a star of the pattern is a character that only a star covers.
func covers(glob, pattern string) bool {
	g, i, star, mark := 0, 0, -1, 0
	for i < len(pattern) {
		switch {
		case g < len(glob) && glob[g] == '*':
			star, mark, g = g, i, g+1
		case g < len(glob) && glob[g] == pattern[i] && pattern[i] != '*':
			g, i = g+1, i+1
		case star >= 0:
			mark++
			g, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(glob[g:], "*") == ""
}

// meets reports whether some text is matched by the glob and is one of the pattern's.
func meets(glob, pattern string) bool {
	// reach[j]: the part of the glob so far can meet the first j bytes of the pattern. A star of the glob takes anything, a star of
	// the pattern any byte but a colon.
	reach := make([]bool, len(pattern)+1)
	reach[0] = true
	spread := func(r []bool) { // a star of the pattern may stand for nothing
		for j := range pattern {
			if r[j] && pattern[j] == '*' {
				r[j+1] = true
			}
		}
	}
	spread(reach)
	for i := range len(glob) {
		next := make([]bool, len(pattern)+1)
		if glob[i] == '*' {
			on := false
			for j := range next {
				on = on || reach[j]
				next[j] = on
			}
		} else {
			for j := range pattern {
				switch {
				case !reach[j]:
				case pattern[j] == '*' && glob[i] != ':':
					next[j] = true
				case pattern[j] == glob[i]:
					next[j+1] = true
				}
			}
		}
		spread(next)
		reach = next
	}
	return reach[len(pattern)]
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
