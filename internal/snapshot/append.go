package snapshot

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// AppendResource appends r as one JSON object, without line end, in the bytes of encoding/json without HTML escaping. The only
// error is a fact that JSON cannot hold (a channel, NaN) or nested too deep.
func AppendResource(dst []byte, r *residency.Resource) ([]byte, error) {
	dst = append(dst, `{"id":`...)
	dst = AppendString(dst, r.ID)
	dst = append(dst, `,"kind":`...)
	dst = AppendString(dst, r.Kind)
	dst = appendText(dst, `,"account":`, r.Account)
	dst = appendText(dst, `,"region":`, r.Region)
	dst = appendText(dst, `,"name":`, r.Name)
	if r.Tags != nil {
		dst = append(dst, `,"tags":`...)
		dst = appendTags(dst, r.Tags)
	}
	if r.Placements != nil {
		dst = append(dst, `,"placements":`...)
		dst = appendPlacements(dst, r.Placements)
	}
	for i := range r.Sources {
		dst = append(dst, next(i, `,"sources":[`)...)
		dst = appendSource(dst, &r.Sources[i])
	}
	if len(r.Sources) > 0 {
		dst = append(dst, ']')
	}
	if len(r.Facts) > 0 {
		dst = append(dst, `,"facts":`...)
		var err error
		if dst, err = appendFacts(dst, r.Facts, 0); err != nil {
			return dst, fmt.Errorf("facts of %s: %w", short(r.ID), err)
		}
	}
	dst = appendText(dst, `,"arn":`, r.ARN)
	if r.Assigned != nil {
		dst = appendAssigned(dst, r.Assigned)
	}
	return append(dst, '}'), nil
}

func appendAssigned(dst []byte, a *residency.Assigned) []byte {
	dst = append(dst, `,"assigned":{"basis":`...)
	dst = AppendString(dst, string(a.Basis))
	return append(appendText(dst, `,"zone":`, a.Zone), '}')
}

// AppendPlacement appends p as one JSON object.
func AppendPlacement(dst []byte, p *residency.Placement) []byte {
	dst = append(dst, `{"role":`...)
	dst = AppendString(dst, string(p.Role))
	dst = appendText(dst, `,"region":`, p.Region)
	dst = appendText(dst, `,"account":`, p.Account)
	dst = appendText(dst, `,"target":`, p.Target)
	dst = appendText(dst, `,"via":`, p.Via)
	return append(dst, '}')
}

// AppendVerdict appends v as one JSON object, without line end.
func AppendVerdict(dst []byte, v *residency.Verdict) []byte {
	dst = append(dst, `{"control":`...)
	dst = AppendString(dst, v.Control)
	dst = append(dst, `,"resource":`...)
	dst = AppendString(dst, v.Resource)
	dst = append(dst, `,"kind":`...)
	dst = AppendString(dst, v.Kind)
	dst = appendText(dst, `,"account":`, v.Account)
	dst = appendText(dst, `,"region":`, v.Region)
	dst = appendText(dst, `,"zone":`, v.Zone)
	dst = append(dst, `,"outcome":`...)
	dst = AppendString(dst, string(v.Outcome))
	dst = append(dst, `,"severity":`...)
	dst = AppendString(dst, string(v.Severity))
	dst = appendText(dst, `,"reason":`, v.Reason)
	if len(v.Placements) > 0 {
		dst = append(dst, `,"placements":`...)
		dst = appendPlacements(dst, v.Placements)
	}
	dst = appendTexts(dst, `,"path":`, v.Path)
	dst = appendTexts(dst, `,"downstream":`, v.Downstream)
	if w := v.Waiver; w != nil {
		dst = append(dst, `,"waiver":{"id":`...)
		dst = AppendString(dst, w.ID)
		dst = append(dst, `,"owner":`...)
		dst = AppendString(dst, w.Owner)
		dst = append(dst, `,"approver":`...)
		dst = AppendString(dst, w.Approver)
		dst = append(dst, `,"reason":`...)
		dst = AppendString(dst, w.Reason)
		dst = append(dst, `,"expires":`...)
		dst = AppendString(dst, w.Expires)
		dst = append(dst, '}')
	}
	return append(dst, '}')
}

