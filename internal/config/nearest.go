package config

import "strings"

// nearest is the candidate that name was probably meant to be, or empty. The first of equals wins.
func nearest(name string, candidates []string) string {
	typed := strings.ToLower(clip(name))
	limit := 0 // a name of two letters is near to everything
	switch n := len([]rune(typed)); {
	case n >= 6:
		limit = 2
	case n >= 3:
		limit = 1
	}
	best, found := limit+1, ""
	for _, c := range candidates {
		if d := distance(typed, strings.ToLower(c)); d < best {
			best, found = d, c
		}
	}
	return found
}

// distance counts insertions, deletions, substitutions and swaps of neighbours between a and b (optimal string alignment).
func distance(a, b string) int {
	s, t := []rune(a), []rune(b)
	rows := make([][]int, len(s)+1)
	for i := range rows {
		rows[i] = make([]int, len(t)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(s); i++ {
		for j := 1; j <= len(t); j++ {
			cost := 1
			if s[i-1] == t[j-1] {
				cost = 0
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, rows[i-1][j-1]+cost)
			if i > 1 && j > 1 && s[i-1] == t[j-2] && s[i-2] == t[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(s)][len(t)]
}
