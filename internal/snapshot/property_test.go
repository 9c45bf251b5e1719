package snapshot

import (
	"bytes"
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// anyText holds what is hard to write: quotes, controls, halves of characters, separators, bytes that are not UTF-8.
func anyText() *rapid.Generator[string] {
	piece := rapid.OneOf(rapid.String(), rapid.StringMatching(`[a-z0-9:/-]{1,40}`),
		rapid.SampledFrom([]string{`"`, `\`, "\n", "\x00", "\x1f", "\x7f", "\u2028", "\u2029", "\xff", "\xc3", "\xed\xa0\x80", "<&>", "ä", "😀", "\ufffd"}))
	return rapid.Map(rapid.SliceOfN(piece, 0, 6), func(pieces []string) string {
		var s string
		for _, p := range pieces {
			s += p
		}
		return s
	})
}

// someText is anyText that is UTF-8 already, so that it reads back as it was.
func someText() *rapid.Generator[string] { return rapid.Map(anyText(), validText) }

func maybe(t *rapid.T, name string, text *rapid.Generator[string]) string {
	if rapid.Bool().Draw(t, name+" present") {
		return text.Draw(t, name)
	}
	return ""
}

func drawRole(t *rapid.T) residency.Role { return rapid.SampledFrom(residency.Roles()).Draw(t, "role") }

func drawPlacements(t *rapid.T, text *rapid.Generator[string]) []residency.Placement {
	places := []residency.Placement{}
	for range rapid.IntRange(0, 4).Draw(t, "placements") {
		places = append(places, residency.Placement{Role: drawRole(t), Region: maybe(t, "region", text), Account: maybe(t, "account", text),
			Target: maybe(t, "target", text), Via: maybe(t, "via", text)})
	}
	return places
}

func factGen(text *rapid.Generator[string]) *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.Map(text, func(s string) any { return s }),
		rapid.Map(rapid.Bool(), func(b bool) any { return b }),
		rapid.Map(rapid.Float64(), func(f float64) any {
			if math.IsNaN(f) || math.IsInf(f, 0) {
				return nil
			}
			return f
		}),
		rapid.Map(rapid.SliceOfN(text, 1, 3), func(s []string) any {
			list := []any{[]any{}, map[string]any{}}
			for _, v := range s {
				list = append(list, v)
			}
			return list
		}),
		rapid.Map(rapid.MapOfN(text, rapid.Float64Range(-1e30, 1e30), 0, 3), func(m map[string]float64) any {
			facts := map[string]any{}
			for k, v := range m {
				facts[k] = v
			}
			return facts
		}),
	)
}

func drawResource(t *rapid.T, text *rapid.Generator[string]) residency.Resource {
	r := residency.Resource{ID: "a" + text.Draw(t, "id"), Kind: "b" + text.Draw(t, "kind"), Account: maybe(t, "account", text),
		Region: maybe(t, "region", text), Name: maybe(t, "name", text)}
	if rapid.Bool().Draw(t, "tags read") {
		r.Tags = rapid.MapOfN(text, text, 0, 20).Draw(t, "tags")
	}
	if rapid.Bool().Draw(t, "placements read") {
		r.Placements = drawPlacements(t, text)
	}
	for range rapid.IntRange(0, 3).Draw(t, "sources") {
		s := residency.Source{ID: maybe(t, "source", text), Region: maybe(t, "region", text), Account: maybe(t, "account", text), Via: maybe(t, "via", text)}
		if rapid.Bool().Draw(t, "source has a role") {
			s.Role = drawRole(t)
		}
		r.Sources = append(r.Sources, s)
	}
	if facts := rapid.MapOfN(text, factGen(text), 0, 20).Draw(t, "facts"); len(facts) > 0 {
		r.Facts = facts
	}
	return r
}

func drawVerdict(t *rapid.T, text *rapid.Generator[string]) residency.Verdict {
	v := residency.Verdict{Control: "RES-001", Resource: "a" + text.Draw(t, "resource"), Kind: "b" + text.Draw(t, "kind"),
		Account: maybe(t, "account", text), Region: maybe(t, "region", text), Zone: maybe(t, "zone", text),
		Outcome: rapid.SampledFrom(outcomes).Draw(t, "outcome"), Severity: residency.Low, Reason: maybe(t, "reason", text)}
	if places := drawPlacements(t, text); len(places) > 0 {
		v.Placements = places
	}
	if rapid.Bool().Draw(t, "long") {
		v.Path = rapid.SliceOfN(text, 1, 3).Draw(t, "path")
		v.Downstream = rapid.SliceOfN(text, 1, 3).Draw(t, "downstream")
		v.Waiver = &residency.WaiverRef{ID: text.Draw(t, "id"), Owner: text.Draw(t, "owner"), Approver: text.Draw(t, "approver"),
			Reason: text.Draw(t, "reason"), Expires: text.Draw(t, "expires")}
	}
	return v
}

func marshal(t *rapid.T, v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

func TestEncodesAsEncodingJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawResource(t, anyText())
		got, err := AppendResource(nil, &r)
		if err != nil {
			t.Fatal(err)
		}
		if want := marshal(t, r); string(got) != want {
			t.Fatalf("resource\ngot  %s\nwant %s", got, want)
		}
		v := drawVerdict(t, anyText())
		if got, want := string(AppendVerdict(nil, &v)), marshal(t, v); got != want {
			t.Fatalf("verdict\ngot  %s\nwant %s", got, want)
		}
		c := residency.Coverage{Scanner: anyText().Draw(t, "scanner"), Resources: rapid.Int().Draw(t, "resources"), Gaps: []residency.Gap{}}
		for range rapid.IntRange(0, 3).Draw(t, "gaps") {
			c.Gaps = append(c.Gaps, residency.Gap{Call: anyText().Draw(t, "call"), Class: residency.ClassDenied, Resource: maybe(t, "resource", anyText())})
		}
		for range rapid.IntRange(0, 3).Draw(t, "oracles") {
			c.Oracles = append(c.Oracles, residency.Reconciled{Oracle: anyText().Draw(t, "oracle"), Account: maybe(t, "account", anyText()), Region: maybe(t, "region", anyText()),
				What: anyText().Draw(t, "what"), Known: rapid.Int().Draw(t, "known"), Inventory: rapid.Int().Draw(t, "inventory"), Gone: rapid.IntRange(0, 2).Draw(t, "gone"),
				Missing: rapid.SliceOfN(anyText(), 0, 3).Draw(t, "missing"), Uncounted: rapid.IntRange(0, 2).Draw(t, "uncounted")})
		}
		for range rapid.IntRange(0, 3).Draw(t, "not judged") {
			c.NotJudged = append(c.NotJudged, residency.NotJudged{Service: anyText().Draw(t, "service"), Account: anyText().Draw(t, "of"), Region: anyText().Draw(t, "in"),
				Count: rapid.Int().Draw(t, "count"), Data: rapid.Bool().Draw(t, "data"), By: anyText().Draw(t, "by")})
		}
		if got, want := string(AppendCoverage(nil, &c)), marshal(t, c); got != want {
			t.Fatalf("coverage\ngot  %s\nwant %s", got, want)
		}
	})
}

// What scanners may put into facts besides the types that JSON reads.
func TestEncodesFactsAsEncodingJSON(t *testing.T) {
	text := "x\u2028<"
	facts := map[string]any{"int": 7, "int32": int32(-7), "int64": int64(math.MaxInt64), "float32": float32(0.1), "strings": []string{"a", text},
		"no strings": []string{}, "nil strings": []string(nil), "map": map[string]string{"b": "1", "a": text}, "nil map": map[string]string(nil),
		"pointer": &text, "nil pointer": (*string)(nil), "nil list": []any(nil), "nil facts": map[string]any(nil), "number": json.Number("1.50"),
		"time": time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC), "role": residency.Primary, "structs": []residency.Gap{{Call: text}}, "minus zero": math.Copysign(0, -1)}
	for _, f := range []float64{0, 1, -1, 1e20, 1e21, 1e-6, 1e-7, 1e-10, 123456789.125, math.MaxFloat64, math.SmallestNonzeroFloat64} {
		facts[string(appendFloat(nil, f))] = f
	}
	var want bytes.Buffer
	enc := json.NewEncoder(&want)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(facts); err != nil {
		t.Fatal(err)
	}
	got, err := appendFacts(nil, facts, 0)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want.String(), string(got)+"\n"); diff != "" {
		t.Error(diff)
	}
}

func TestDecodesAsEncodingJSON(t *testing.T) {
	d, known := NewDecoder(0), verdictDecoder{known: new(interner)}
	rapid.Check(t, func(t *rapid.T) {
		given := drawResource(t, someText())
		line := marshal(t, map[string]any{"resource": given})
		var want struct{ Resource residency.Resource }
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		var got residency.Resource
		if err := d.Decode([]byte(line), &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.Resource, got); diff != "" {
			t.Fatalf("resource (-want +got):\n%s", diff)
		}
		v := drawVerdict(t, someText())
		read, err := known.line(marshal(t, v), []residency.Outcome{residency.Pass})
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(v, read); diff != "" {
			t.Fatalf("verdict (-want +got):\n%s", diff)
		}
	})
}

// A line is accepted here only if encoding/json accepts it, and then says the same, whatever was done to it.
func TestRefusesWhatEncodingJSONRefuses(t *testing.T) {
	d, lean := NewDecoder(0), NewDecoder(SkipNames|SkipTags|SkipFacts)
	rapid.Check(t, func(t *rapid.T) {
		r := drawResource(t, someText())
		line := []byte(marshal(t, map[string]any{"resource": r}))
		at := rapid.IntRange(0, len(line)-1).Draw(t, "at")
		line[at] = rapid.OneOf(rapid.SampledFrom([]byte(`"\{}[]:,0ntf `)), rapid.Byte()).Draw(t, "byte")
		var got residency.Resource
		err := d.Decode(line, &got)
		if leanErr := lean.Decode(line, new(residency.Resource)); (leanErr == nil) != (err == nil) {
			t.Fatalf("skipping changed what is accepted: %v, %v", err, leanErr)
		}
		if err == nil && !json.Valid(line) {
			t.Fatalf("accepted %q", line)
		}
	})
}
