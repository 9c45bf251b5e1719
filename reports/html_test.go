package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func htmlOf(t testing.TB, r residency.Report) string {
	t.Helper()
	var out bytes.Buffer
	if err := writeHTML(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

var (
	htmlScripts = regexp.MustCompile(`(?s)<(script|style)([^>]*)>(.*?)</(script|style)>`)
	htmlPolicy  = regexp.MustCompile(`http-equiv="Content-Security-Policy" content="([^"]*)"`)
)

// htmlPart is the text of one section, without its tags.
func htmlPart(t testing.TB, page, id string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `<section id="`+id+`"`)
	body, _, closed := strings.Cut(rest, "</section>")
	if !found || !closed {
		t.Fatalf("no section %q", id)
	}
	return regexp.MustCompile(`<[^>]*>`).ReplaceAllString(strings.ReplaceAll(body, "<wbr/>", ""), " ")
}

// htmlData is what the script reads.
type htmlData struct {
	Rows    [][]any           `json:"rows"`
	Left    int               `json:"left"`
	Edges   []string          `json:"edges"`
	Titles  map[string]string `json:"titles"`
	Strings []string          `json:"strings"`
}

func htmlDataOf(t testing.TB, page string) (d htmlData) {
	t.Helper()
	for _, m := range htmlScripts.FindAllStringSubmatch(page, -1) {
		if strings.Contains(m[2], "application/json") {
			if err := json.Unmarshal([]byte(m[3]), &d); err != nil {
				t.Fatalf("data of the page: %v", err)
			}
			return d
		}
	}
	t.Fatal("the page has no data")
	return d
}

// TestHTMLIsWellFormed walks the elements: each is closed, ids are unique, links and labels lead somewhere, and nothing is loaded.
func TestHTMLIsWellFormed(t *testing.T) {
	reports := map[string]residency.Report{"sample": htmlSample(), "large": htmlLarge(500)}
	for _, s := range scenarios() {
		reports[s.name] = s.report(0, false)
	}
	for name, r := range reports {
		page := htmlOf(t, r)
		bare := htmlScripts.ReplaceAllString(strings.TrimPrefix(page, "<!DOCTYPE html>"), "<$1$2></$1>")
		ids, refs := map[string]int{}, []string{}
		known := []string{"html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "ul", "li", "nav", "main", "section",
			"div", "p", "dl", "dt", "dd", "span",
			"table", "caption", "thead", "tbody", "tr", "th", "td", "code", "wbr", "br", "details", "summary", "noscript", "label", "input", "select",
			"button", "footer", "dialog", "script",
			"svg", "g", "rect", "text", "path"}
		for d := xml.NewDecoder(strings.NewReader(bare)); ; {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			e, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			if !slices.Contains(known, e.Name.Local) {
				t.Errorf("%s: element %q", name, e.Name.Local)
			}
			for _, a := range e.Attr {
				switch {
				case a.Name.Local == "id":
					ids[a.Value]++
				case a.Name.Local == "for", a.Name.Local == "aria-labelledby":
					refs = append(refs, a.Value)
				case a.Name.Local == "href":
					if !strings.HasPrefix(a.Value, "#") {
						t.Errorf("%s: link to %q", name, a.Value)
					}
					refs = append(refs, a.Value[1:])
				case a.Name.Local == "src", a.Name.Local == "style", strings.HasPrefix(a.Name.Local, "on"):
					t.Errorf("%s: attribute %s=%q of %s", name, a.Name.Local, a.Value, e.Name.Local)
				}
			}
		}
		for id, n := range ids {
			if n != 1 {
				t.Errorf("%s: id %q stands %d times", name, id, n)
			}
		}
		for _, ref := range refs {
			if ids[ref] == 0 {
				t.Errorf("%s: nothing has the id %q", name, ref)
			}
		}
	}
}

// TestHTMLPolicy holds the policy to the two blocks that it lets in.
func TestHTMLPolicy(t *testing.T) {
	page := htmlOf(t, htmlSample())
	m := htmlPolicy.FindStringSubmatch(page)
	if m == nil {
		t.Fatal("no policy")
	}
	policy := strings.ReplaceAll(m[1], "&#39;", "'")
	want := map[string]bool{"default-src 'none'": false, "base-uri 'none'": false, "form-action 'none'": false}
	blocks := 0
	for _, b := range htmlScripts.FindAllStringSubmatch(page, -1) {
		if !strings.Contains(b[2], "application/json") {
			want[b[1]+"-src 'sha256-"+sourceHash(b[3])+"'"] = false
			blocks++
		}
	}
	for part := range strings.SplitSeq(policy, "; ") {
		if _, ok := want[part]; !ok {
			t.Errorf("policy allows %q", part)
		}
		want[part] = true
	}
	for part, found := range want {
		if !found {
			t.Errorf("policy %q lacks %q", policy, part)
		}
	}
	if blocks != 2 {
		t.Errorf("%d blocks of style and script", blocks)
	}
}

// TestHTMLScriptBuildsTextOnly keeps the script from the ways by which a string becomes markup or code.
func TestHTMLScriptBuildsTextOnly(t *testing.T) {
	for _, way := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "Function(", "DOMParser", "fetch(",
		"XMLHttpRequest", "import(", ".href", ".src"} {
		if strings.Contains(htmlScript, way) {
			t.Errorf("the script uses %s", way)
		}
	}
}

