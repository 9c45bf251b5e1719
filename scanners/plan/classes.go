package plan

import (
	"strings"
)

// unlisted is the class of a type that is on no list.
const unlisted Class = "not known"

// typeList holds names of types, and prefixes of names: a whole service.
type typeList struct {
	names    map[string]bool
	prefixes []string
}

// typeNames reads a list of names without their common beginning; a star ends a prefix.
func typeNames(beginning, list string) typeList {
	l := typeList{names: map[string]bool{}}
	for _, name := range strings.Fields(list) {
		if prefix, ok := strings.CutSuffix(beginning+name, "*"); ok {
			l.prefixes = append(l.prefixes, prefix)
		} else {
			l.names[beginning+name] = true
		}
	}
	return l
}

func (l typeList) has(typ string) bool {
	if l.names[typ] {
		return true
	}
	for _, prefix := range l.prefixes {
		if strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	return false
}

// noData reports whether a type is known neither to hold nor to move what is judged.
func noData(typ string) bool { return noDataTerraform.has(typ) || noDataTemplate.has(typ) }
