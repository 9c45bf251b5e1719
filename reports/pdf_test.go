package reports

import (
	"bytes"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var pdfDir = flag.String("pdf", "", "write the sample PDFs there, to look at")

func samplePDFs() map[string]residency.Report {
	return map[string]residency.Report{
		"kept": kept(), "period": period(), "bare": story().report(0, false), "empty_pass": emptyPass().report(0, false), "narrowed": narrowed().report(0, false),
		"not_concluded": notConcluded().report(0, false), "nothing": {}, "bare_dossier": {Dossier: &residency.Dossier{Period: &residency.Period{}}},
	}
}

// TestPDFText holds what the pages say to golden files, a piece of text a line.
func TestPDFText(t *testing.T) {
	for name, r := range samplePDFs() {
		t.Run(name, func(t *testing.T) {
			var text strings.Builder
			page := 0
			for _, d := range render(t, r) {
				if d.page != page {
					page = d.page
					fmt.Fprintf(&text, "--- page %d\n", page)
				}
				text.WriteString(d.text + "\n")
			}
			compareGolden(t, "pdf_"+name+".txt", []byte(text.String()))
			if *pdfDir != "" {
				var out bytes.Buffer
				if err := writePDF(&out, r); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(*pdfDir, name+".pdf"), out.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// TestPDFFacts finds each fact in its own part.
func TestPDFFacts(t *testing.T) {
	rendered := map[string]map[int]string{}
	for _, tc := range []struct {
		report string
		part   int
		want   []string
	}{
		{"period", 1, []string{"Acme Österreich GmbH", "2026-08-26 to 2026-11-23, 90 nights", digest, "Zones without a promise United States (us: us-east-1)"}},
		{"kept", 2, []string{"Exceptions noted: 935 fail, proved outside; and not concluded: 27 areas not examined", "C-EU · Exceptions noted: 8 fail", "C-CLASS · Not concluded", "974 resources, 963 data stores",
			"2 in the register, 1 expired", "nobody in a third country reads the data",
			"The signing key was made at first use", "A name with a [U+202E]note reversed"}},
		{"kept", 3, []string{"DR-01", "Head of platform", "daily", "SOC 2 Trust Services Criteria CC6.7"}},
		{"kept", 4, []string{"eu-west-1, us-east-1", "by own region", "555555555555", "sandbox without customer data", "666666666666", "Stores under zone none: 6", "infrastructure state"}},
		{"kept", 5, []string{"ap-southeast-2/ap-southeast-4", "waivers in force: W-7)", "0.4.0", "0.4 s ahead of AWS", "GetBucketReplication, ListBuckets",
			"s3:GetReplicationConfiguration, s3:ListAllMyBuckets", "the run itself – AssumeRole sts:AssumeRole"}},
		{"period", 5, []string{"tool or policies changed 2 times"}},
		{"kept", 6, []string{"rds.cluster_snapshot 0 0", "rds 0", "rds disabled", "444444444444", "acme-lab-", "neptune-graph", "yes: not concluded", "24 denied AssumeRole", "the account or the region refused"}},
		{"kept", 7, []string{"No calendar: this report is of one instant", "sequence number 41", "RUN-004"}},
		{"period", 7, []string{"86 done, 1 partial, 1 late, 1 failed, 1 missed. Longest gap without a complete run: 2 days", "2026-09-14 missed the host was off", "2026-10-20 partial AssumeRole denied",
			"2026-10-02 late second attempt", "2026-11-01 failed credentials had run out"}},
		{"period", 8, []string{"929 crossings", "LEAVES eu: replica by replication rule all", "FAIL · RES-003 · high · zone eu · backup.recovery_point", "912 resources", "2026-09-03 2026-11-23 82 open", "ended 2026-11-08",
			"WAIVED · RES-001", "approver ciso"}},
		{"kept", 9, []string{"W-7 active", "W-3 expired: counts as fail", "ciso", "2026-10-31", "912"}},
		{"period", 10, []string{"2026-09-20 policies 1111aaaa 2222bbbb", "2026-10-10 tool 0.3.0 0.4.0", "2026-10-15 account – 333333333333", "2026-11-01 waiver W-3 active expired"}},
		{"kept", 10, []string{"a change needs two"}},
		{"kept", 11, []string{"Subservice organisation, carved out"}},
		{"kept", 12, []string{"Prepared", "Reviewed", "Approved", "Method of review"}},
		{"kept", 13, []string{"5eed5eed5eed5eed", "4442587FB7D0A2F9", "RES-002 eu pass", "aws s3api get-bucket-replication", "Observer's result", "CC6.7", "no check of this version bears on it", "domicile verify PACKAGE --key FILE",
			"no outside witness exists", "SHA256:Yk3V", "verdicts.ndjson.zst", "manifest.json is inside this PDF", "[U+1F680]", "Αποθήκη δεδομένων", "raraunga ā-rohe", "Źródło", "Größenänderungsprotokoll"}},
		{"nothing", 3, []string{"made from a bare snapshot"}}, {"nothing", 5, []string{"bare snapshot"}}, {"nothing", 7, []string{"bare snapshot"}}, {"nothing", 9, []string{"no waiver was read"}},
		{"nothing", 13, []string{"there is nothing to verify"}},
	} {
		parts := rendered[tc.report]
		if parts == nil {
			parts = partsOf(render(t, samplePDFs()[tc.report]))
			rendered[tc.report] = parts
		}
		for _, want := range tc.want {
			if !strings.Contains(parts[tc.part], want) {
				t.Errorf("%s, part %d: no %q in %s", tc.report, tc.part, want, parts[tc.part])
			}
		}
	}
}

// TestPDFWords looks for words that promise more than a program can.
func TestPDFWords(t *testing.T) {
	never := regexp.MustCompile(`(?i)certified|compliant with|guarantee|100 ?%|\bexempt|\bmuted|\bopinion|attestation`)
	for name, r := range samplePDFs() {
		for part, text := range partsOf(render(t, r)) {
			if word := never.FindString(text); word != "" {
				t.Errorf("%s, part %d says %q", name, part, word)
			}
		}
	}
}

// TestPDFSameBytes writes each report twice, and once with its maps built in another order.
func TestPDFSameBytes(t *testing.T) {
	for name := range samplePDFs() {
		var sums [3][sha256.Size]byte
		for i := range sums {
			var out bytes.Buffer
			r := samplePDFs()[name]
			if i == 2 {
				keys := slices.Collect(keysOf(r.Controls))
				rand.Shuffle(len(keys), func(i, j int) { keys[i], keys[j] = keys[j], keys[i] })
				again := map[string]residency.Control{}
				for _, k := range keys {
					again[k] = r.Controls[k]
				}
				r.Controls = again
			}
			if err := writePDF(&out, r); err != nil {
				t.Fatal(err)
			}
			sums[i] = sha256.Sum256(out.Bytes())
		}
		if sums[0] != sums[1] || sums[0] != sums[2] {
			t.Errorf("%s differs from write to write", name)
		}
	}
}
