package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// payloads are names that do harm in one format or another.
func payloads() []string {
	return []string{
		`=HYPERLINK("https://evil.example","x")`, "+1+1", "-2+3", "@SUM(A1)", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "]]></failure><x>",
		"[click](https://evil.example)", "![x](https://evil.example/p.png)", "a|b", `a\|b`, "`code`", "**bold** _it_ ~~no~~", "# heading", "@everyone", "#123", "evil/repo#1",
		"https://evil.example", "www.evil.example", "\x1b[2J\x1b]0;owned\x07", "a\nb\r\nc", "nul\x00byte", "\xff\xfe\xc0", "safe\u202egnp.exe", "zero\u200bwidth", "\uffff\ufffe",
		"{0} {{x}}", "  spaces  ", "", "\u2028line", strings.Repeat("long ", 2000),
	}
}

// hostileReport has a payload in every field that somebody outside may choose.
func hostileReport() residency.Report {
	s := residency.Summary{Conclusion: residency.ConcludeFail, Run: observed, Complete: true, Zones: zones(), Totals: map[residency.Outcome]int{},
		Controls: map[string]map[residency.Outcome]int{"RES-001": {}, "RES-002": {}, "RES-004": {}}, Scope: &residency.Scope{}}
	var vs []residency.Verdict
	for i, p := range payloads() {
		for control, o := range map[string]residency.Outcome{"RES-001": residency.Fail, "RES-002": residency.Unknown, "RES-004": residency.Waived} {
			v := residency.Verdict{Control: control, Resource: p, Kind: p, Account: p, Region: p, Zone: "eu", Outcome: o, Severity: residency.High, Reason: p,
				Path: []string{p, p}, Downstream: []string{p}, Placements: []residency.Placement{{Role: residency.Replica, Region: p, Account: p, Target: p, Via: p}}}
			if o == residency.Waived {
				v.Waiver = &residency.WaiverRef{ID: fmt.Sprint("W-", i, p), Owner: p, Approver: p, Reason: p, Expires: p}
			}
			vs = append(vs, v)
			s.Totals[o]++
			s.Controls[control][o]++
		}
		s.Coverage.Gaps = append(s.Coverage.Gaps, residency.RunGap{Scanner: p, Account: p, Region: p, Input: p, Gap: residency.Gap{Call: p, Class: residency.GapClass(p), Resource: p, Detail: p}})
		s.Waivers = append(s.Waivers, residency.WaiverState{ID: fmt.Sprint("W-", i, p), Control: p, Scope: p, Reason: p, Risk: p, Owner: p, Approver: p, Ticket: p, From: p, Expires: p,
			Status: residency.WaiverExpired, Matched: 1})
		s.NoZone = append(s.NoZone, residency.NoZoneStore{Resource: p, Kind: p, Reason: p, Owner: p})
		s.Notes = append(s.Notes, p)
	}
	return residency.Report{Summary: s, Controls: controls(), Verdicts: each(vs), Command: "domicile judge " + payloads()[4]}
}

// hostileChange is the same as a check of a change whose files have such names too.
func hostileChange() residency.Report {
	r := hostileReport()
	r.Summary.Coverage.Inputs = &residency.InputCount{Given: len(payloads()), Read: 1}
	r.Summary.Scope.Inputs = payloads()
	n := 0
	r.Locate = func(string, string) residency.Location {
		n++
		return residency.Location{File: payloads()[n%len(payloads())] + "x", Line: n}
	}
	for id, c := range r.Controls {
		c.Remediation = payloads()[n%len(payloads())] + "x"
		r.Controls[id], n = c, n+1
	}
	return r
}

