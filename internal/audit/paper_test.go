package audit

import (
	"bytes"
	"compress/zlib"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/reports"
)

var (
	pdfStream = regexp.MustCompile(`(?s)/Filter /FlateDecode[^>]*>>\nstream\n(.*?)\nendstream`)
	pdfText   = regexp.MustCompile(`(?s) Td \((.*?[^\\]|)\) Tj ET`)
	pdfEscape = strings.NewReplacer(`\\`, `\`, `\(`, `(`, `\)`, `)`, `\r`, "\r")
	partTitle = regexp.MustCompile(`^(\d+) (Cover|Conclusion|Commitments|Scope|Method|Population|Control operation|Results|Waiver register|Changes|Complementary|Sign-off|Appendix)`)
)

// paperParts is the text of a PDF by the number of its parts, pieces joined by spaces.
func paperParts(t testing.TB, doc []byte) map[int]string {
	t.Helper()
	parts, at := map[int]string{}, 0
	for _, m := range pdfStream.FindAllSubmatch(doc, -1) {
		z, err := zlib.NewReader(bytes.NewReader(m[1]))
		if err != nil {
			continue // a font, or an attachment
		}
		page, _ := io.ReadAll(z)
		for _, piece := range pdfText.FindAllSubmatch(page, -1) {
			raw := pdfEscape.Replace(string(piece[1]))
			var units []uint16
			for i := 0; i+1 < len(raw); i += 2 {
				units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
			}
			text := string(utf16.Decode(units))
			if title := partTitle.FindStringSubmatch(text); title != nil {
				at, _ = strconv.Atoi(title[1])
			}
			parts[at] += text + " "
		}
	}
	return parts
}

// TestNinetyNightsOnPaper finds each fact of the period, with its date, in its own part of the PDF.
func TestNinetyNightsOnPaper(t *testing.T) {
	store := ninetyNights(t)
	period, dir, err := PeriodOf(t.Context(), store, dayOf(0), dayOf(89))
	if err != nil {
		t.Fatal(err)
	}
	run, err := Open(t.Context(), dir, Sampling{Size: 5})
	if err != nil {
		t.Fatal(err)
	}
	run.Dossier.Period = period
	format, _ := reports.ByName("pdf")
	var out bytes.Buffer
	if err := format.Write(&out, run.Report(false)); err != nil {
		t.Fatal(err)
	}
	parts := paperParts(t, out.Bytes())
	if len(parts) < 13 {
		t.Fatalf("%d parts", len(parts))
	}
	old, current := period.Changes[3], period.Changes[4]
	for part, want := range map[int][]string{
		1: {"Period " + dayOf(0) + " to " + dayOf(89) + ", 90 nights"},
		5: {"tool or policies changed 2 times"},
		7: {"90 nights expected: 87 done, 1 partial, 1 late, 0 failed, 1 missed. Longest gap without a complete run: 1 day",
			dayOf(20) + " missed no run was begun on this day", dayOf(30) + " late failed: no credentials; repeated on " + dayOf(30) + " 02:00 UTC",
			dayOf(40) + " partial 1 question without an answer, the first: s3 111111111111 global ListBuckets", dayOf(54) + " done pass 0 1 0 1 ", dayOf(55) + " done fail 1 0 0 1 "},
		8:  {"RES-001 arn:aws:s3:::acme-eu-files eu " + dayOf(50) + " " + dayOf(59) + " 10 ended " + dayOf(60)},
		9:  {"W-1 expired: counts as fail", dayOf(0) + " to " + dayOf(54), "security"},
		10: {dayOf(40) + " waiver W-1 active expiring", dayOf(55) + " waiver W-1 expiring expired", dayOf(70) + " configuration", dayOf(72) + " policies", dayOf(75) + " tool 1.0.0 1.1.0", dayOf(80) + " account – 222222222222"},
	} {
		for _, w := range want {
			if !strings.Contains(parts[part], w) {
				t.Errorf("part %d: no %q in %s", part, w, parts[part])
			}
		}
	}
	if strings.Contains(parts[10], dayOf(20)) || old.From == current.From {
		t.Errorf("part 10 holds what is none: %s", parts[10])
	}
}

// copied is the same store at another place.
func (n *nightly) copied(t testing.TB) *nightly {
	t.Helper()
	to := filepath.Join(t.TempDir(), "runs")
	if err := os.CopyFS(to, os.DirFS(n.store)); err != nil {
		t.Fatal(err)
	}
	return &nightly{store: to, tool: n.tool}
}

// runs are the folders of its runs.
func (n *nightly) runs(t testing.TB) (dirs []string) {
	t.Helper()
	ids, err := evidence.Runs(n.store)
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range ids {
		dirs = append(dirs, filepath.Join(n.store, id))
	}
	return dirs
}

func rewrite(t testing.TB, path string, change func(string) string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if changed := change(string(data)); changed == string(data) {
		t.Fatalf("nothing to change in %s", path)
	} else if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestPeriodOfTamperedRuns: what was changed behind the seal tells nothing, and a log that does not verify stops all.
func TestPeriodOfTamperedRuns(t *testing.T) {
	n := &nightly{store: t.TempDir() + "/runs", tool: "1"}
	for day := range 3 {
		n.keep(t, day, day == 1, false, false)
	}
	tampered := n.copied(t)
	summary := tampered.runs(t)[1] + "/summary.json"
	rewrite(t, summary, func(s string) string { return strings.Replace(s, `"fail": 1`, `"fail": 0`, 1) })
	p, _, err := PeriodOf(t.Context(), tampered.store, dayOf(0), dayOf(2))
	if err != nil {
		t.Fatal(err)
	}
	if got := p.Nights[1]; got.State != "missed" || len(p.Spells) != 0 || !strings.Contains(got.Reason, "does not verify, and nothing of it is counted (summary.json") {
		t.Errorf("%+v %+v", got, p.Spells)
	}
	swapped := n.copied(t)
	rewrite(t, swapped.store+"/log/log.ndjson", func(s string) string { return strings.Replace(s, "T02:00:00Z", "T03:00:00Z", 1) })
	if _, _, err := PeriodOf(t.Context(), swapped.store, dayOf(0), dayOf(2)); err == nil || !strings.Contains(err.Error(), "does not verify (log/log.ndjson line 1") {
		t.Error(err)
	}
}