// AppendCoverage appends c as one JSON object; its gaps are a list also where there are none.
func AppendCoverage(dst []byte, c *residency.Coverage) []byte {
	dst = append(dst, `{"scanner":`...)
	dst = AppendString(dst, c.Scanner)
	dst = append(dst, `,"account":`...)
	dst = AppendString(dst, c.Account)
	dst = append(dst, `,"region":`...)
	dst = AppendString(dst, c.Region)
	dst = append(dst, `,"status":`...)
	dst = AppendString(dst, string(c.Status))
	dst = append(dst, `,"resources":`...)
	dst = strconv.AppendInt(dst, int64(c.Resources), 10)
	dst = append(dst, `,"gaps":[`...)
	for i := range c.Gaps {
		g := &c.Gaps[i]
		dst = append(dst, next(i, "")...)
		dst = append(dst, `{"call":`...)
		dst = AppendString(dst, g.Call)
		dst = append(dst, `,"class":`...)
		dst = AppendString(dst, string(g.Class))
		dst = appendText(dst, `,"resource":`, g.Resource)
		dst = appendText(dst, `,"detail":`, g.Detail)
		dst = append(dst, '}')
	}
	dst = append(dst, ']')
	dst = appendOracles(dst, c.Oracles)
	dst = appendNotJudged(dst, c.NotJudged)
	return append(appendText(dst, `,"input":`, c.Input), '}')
}

// appendHeader appends the header's line. The lists of the scope are never null: null is not read.
func appendHeader(dst []byte, h residency.Header) ([]byte, error) {
	h.Run = h.Run.UTC()
	if h.Scope != nil {
		scope := *h.Scope
		scope.Accounts = append([]string{}, scope.Accounts...)
		scope.Regions = append([]string{}, scope.Regions...)
		if scope.Scanners == nil {
			scope.Scanners = map[string]string{}
		}
		h.Scope = &scope
	}
	return appendMarshalled(dst, struct {
		Snapshot residency.Header `json:"snapshot"`
	}{h})
}

func appendMarshalled(dst []byte, v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return dst, err
	}
	return append(dst, bytes.TrimSuffix(b.Bytes(), []byte("\n"))...), nil
}

func appendSource(dst []byte, s *residency.Source) []byte {
	start := len(dst)
	dst = appendText(dst, `,"id":`, s.ID)
	dst = appendText(dst, `,"role":`, string(s.Role))
	dst = appendText(dst, `,"region":`, s.Region)
	dst = appendText(dst, `,"account":`, s.Account)
	dst = appendText(dst, `,"via":`, s.Via)
	if len(dst) == start {
		return append(dst, `{}`...)
	}
	dst[start] = '{' // in place of the first comma
	return append(dst, '}')
}

func appendPlacements(dst []byte, places []residency.Placement) []byte {
	dst = append(dst, '[')
	for i := range places {
		dst = append(dst, next(i, "")...)
		dst = AppendPlacement(dst, &places[i])
	}
	return append(dst, ']')
}

func appendTags(dst []byte, tags map[string]string) []byte {
	if len(tags) == 1 {
		for k, v := range tags {
			dst = append(dst, '{')
			dst = AppendString(dst, k)
			dst = append(dst, ':')
			dst = AppendString(dst, v)
		}
		return append(dst, '}')
	}
	dst = append(dst, '{')
	for i, k := range sortedKeys(tags) {
		dst = append(dst, next(i, "")...)
		dst = AppendString(dst, k)
		dst = append(dst, ':')
		dst = AppendString(dst, tags[k])
	}
	return append(dst, '}')
}

func sortedKeys[V any](m map[string]V) []string {
	return slices.Sorted(maps.Keys(m))
}

// appendText appends a field that is absent when empty.
func appendText(dst []byte, name, value string) []byte {
	if value == "" {
		return dst
	}
	return AppendString(append(dst, name...), value)
}

// appendTexts appends a list that is absent when empty.
func appendTexts(dst []byte, name string, values []string) []byte {
	if len(values) == 0 {
		return dst
	}
	dst = append(append(dst, name...), '[')
	for i, v := range values {
		dst = append(dst, next(i, "")...)
		dst = AppendString(dst, v)
	}
	return append(dst, ']')
}

// next is what stands before element i of a list.
func next(i int, first string) string {
	if i == 0 {
		return first
	}
	return ","
}
