package snapshot

import "strings"

// interner keeps one copy of the strings that come again and again. It is a cache of fixed size: a string that meets another
// in its slot replaces it.
type interner [1024]string

func (t *interner) keep(s string) string {
	n := len(s)
	if n == 0 || n > 64 {
		return strings.Clone(s)
	}
	h := uint64(n) * 0x9e3779b97f4a7c15
	if n >= 8 {
		h ^= load8(s, 0)*0xff51afd7ed558ccd ^ load8(s, n-8)*0xc4ceb9fe1a85ec53
	} else {
		for i := range n {
			h = (h ^ uint64(s[i])) * 0x100000001b3
		}
	}
	slot := &t[(h^h>>29)*0x9e3779b97f4a7c15>>54]
	if *slot != s {
		*slot = strings.Clone(s)
	}
	return *slot
}