func TestHTMLSaysWhatMatters(t *testing.T) {
	page := htmlOf(t, htmlSample())
	for _, tc := range []struct{ part, want string }{
		{"conclusion", "936 violations (1 critical, 921 high, 14 medium)"},
		{"conclusion", "Not concluded: 27 areas not examined, 14 verdicts unknown"},
		{"conclusion", "Waiver W-8 ran out on 2026-11-19: its violations count as failures"},
		{"conclusion", "1 place of services in use that can hold data"},
		{"commitments", "✕ fail"}, {"commitments", "? no control tests it"}, {"commitments", "not a check of this version"},
		{"flows", "eu eu-west-1 → us us-east-1"}, {"flows", "1 waived violation"}, {"flows", "→ 999999999999, outside the organisation: 1 violation"},
		{"zones", "Promised zones"}, {"zones", "free to leave"}, {"zones", "930"}, {"zones", "6 data stores under zone none"},
		{"gaps", "27 questions without an answer, of 3 causes"}, {"gaps", "arn:aws:s3:::acme-us-web"},
		{"waivers", "its violations count as failures"}, {"waivers", "0: it covers nothing"}, {"waivers", "SEC-12"},
		{"coverage", "420"}, {"coverage", "unsupported"}, {"population", "0"}, {"population", "none offered"}, {"population", "off"}, {"population", "? partial"},
		{"not-judged", "redshift"}, {"not-judged", "yes: the run is not concluded"}, {"not-judged", "444444444444"}, {"not-judged", "log vendor"},
		{"oracles", "21 names missing"}, {"oracles", "and 20 more"}, {"period", "2 done, 0 partial, 1 late, 0 failed, 1 missed"}, {"period", "the host was down"},
		{"verify", "domicile verify PACKAGE --key FILE"}, {"verify", "No outside witness exists"}, {"verify", "the time stamp authority did not answer"},
		{"verify", "0.212 s ahead of AWS"}, {"verify", "41, of a log of 42"},
	} {
		if got := htmlPart(t, page, tc.part); !strings.Contains(got, tc.want) {
			t.Errorf("%s lacks %q:\n%s", tc.part, tc.want, got)
		}
	}
	lower := strings.ToLower(page)
	for _, never := range []string{"certified", "compliant with", "guarantee", "100 %", "100%;", "exempt", "muted", "opinion", "attestation"} {
		if strings.Contains(strings.ReplaceAll(lower, strings.ToLower(htmlStyle), ""), never) {
			t.Errorf("the page says %q", never)
		}
	}
}

