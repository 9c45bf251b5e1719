package reports

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What an HTML report lists of the verdicts, so that a browser opens it at once. The rest is counted, under a digest.
const (
	htmlRows  = 20_000
	htmlBytes = 6_000_000 // of the names and reasons in those rows, as JSON
	htmlList  = 50        // placements, hops and ids beyond the border of one verdict
)

// htmlRanks orders what is listed: what decides first, what only informs last. Beyond the bounds the last rank gives way.
const htmlRanks = 13

func htmlRank(v residency.Verdict) int {
	severity := residency.Critical.Rank() - max(0, v.Severity.Rank()) // 0 critical … 4 info
	switch {
	case v.Outcome == residency.Fail && severity < 4:
		return severity
	case v.Outcome == residency.Waived:
		return 4
	case v.Outcome == residency.Unknown:
		return 5 + severity
	case v.Outcome == residency.Fail:
		return 10
	case v.Outcome == residency.Pass:
		return 11
	}
	return 12
}

// htmlRow is a verdict as far as the page shows it.
type htmlRow struct {
	residency.Verdict
	edges  []int
	beyond int // all of Downstream
	places int // all of Placements
	bytes  int
}

// htmlKept are the listed verdicts by rank, within the bounds.
type htmlKept struct {
	ranks       [htmlRanks][]htmlRow
	rows, bytes int
	left        int // not listed, passes among them
	passes      int // and not applicable: counts only
}

func (k *htmlKept) add(v residency.Verdict, edges []int) {
	rank := htmlRank(v)
	if rank >= 11 { // passes and what is not applicable are counts
		k.left++
		k.passes++
		return
	}
	r := newHTMLRow(v, edges)
	k.ranks[rank] = append(k.ranks[rank], r)
	k.rows++
	k.bytes += r.bytes
	for last := htmlRanks - 1; k.rows > htmlRows || k.bytes > htmlBytes; {
		rows := k.ranks[last]
		if len(rows) == 0 {
			last--
			continue
		}
		k.bytes -= rows[len(rows)-1].bytes
		rows[len(rows)-1] = htmlRow{} // for the collector
		k.ranks[last] = rows[:len(rows)-1]
		k.rows--
		k.left++
	}
}

func newHTMLRow(v residency.Verdict, edges []int) htmlRow {
	r := htmlRow{Verdict: v, edges: edges, beyond: len(v.Downstream), places: len(v.Placements)}
	r.Reason = clip(v.Reason)
	r.Downstream = v.Downstream[:min(len(v.Downstream), htmlList)]
	r.Placements = v.Placements[:min(len(v.Placements), htmlList)]
	if over := len(v.Path) - htmlList; over > 0 {
		r.Path = append(append([]string{v.Path[0]}, "("+counted(over+1, "more hop")+")"), v.Path[over+2:]...)
	}
	r.bytes = 60 + encodedLen(r.Resource) + encodedLen(r.Reason) + encodedLen(r.Kind)
	for _, p := range r.Placements {
		r.bytes += 20 + encodedLen(p.Target) + encodedLen(p.Via) + encodedLen(p.Account) + encodedLen(p.Region)
	}
	for _, id := range r.Path[:max(0, len(r.Path)-1)] {
		r.bytes += 3 + encodedLen(id)
	}
	for _, id := range r.Downstream {
		r.bytes += 3 + encodedLen(id)
	}
	return r
}

// encodedLen is about what s takes as JSON in the page, where what is hostile is escaped twice.
func encodedLen(s string) int {
	n := 3
	for _, r := range s {
		switch {
		case r == '<' || r == '>' || r == '&':
			n += 6
		case hostile(r) || r == utf8.RuneError:
			n += 11
		case r == '"' || r == '\\':
			n += 2
		default:
			n += utf8.RuneLen(r)
		}
	}
	return n
}

// interned numbers strings, so that each stands in the page once.
type interned struct {
	index map[string]int
	all   []string
}

func (t *interned) of(s string) int {
	if n, ok := t.index[s]; ok {
		return n
	}
	t.index[s] = len(t.all)
	t.all = append(t.all, s)
	return len(t.all) - 1
}

// data writes what the script reads: rows of numbers, and the strings that these stand for. The encoder writes < as \u003c, so that no
// name can end the element.
func (k *htmlKept) data(w *bufio.Writer, page *htmlPage) error {
	t := &interned{index: map[string]int{"": 0}, all: []string{""}}
	w.WriteString(`{"rows":[`)
	var line []byte
	first := true
	for _, rank := range k.ranks {
		for _, r := range rank {
			line = line[:0]
			if !first {
				line = append(line, ",\n"...)
			}
			first = false
			w.Write(r.appendTo(line, t))
		}
	}
	fmt.Fprintf(w, "],\n\"left\":%d,\n\"edges\":", k.left-k.passes)
	if err := htmlJSON(w, page.edgeNames()); err != nil {
		return err
	}
	titles := map[string]string{}
	for id, c := range page.report.Controls {
		titles[cell(id)] = cell(c.Title)
	}
	w.WriteString(",\n\"titles\":")
	if err := htmlJSON(w, titles); err != nil {
		return err
	}
	w.WriteString(",\n\"strings\":[")
	for i, s := range t.all {
		if i > 0 {
			w.WriteByte(',')
		}
		if err := htmlJSON(w, cell(s)); err != nil {
			return err
		}
	}
	w.WriteString("]}")
	return nil
}

func htmlJSON(w *bufio.Writer, v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode page data: %w", err)
	}
	w.Write(bytes.TrimSpace(b))
	return nil
}

// appendTo writes one row: outcome, severity, zone, control, resource, kind, account, region, reason, path, placements, how many there are,
// ids beyond the border, how many there are, waiver, edges. The script's names for these stand in report.js.
func (r htmlRow) appendTo(b []byte, t *interned) []byte {
	b = append(b, '[')
	for _, s := range []string{string(r.Outcome), string(r.Severity), r.Zone, r.Control, r.Resource, r.Kind, r.Account, r.Region, r.Reason} {
		b = append(strconv.AppendInt(b, int64(t.of(s)), 10), ',')
	}
	b = appendList(b, t, r.Path...)
	b = append(b, ',', '[')
	for i, p := range r.Placements {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendList(b, t, string(p.Role), p.Region, p.Account, p.Target, p.Via)
	}
	b = append(b, ']', ',')
	b = append(strconv.AppendInt(b, int64(r.places), 10), ',')
	b = append(appendList(b, t, r.Downstream...), ',')
	b = append(strconv.AppendInt(b, int64(r.beyond), 10), ',')
	if w := r.Waiver; w != nil {
		b = appendList(b, t, w.ID, w.Owner, w.Approver, clip(w.Reason), w.Expires)
	} else {
		b = append(b, "[]"...)
	}
	b = append(b, ',', '[')
	for i, e := range r.edges {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(e), 10)
	}
	return append(b, ']', ']')
}

func appendList(b []byte, t *interned, all ...string) []byte {
	b = append(b, '[')
	for i, s := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(t.of(s)), 10)
	}
	return append(b, ']')
}
