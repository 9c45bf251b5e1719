package reports

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// detailed has n fails of as many resources and some causes.
func detailed(n, causes int) residency.Report {
	r := kept()
	r.Verdicts = func(yield func(residency.Verdict, error) bool) {
		for i := range n {
			cause := i % causes
			id := fmt.Sprintf("arn:aws:dynamodb:eu-west-1:%012d:table/acme-eu-workspace-customers-and-orders-of-region-%07d/stream/2026-11-23T02:00:00.000", 100000000000+cause%7, i)
			v := verdict("RES-00"+strconv.Itoa(1+cause%4), "eu", "dynamodb.table", fmt.Sprintf("%012d", 100000000000+cause%7), id, residency.Fail,
				"replica in us-east-1, outside eu (eu-west-1)",
				residency.Placement{Role: residency.Replica, Region: "us-east-1", Target: id + "-copy", Via: "replication rule " + strconv.Itoa(cause)})
			v.Path = []string{"arn:aws:s3:::acme-eu-source-of-everything-" + strconv.Itoa(cause), id}
			if !yield(v, nil) {
				return
			}
		}
	}
	return r
}

// TestPDFAnnex counts the rows of a report that is too long for pages in the file inside it.
func TestPDFAnnex(t *testing.T) {
	var out bytes.Buffer
	if err := writePages(&out, detailed(30_000, 40), true); err != nil {
		t.Fatal(err)
	}
	file := attachments(t, out.Bytes())["detail.csv"]
	rows, err := csv.NewReader(bytes.NewReader(file)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, row := range rows[1:] {
		seen[row[1]] = true
	}
	if len(rows) != 30_001 || len(seen) != 30_000 || !slices.Equal(rows[0], csvHeader()) {
		t.Errorf("%d rows, %d resources, header %q", len(rows), len(seen), rows[0])
	}
	parts := partsOf(readPDF(t, out.Bytes()))
	sum := sha256.Sum256(file)
	for part, want := range map[int]string{1: "The detail is in an annex: 30000 rows", 2: "Exceptions noted: 30000 fail", 8: hex.EncodeToString(sum[:])} {
		if !strings.Contains(parts[part], want) {
			t.Errorf("part %d: no %q", part, want)
		}
	}
	if want := "30000 rows, " + strconv.Itoa(len(file)) + " bytes"; !strings.Contains(parts[8], want) {
		t.Errorf("part 8: no %q", want)
	}
}

// TestPDFHoldsEveryRow finds each resource of a report at the limit on its pages.
func TestPDFHoldsEveryRow(t *testing.T) {
	text := strings.ReplaceAll(partsOf(render(t, detailed(2000, 1500)))[8], " ", "")
	for i := range 2000 {
		if want := fmt.Sprintf("of-region-%07d/", i); !strings.Contains(text, want) {
			t.Fatalf("no %q", want)
		}
	}
	if !strings.Contains(text, "furthercauses:therearetoomanytodraweach") {
		t.Error("more causes than are told apart, and no word of it")
	}
}

type brokenFiles struct{ fstest.MapFS }

func (brokenFiles) Open(string) (fs.File, error) { return nil, errFull }

func TestPDFManifest(t *testing.T) {
	var out bytes.Buffer
	if err := writePDF(&out, kept()); err != nil {
		t.Fatal(err)
	}
	if got := string(attachments(t, out.Bytes())["manifest.json"]); got != `{"schema":1,"run":"20261123T020000Z-abc123"}` {
		t.Errorf("manifest.json is %q", got)
	}
	r := kept()
	r.Dossier.Files = brokenFiles{}
	if err := writePDF(&out, r); !errors.Is(err, errFull) {
		t.Errorf("a manifest that cannot be read: %v", err)
	}
	r.Dossier.Files = fstest.MapFS{"manifest.json": {Data: make([]byte, mostManifest+1)}}
	if err := writePDF(&out, r); err == nil || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("a manifest that is too large: %v", err)
	}
	r.Dossier.Files = fstest.MapFS{}
	if parts := partsOf(render(t, r)); !strings.Contains(parts[13], "manifest.json is not attached") {
		t.Error("no word of a manifest that is not there")
	}
}

// BenchmarkPDF writes 20,000 rows of detail with 300 diagrams. VmHWM of the process is the peak of its memory.
func BenchmarkPDF(b *testing.B) {
	r := detailed(mostDetail, 300)
	for b.Loop() {
		var out bytes.Buffer
		if err := writePDF(&out, r); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(out.Len())/1e6, "MB-file")
	}
	if status, err := os.ReadFile("/proc/self/status"); err == nil {
		if m := regexp.MustCompile(`VmHWM:\s+(\d+)`).FindSubmatch(status); m != nil {
			kb, _ := strconv.ParseFloat(string(m[1]), 64)
			b.ReportMetric(kb/1e3, "MB-peak")
		}
	}
}