// TestHTMLGolden holds what the page says, without its markup, to a file that can be read.
func TestHTMLGolden(t *testing.T) {
	blank := regexp.MustCompile(` +`)
	for name, r := range map[string]residency.Report{"html_kept": htmlSample(), "html_bare": narrowed().report(0, false)} {
		page := htmlOf(t, r)
		var got strings.Builder
		for _, m := range regexp.MustCompile(`<section id="([a-z-]+)"`).FindAllStringSubmatch(page, -1) {
			_, words, _ := strings.Cut(htmlPart(t, page, m[1]), ">")
			fmt.Fprintf(&got, "== %s\n%s\n", m[1], strings.TrimSpace(blank.ReplaceAllString(words, " ")))
		}
		compareGolden(t, name+".txt", []byte(got.String()))
	}
}

func TestHTMLOfBareSnapshot(t *testing.T) {
	for _, s := range scenarios() {
		page := htmlOf(t, s.report(0, false))
		for _, part := range []string{"commitments", "population", "verify"} {
			if got := htmlPart(t, page, part); !strings.Contains(got, "without the record of a kept run") {
				t.Errorf("%s: %s does not say why it has nothing to say:\n%s", s.name, part, got)
			}
		}
	}
	pass := htmlPart(t, htmlOf(t, emptyPass().report(0, false)), "conclusion")
	if !strings.Contains(pass, "No exceptions noted in the population examined") {
		t.Errorf("a pass says %s", pass)
	}
	open := htmlPart(t, htmlOf(t, notConcluded().report(0, false)), "conclusion")
	for _, want := range []string{"Not concluded: 2 areas not examined, 1 verdict unknown", "interrupted", "does not say what should have been examined"} {
		if !strings.Contains(open, want) {
			t.Errorf("not concluded lacks %q: %s", want, open)
		}
	}
}

func TestHTMLStandsOpenWhileTheRunIs(t *testing.T) {
	r := residency.Report{Controls: controls(), Summary: residency.Summary{Complete: true,
		Controls: map[string]map[residency.Outcome]int{"RES-001": {residency.Pass: 5}, "RES-003": {residency.Pass: 1, residency.Waived: 1}}}}
	for _, tc := range []struct {
		open bool
		id   string
		want htmlStanding
	}{
		{false, "RES-001", standsInside}, {true, "RES-001", standOpen}, {false, "RES-003", standWaived}, {false, "RES-004", standUnseen}, {false,
			"X-1", standUnseen},
		{true, "RUN-001", standOpen}, {false, "RUN-002", standsIdle}, {false, "RUN-999", standUnseen},
	} {
		r.Summary.Open = tc.open
		if got, _ := (&htmlPage{report: r}).stands(tc.id, nil); got != tc.want {
			t.Errorf("%s with open %v stands as %q, want %q", tc.id, tc.open, got.words, tc.want.words)
		}
	}
}

// TestHTMLNeutralisesNames puts hostile names wherever a name can stand.
func TestHTMLNeutralisesNames(t *testing.T) {
	for _, name := range htmlHostile() {
		page := htmlOf(t, htmlNamed(name))
		plain := htmlOf(t, htmlNamed("harmless"))
		if got, want := strings.Count(page, "<script"), strings.Count(plain, "<script"); got != want {
			t.Errorf("%.40q: %d scripts, want %d", name, got, want)
		}
		d := htmlDataOf(t, page)
		if len(d.Rows) != 1 {
			t.Errorf("%.40q: %d rows", name, len(d.Rows))
		}
		markup := regexp.MustCompile(`<[a-z!/][^>]*>`)
		outside := func(s string) []string {
			return markup.FindAllString(htmlScripts.ReplaceAllString(s, "<$1$2></$1>"), -1)
		}
		shape := func(s string) (all []string) {
			for _, m := range outside(s) {
				if element := strings.Trim(strings.Fields(m)[0], "</>"); element != "wbr" {
					all = append(all, element)
				}
			}
			return all
		}
		if !slices.Equal(shape(page), shape(plain)) {
			t.Errorf("%.40q: other elements than for a harmless name", name)
		}
		for _, r := range page {
			if r != '\n' && hostile(r) {
				t.Errorf("%.40q: the page holds %U", name, r)
				break
			}
		}
		if strings.ContainsRune(page, unicode.ReplacementChar) {
			t.Errorf("%.40q: bytes that are no UTF-8", name)
		}
	}
}