// TestHostileNames sends every payload through every format that is text. What a format must never contain raw, it is held to.
func TestHostileNames(t *testing.T) {
	inspect := map[string]func(*testing.T, string){"csv": plainCells, "junit": wellFormed, "markdown": inertMarkdown, "sarif": inertSARIF, "html": inertHTML, "github": inertCommands}
	data := map[string]bool{"json": true, "ndjson": true} // are for programs, and keep names as they are
	for _, f := range All() {
		if f.Binary || f.Name == "pdf" || f.Name == "package" {
			continue
		}
		for kind, r := range map[string]residency.Report{"run": hostileReport(), "change": hostileChange()} {
			t.Run(f.Name+"_"+kind, func(t *testing.T) {
				var out bytes.Buffer
				if err := f.Write(&out, r); err != nil {
					t.Fatal(err)
				}
				if !utf8.Valid(out.Bytes()) {
					t.Error("is no UTF-8")
				}
				for i, r := range out.String() {
					if r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0x7f || !data[f.Name] && strings.ContainsRune("\u202e\u200b\u2028", r) {
						t.Fatalf("holds %U: %q", r, out.String()[max(0, i-40):i+10])
					}
				}
				if check := inspect[f.Name]; check != nil {
					check(t, out.String())
				}
			})
		}
	}
}

func plainCells(t *testing.T, out string) {
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	for _, row := range rows {
		for _, cell := range row {
			if cell != "" && strings.ContainsRune("=+-@", rune(cell[0])) {
				t.Errorf("a spreadsheet would compute %q", cell)
			}
		}
	}
}

func wellFormed(t *testing.T, out string) {
	d := xml.NewDecoder(strings.NewReader(out))
	known := map[string]bool{"testsuites": true, "testsuite": true, "testcase": true, "failure": true, "error": true, "skipped": true}
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		if e, ok := token.(xml.StartElement); ok && !known[e.Name.Local] {
			t.Errorf("element %s comes from a name", e.Name.Local)
		}
	}
}

// inertMarkdown takes the code spans away, of which each is closed on its line, and looks at what a reader would be shown.
func inertMarkdown(t *testing.T, out string) {
	if n := utf8.RuneCountInString(out); n > 65_536 {
		t.Errorf("%d runes are more than a comment takes", n)
	}
	span := regexp.MustCompile("`[^`\n]*`")
	columns := 0
	for line := range strings.Lines(out) {
		bare := strings.TrimRight(span.ReplaceAllString(line, ""), "\n")
		if strings.ContainsAny(strings.TrimLeft(bare, "#"), "`<>[]@#*_\\!") || strings.Contains(bare, "://") || strings.Contains(bare, "www.") {
			t.Errorf("markup outside code: %q", bare)
		}
		pipes := strings.Count(line, "|") // in code too: it ends a cell there as well
		if strings.HasPrefix(line, "|") && columns > 0 && pipes != columns {
			t.Errorf("%d cells instead of %d: %q", pipes, columns, line)
		}
		columns = pipes
	}
}

// inertCommands reads workflow commands as their runner does: one a line, properties up to the second pair of colons.
func inertCommands(t *testing.T, out string) {
	command := regexp.MustCompile(`^::(error|warning|notice) (file=[^,:\r]*,line=[0-9]+,)?title=[^,:\r]*::[^\r]*$`)
	for line := range strings.Lines(out) {
		if line = strings.TrimSuffix(line, "\n"); !command.MatchString(line) {
			t.Errorf("is no command of ours: %q", line)
		}
	}
	if strings.Count(out, "::error file=") == 0 || strings.Count(out, "\n::notice title=domicile::fail:") != 1 {
		if strings.Contains(out, "file=") {
			t.Error("errors or the conclusion are missing")
		}
	}
}

func inertSARIF(t *testing.T, out string) {
	if at := regexp.MustCompile(`"text":"[^"]*[^\\]\]\(https`).FindString(out); at != "" {
		t.Errorf("a link in a message: %s", at)
	}
}

func inertHTML(t *testing.T, out string) {
	for _, bad := range []string{"<script>alert", "<img src=x", `href="https://evil`} {
		if strings.Contains(out, bad) {
			t.Errorf("holds %q", bad)
		}
	}
}
