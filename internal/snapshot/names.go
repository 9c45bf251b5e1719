package snapshot

import (
	"fmt"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// checkNames refuses tags and facts whose names differ only in bytes that are not UTF-8: written down they would be the same,
// and the line could not be read.
func checkNames(r *residency.Resource) error {
	name, clash := sameName(r.Tags)
	if !clash {
		name, clash = sameNameWithin(r.Facts)
	}
	if clash {
		return fmt.Errorf("resource %s: two names are %s once written as UTF-8", short(r.ID), short(name))
	}
	return nil
}

func sameNameWithin(value any) (string, bool) {
	switch v := value.(type) {
	case map[string]string:
		return sameName(v)
	case map[string]any:
		if name, clash := sameName(v); clash {
			return name, true
		}
		for _, inner := range v {
			if name, clash := sameNameWithin(inner); clash {
				return name, true
			}
		}
	case []any:
		for _, inner := range v {
			if name, clash := sameNameWithin(inner); clash {
				return name, true
			}
		}
	}
	return "", false
}

// sameName finds a name that two keys of m would be written as.
func sameName[V any](m map[string]V) (string, bool) {
	for name := range m {
		if utf8.ValidString(name) {
			continue
		}
		written := validText(name)
		for other := range m {
			if other != name && validText(other) == written {
				return written, true
			}
		}
	}
	return "", false
}