func htmlHostile() []string {
	return []string{
		`<script>alert(1)</script>`, `</script><script>alert(1)</script>`, `<!--<script>`, `"><img src=x onerror=alert(1)>`, `' onmouseover='alert(1)`,
		`javascript:alert(1)`,
		`]]>`, `&lt;b&gt;`, "</textarea></style></title></svg>", "safe\u202egnp.exe", "\u2067اسم\u2069", "שם-הדלי", "zero\u200bwidth\ufeff",
		"\x1b[2J\x00", "\xff\xfe", "line\u2028sep\u2029",
		strings.Repeat("a", 20_000), strings.Repeat(":/", 5_000), strings.Repeat("<", 5_000),
	}
}

// htmlNamed has the name in every field that takes words from outside.
func htmlNamed(name string) residency.Report {
	p := residency.Placement{Role: residency.Replica, Region: name, Account: name, Target: name, Via: name}
	v := residency.Verdict{Control: name, Resource: name, Kind: name, Account: name, Region: name, Zone: "eu", Outcome: residency.Waived,
		Severity: residency.High, Reason: name,
		Placements: []residency.Placement{p}, Path: []string{name, name}, Downstream: []string{name},
		Waiver: &residency.WaiverRef{ID: name, Owner: name, Approver: name, Reason: name, Expires: name}}
	coverage := residency.Coverage{Scanner: name, Account: name, Region: name, Status: residency.Status(name)}
	return residency.Report{
		Summary: residency.Summary{
			Conclusion: residency.ConcludeFail, Totals: map[residency.Outcome]int{residency.Waived: 1},
			Controls: map[string]map[residency.Outcome]int{name: {residency.Waived: 1}},
			Zones:    []residency.ZoneCount{{Zone: residency.Zone{ID: "eu", Name: name, Regions: []string{"eu-west-1"}, Promise: true}}},
			Coverage: residency.CoverageSummary{Gaps: []residency.RunGap{{Scanner: name, Account: name, Region: name, Gap: residency.Gap{Call: name,
				Class: "denied", Resource: name, Detail: name}}}},
			NoZone:     []residency.NoZoneStore{{Resource: name, Kind: name, Reason: name, Owner: name}},
			Unassigned: []residency.AssignHint{{Kind: name, Stem: name, Account: name, Line: name}}, Notes: []string{name},
			Waivers: []residency.WaiverState{{ID: name, Control: name, Scope: name, Reason: name, Risk: name, Owner: name, Approver: name, Ticket: name,
				From: name, Expires: name, Status: residency.WaiverExpired}},
			Oracles: []residency.Reconciled{{Oracle: name, What: name, Missing: []string{name}}}, NotJudged: []residency.NotJudged{{Service: name,
				Account: name, Region: name, By: name, Data: true}},
		},
		Controls: map[string]residency.Control{name: {ID: name, Title: name}}, Verdicts: each([]residency.Verdict{v}), Command: name,
		Dossier: &residency.Dossier{
			Organization: name, System: name, Commitments: []residency.Commitment{{ID: name, Text: name}},
			Controls: []residency.OwnControl{{ID: name, Text: name, Owner: name, Frequency: name, Commitment: name, Checks: []string{name}}},
			Coverage: []residency.Coverage{coverage}, Population: []residency.Population{{Account: name, Kind: name, Region: name}},
			Manifest: residency.Manifest{Run: name, Tool: name, Caller: name, Command: []string{name}, Problems: []string{name},
				Files: []residency.FileDigest{{Name: name, SHA256: name}}},
			Seal: residency.Seal{Key: name, Checkpoint: name, Published: name},
		},
	}
}

