package audit

import (
	"crypto/sha256"
	"hash/maphash"
	"strings"
	"unicode"

	"github.com/seed-1578181b/domicile/internal/config"
	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// names knows which parts of a divided run bear which names: ids, names, and the ends of ARNs, as hashes.
type names struct {
	seed   maphash.Seed
	bearer map[uint64]uint64 // a bit for each part
	starts map[uint64]int    // by first piece of a name: the most pieces of such a name
}

// shortestName is the length below which a name is none that could be told from other text.
const shortestName = 3

func newNames() *names {
	return &names{seed: maphash.MakeSeed(), bearer: map[uint64]uint64{}, starts: map[uint64]int{}}
}

func (n *names) hash(s string) uint64 { return maphash.String(n.seed, s) }

// add takes in what a resource of a part is called.
func (n *names) add(part int, r *residency.Resource) {
	for _, name := range []string{r.ID, r.Name, lastPart(r)} {
		name = strings.TrimFunc(name, func(c rune) bool { return !inPiece(c) })
		if len(name) < shortestName || config.KnownRegion(name) { // some resources are called by their region
			continue
		}
		h := n.hash(name)
		if _, known := n.bearer[h]; !known {
			pieces := piecesOf(name)
			first := n.hash(name[pieces[0].from:pieces[0].to])
			n.starts[first] = max(n.starts[first], len(pieces))
		}
		n.bearer[h] |= 1 << part
	}
}

// foreign reports whether only resources of other parts are called so.
func (n *names) foreign(part int, name string) bool {
	bearer := n.bearer[n.hash(name)]
	return bearer != 0 && bearer&(1<<part) == 0
}

// pseudonym stands for a name that belongs to another store: its digest. Who knows the name can tell that it is meant; nobody can tell
// the name. An ARN keeps its service, region and type, so that a chain still shows where it leads, and which list would show it.
func pseudonym(name string) string {
	digest := digestMark + evidence.Digest([]byte(name))
	if parts := strings.SplitN(name, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		return strings.Join(parts[:4], ":") + "::" + scanners.TypeIn(name) + digest
	}
	return digest
}

const digestMark = "sha256:"

// isPseudonym reports whether an id is one.
func isPseudonym(id string) bool {
	at := strings.LastIndex(id, digestMark)
	return at >= 0 && len(id)-at-len(digestMark) == sha256.Size*2 && strings.Trim(id[at+len(digestMark):], "0123456789abcdef") == ""
}

type piece struct{ from, to int }

func inPiece(c rune) bool { return c == '-' || c == '_' || unicode.IsLetter(c) || unicode.IsDigit(c) }

// piecesOf are the runs of letters, digits, - and _: names begin and end with one.
func piecesOf(s string) (pieces []piece) {
	from := -1
	for i, c := range s {
		switch {
		case inPiece(c) && from < 0:
			from = i
		case !inPiece(c) && from >= 0:
			pieces, from = append(pieces, piece{from, i}), -1
		}
	}
	if from >= 0 {
		pieces = append(pieces, piece{from, len(s)})
	}
	return pieces
}

// veil puts a pseudonym in the place of each name of another part that stands in a text, the longest first.
func (n *names) veil(part int, s string) string {
	if len(s) < shortestName {
		return s
	}
	pieces := piecesOf(s)
	var b strings.Builder
	done := 0
	for i := 0; i < len(pieces); i++ {
		from := pieces[i].from
		most := n.starts[n.hash(s[from:pieces[i].to])]
		for j := min(i+most, len(pieces)) - 1; j >= i; j-- {
			if name := s[from:pieces[j].to]; n.foreign(part, name) {
				b.WriteString(s[done:from] + pseudonym(name))
				done, i = pieces[j].to, j
				break
			}
		}
	}
	if done == 0 {
		return s
	}
	b.WriteString(s[done:])
	return b.String()
}

// veilAny does so in every text of a value of JSON, keys aside.
func (n *names) veilAny(part int, v any) any {
	switch v := v.(type) {
	case string:
		return n.veil(part, v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = n.veilAny(part, v[i])
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k := range v {
			out[n.veil(part, k)] = n.veilAny(part, v[k])
		}
		return out
	}
	return v
}
