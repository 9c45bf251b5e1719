package reports

import (
	"bytes"
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports/pdf"
)

// TestPDFPages measures every piece of text: inside the margins, and not over another.
func TestPDFPages(t *testing.T) {
	reports := samplePDFs()
	reports["tongues"] = inTongues()
	for name, r := range reports {
		t.Run(name, func(t *testing.T) {
			byPage := map[int][]drawn{}
			for _, d := range render(t, r) {
				if d.x < 46-0.1 || d.x+d.width() > 595.28-46+0.1 || d.y < 20 || d.y+d.size > 841.89-40 {
					t.Errorf("page %d: %q at %.1f,%.1f, %.1f wide, leaves the margins", d.page, d.text, d.x, d.y, d.width())
				}
				for _, o := range byPage[d.page] {
					if d.x < o.x+o.width()-0.2 && o.x < d.x+d.width()-0.2 && d.y < o.y+0.72*o.size && o.y < d.y+0.72*d.size {
						t.Errorf("page %d: %q lies over %q", d.page, d.text, o.text)
					}
				}
				byPage[d.page] = append(byPage[d.page], d)
			}
			for page, all := range byPage {
				text := slices.DeleteFunc(all, func(d drawn) bool { return d.y < 50 }) // the foot
				last := slices.MinFunc(text, func(a, b drawn) int { return cmp.Compare(a.y, b.y) })
				if last.face == pdf.Bold && last.size >= 10 {
					t.Errorf("page %d ends with the heading %q", page, last.text)
				}
			}
		})
	}
}

// inTongues has hostile and foreign words wherever a customer can write one.
func inTongues() residency.Report {
	r := kept()
	for _, word := range tongues() {
		long := strings.Repeat(word+" ", 12) + strings.Repeat(word, 8)
		arn := "arn:aws:s3:::" + strings.Repeat("bucket-with-a-long-name", 6) + "/" + word
		v := verdict("RES-001", "eu", "s3.bucket", prod, arn, residency.Fail, long, residency.Placement{Role: residency.Replica, Region: "us-east-1", Target: arn, Via: long})
		for i := range 7 {
			v.Path = append(v.Path, arn+strconv.Itoa(i))
		}
		prev := r.Verdicts
		r.Verdicts = func(yield func(residency.Verdict, error) bool) {
			for w, err := range prev {
				if !yield(w, err) {
					return
				}
			}
			yield(v, nil)
		}
		d := r.Dossier
		d.Commitments = append(d.Commitments, residency.Commitment{ID: word, Text: long})
		d.Controls = append(d.Controls, residency.OwnControl{ID: word, Text: long, Owner: word, Frequency: long, Commitment: word, Checks: []string{word}})
		d.Excluded = append(d.Excluded, residency.ExcludedAccount{ID: word, Reason: long, Approver: long})
		d.Samples = append(d.Samples, residency.Sample{Resource: residency.Resource{ID: arn, Kind: word, Tags: map[string]string{word: long}}, Command: long})
		r.Summary.Zones = append(r.Summary.Zones, residency.ZoneCount{Zone: residency.Zone{ID: word, Name: long, Regions: []string{word}, Promise: true}})
		r.Summary.Waivers = append(r.Summary.Waivers, residency.WaiverState{ID: word, Control: word, Scope: long, Owner: long, Approver: long, Reason: long})
		d.Waivers = r.Summary.Waivers
		r.Summary.Coverage.Gaps = append(r.Summary.Coverage.Gaps, residency.RunGap{Scanner: word, Region: word, Gap: residency.Gap{Call: long, Class: residency.GapClass(word), Detail: long}})
		d.Organization, d.Manifest.Run = long, long
	}
	return r
}

// TestPDFBookmarks follows every bookmark to its page.
func TestPDFBookmarks(t *testing.T) {
	var out bytes.Buffer
	if err := writePages(&out, kept(), true); err != nil {
		t.Fatal(err)
	}
	doc := out.Bytes()
	marks := regexp.MustCompile(`/Dest \[(\d+) 0 R /XYZ`).FindAllSubmatch(doc, -1)
	if len(marks) < 40 {
		t.Fatalf("%d bookmarks", len(marks))
	}
	for _, m := range marks {
		if !bytes.Contains(doc, []byte("\n"+string(m[1])+" 0 obj\n<</Type /Page\n")) {
			t.Errorf("a bookmark leads to object %s, which is no page", m[1])
		}
	}
	checkTable(t, doc)
}

// checkTable looks up every object where the cross-reference table says that it is.
func checkTable(t *testing.T, doc []byte) {
	t.Helper()
	at := bytes.LastIndex(doc, []byte("\nxref\n")) + 1
	if want := fmt.Sprintf("startxref\n%d\n%%%%EOF\n", at); !bytes.HasSuffix(doc, []byte(want)) {
		t.Fatalf("the table is at %d, and the end says %q", at, doc[len(doc)-30:])
	}
	lines := strings.Split(string(doc[at:]), "\n")
	n, err := strconv.Atoi(strings.TrimPrefix(lines[1], "0 "))
	if err != nil || n < 100 {
		t.Fatalf("%d objects: %v", n, err)
	}
	for i := 1; i < n; i++ {
		offset, err := strconv.Atoi(lines[2+i][:10])
		if err != nil || !bytes.HasPrefix(doc[offset:], []byte(strconv.Itoa(i)+" 0 obj")) {
			t.Fatalf("object %d is not at %d (%v)", i, offset, err)
		}
	}
}