func TestHTMLIsDeterministic(t *testing.T) {
	first := htmlOf(t, htmlSample())
	for range 5 {
		if htmlOf(t, htmlSample()) != first {
			t.Fatal("two writes of one report differ")
		}
	}
}

// TestHTMLDigest holds the printed digest to what -o ndjson prints.
func TestHTMLDigest(t *testing.T) {
	var lines bytes.Buffer
	if err := writeNDJSON(&lines, htmlSample()); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%x", sha256.Sum256(lines.Bytes()))
	if got := htmlPart(t, htmlOf(t, htmlSample()), "verdicts"); !strings.Contains(got, want) {
		t.Errorf("digest %s is not in %s", want, got)
	}
}

// TestHTMLBounds has more than a page can list: it stays small, keeps the gravest and says how much is left out.
func TestHTMLBounds(t *testing.T) {
	const most = 10 << 20
	run := htmlOf(t, htmlLarge(100_000))
	d := htmlDataOf(t, run)
	if len(run) > most || len(d.Rows) != 15_000 {
		t.Errorf("100,000 resources: %d bytes, %d rows", len(run), len(d.Rows))
	}
	t.Logf("100,000 resources: %d KB, %d rows", len(run)>>10, len(d.Rows))
	for _, name := range []string{"", strings.Repeat("<", 1500), strings.Repeat("\u202e", 1500), strings.Repeat("𝔞", 1500)} {
		r, all := htmlSample(), 100_000
		if name != "" {
			all = 10_000
		}
		r.Verdicts = func(yield func(residency.Verdict, error) bool) {
			for i := range all {
				v := verdict("RES-001", "eu", "s3.bucket", prod, fmt.Sprintf("arn:aws:s3:::acme-%06d%s", i, name), residency.Fail, fmt.Sprint("replica ", i, name),
					residency.Placement{Role: residency.Replica, Region: fmt.Sprintf("xx-%d", i), Target: fmt.Sprint("arn:aws:s3:::copy-", i, name), Via: "rule"})
				if i == all-1 {
					v.Severity = residency.Critical
				}
				if !yield(v, nil) {
					return
				}
			}
		}
		for i := range all {
			r.Summary.Coverage.Gaps = append(r.Summary.Coverage.Gaps, residency.RunGap{Scanner: "s3", Account: prod, Region: "global",
				Gap: residency.Gap{Call: "GetBucketReplication", Class: residency.ClassDenied, Resource: fmt.Sprint("arn:aws:s3:::b-", i, name),
					Detail: fmt.Sprint("denied ", name, i)}})
		}
		page := htmlOf(t, r)
		d := htmlDataOf(t, page)
		t.Logf("%.1q: %d KB, %d rows", name, len(page)>>10, len(d.Rows))
		if len(page) > most {
			t.Errorf("%.1q: %d bytes", name, len(page))
		}
		if len(d.Rows) == 0 || len(d.Rows) > htmlRows || d.Strings[int(d.Rows[0][1].(float64))] != "critical" {
			t.Errorf("%.1q: %d rows, the first %v", name, len(d.Rows), d.Rows[0])
		}
		if want := fmt.Sprintf("%d further verdicts not listed", all-len(d.Rows)); !strings.Contains(htmlPart(t, page, "verdicts"), want) {
			t.Errorf("%.1q: the page does not say %q", name, want)
		}
		if got := htmlPart(t, page, "gaps"); !strings.Contains(got, "counted, but not listed one by one") {
			t.Errorf("%.1q: gaps left out without a word", name)
		}
		if d.Left != all-len(d.Rows) {
			t.Errorf("%.1q: the script knows of %d left out", name, d.Left)
		}
		if len(d.Edges) > mostFlows+2 {
			t.Errorf("%.1q: %d edges drawn", name, len(d.Edges))
		}
	}
}
