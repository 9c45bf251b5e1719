package reports

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestRegistry(t *testing.T) {
	var names []string
	for _, f := range All() {
		names = append(names, f.Name)
		got, ok := ByName(f.Name)
		if !ok || got.Name != f.Name || got.Write == nil || !strings.HasPrefix(got.Ext, ".") || got.MediaType == "" {
			t.Errorf("ByName(%q) = %+v, %v", f.Name, got, ok)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("formats %q are not sorted", names)
	}
	for _, want := range []string{"csv", "json", "junit", "markdown", "ndjson", "oscal", "sarif", "table"} {
		if !slices.Contains(names, want) {
			t.Errorf("format %q is missing of %q", want, names)
		}
	}
	if f, ok := ByName("nothing"); ok || f.Name != "" {
		t.Errorf("ByName of no format = %+v, %v", f, ok)
	}
	All()[0].Name = "changed"
	if All()[0].Name != "csv" {
		t.Error("All hands out the registry itself")
	}
}

// jsonReport is what a user's program would decode into; unknown keys are refused in the test.
type jsonReport struct {
	residency.Summary
	Verdicts []residency.Verdict `json:"verdicts"`
}

func TestJSONHoldsTheRun(t *testing.T) {
	for _, s := range scenarios() {
		var out, summary bytes.Buffer
		if err := writeJSON(&out, s.report(0, false)); err != nil {
			t.Fatal(err)
		}
		if err := WriteSummary(&summary, s.summary); err != nil {
			t.Fatal(err)
		}
		var got jsonReport
		d := json.NewDecoder(bytes.NewReader(out.Bytes()))
		d.DisallowUnknownFields()
		if err := d.Decode(&got); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
		if diff := cmp.Diff(filled(s.summary), got.Summary); diff != "" {
			t.Errorf("%s: %s", s.name, diff)
		}
		if got.Verdicts == nil || got.Coverage.Gaps == nil || len(got.Verdicts) != len(s.verdicts) || len(got.Totals) != 5 {
			t.Errorf("%s: %d verdicts of %d, totals %v", s.name, len(got.Verdicts), len(s.verdicts), got.Totals)
		}
		for id, counts := range got.Controls {
			if len(counts) != 5 {
				t.Errorf("%s: control %s has %v", s.name, id, counts)
			}
		}
		var whole, part map[string]json.RawMessage
		if err := errors.Join(json.Unmarshal(out.Bytes(), &whole), json.Unmarshal(summary.Bytes(), &part)); err != nil {
			t.Fatal(err)
		}
		delete(whole, "verdicts")
		if diff := cmp.Diff(whole, part); diff != "" {
			t.Errorf("%s: summary differs from json without verdicts: %s", s.name, diff)
		}
	}
}

func TestJSONEscapesNoHTML(t *testing.T) {
	v := verdict("RES-001", "eu", "s3.bucket", prod, "<a&b>", residency.Fail, "")
	for _, name := range []string{"json", "ndjson"} {
		f, _ := ByName(name)
		var out bytes.Buffer
		if err := f.Write(&out, residency.Report{Verdicts: each([]residency.Verdict{v})}); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(out.String(), `"<a&b>"`) {
			t.Errorf("%s: %s", name, out.String())
		}
	}
}

func TestSummaryIsNotChanged(t *testing.T) {
	s := residency.Summary{Totals: map[residency.Outcome]int{}, Controls: map[string]map[residency.Outcome]int{"RES-001": {}}, Zones: zones(), Scope: &residency.Scope{}}
	s.Zones[0].Regions = nil
	if err := WriteSummary(io.Discard, s); err != nil {
		t.Fatal(err)
	}
	if len(s.Totals) != 0 || len(s.Controls["RES-001"]) != 0 || s.Zones[0].Regions != nil || s.Scope.Accounts != nil {
		t.Errorf("changed: %+v", s)
	}
}

func TestNDJSONIsOneVerdictALine(t *testing.T) {
	s := notConcluded()
	var out bytes.Buffer
	if err := writeNDJSON(&out, s.report(0, false)); err != nil {
		t.Fatal(err)
	}
	var got []residency.Verdict
	for line := range strings.Lines(out.String()) {
		var v residency.Verdict
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if diff := cmp.Diff(s.verdicts, got); diff != "" {
		t.Error(diff)
	}
}

func TestCSVHoldsTheVerdicts(t *testing.T) {
	s := story()
	var out bytes.Buffer
	if err := writeCSV(&out, s.report(0, false)); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(rows[0], ","); got != "control,resource,kind,account,region,zone,outcome,severity,reason,placements,path,waiver" {
		t.Errorf("header %s", got)
	}
	if len(rows) != len(s.verdicts)+1 {
		t.Fatalf("%d rows for %d verdicts", len(rows), len(s.verdicts))
	}
	want := []string{
		"RES-001", "arn:aws:s3:::acme-eu-archive", "s3.bucket", prod, "eu-west-1", "eu", "fail", "high", "replica in us-east-1, outside eu (eu-west-1)",
		"replica:us-east-1:111111111111:arn:aws:s3:::acme-us-copy", strings.Join(s.verdicts[0].Path, " "), "",
	}
	if diff := cmp.Diff(want, rows[1]); diff != "" {
		t.Error(diff)
	}
	for _, row := range rows[1:] {
		for i, field := range row {
			if strings.HasPrefix(field, "=") || strings.HasPrefix(field, "+") || strings.Contains(field, "\x1b") {
				t.Errorf("%s of %q is %q", rows[0][i], row[1], field)
			}
		}
	}
}

func TestCSVCell(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""}, {"arn:aws:s3:::a", "arn:aws:s3:::a"}, {"=1", "'=1"}, {"+1", "'+1"}, {"-1", "'-1"}, {"@SUM(A1)", "'@SUM(A1)"},
		{"\tx", "'\tx"}, {"\rx", "'\rx"}, {"＝1", "'＝1"}, {"a=1", "a=1"}, {"\x1b[2J", `\x1b[2J`}, {"a\u202eb", `a\u202eb`}, {"a\nb", "a\nb"}, {"\xff", `\xff`},
	} {
		if got := csvCell(tc.in); got != tc.want {
			t.Errorf("csvCell(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

func TestCompactPlacements(t *testing.T) {
	for _, tc := range []struct {
		in   residency.Placement
		want string
	}{
		{residency.Placement{Role: residency.Primary, Region: "eu-west-1"}, "primary:eu-west-1"},
		{residency.Placement{Role: residency.Log}, "log"},
		{residency.Placement{Role: residency.Log, Target: "arn:aws:s3:::a:"}, "log:::arn:aws:s3:::a:"},
		{residency.Placement{Role: residency.Backup, Region: "eu-west-1", Account: "*"}, "backup:eu-west-1:*"},
	} {
		if got := compact(tc.in); got != tc.want {
			t.Errorf("compact(%+v) = %q, want %q", tc.in, got, tc.want)
		}
	}
}

// ofVerdicts are the formats that range over the verdicts. A package takes the files of a kept run instead.
func ofVerdicts() []Format {
	return slices.DeleteFunc(All(), func(f Format) bool { return f.Name == "package" })
}

// failing lets some bytes through and then refuses.
type failing struct{ left int }

var errFull = errors.New("disk full")

func (f *failing) Write(b []byte) (int, error) {
	if f.left -= len(b); f.left < 0 {
		return 0, errFull
	}
	return len(b), nil
}

func TestErrorsAreReturned(t *testing.T) {
	broken := errors.New("truncated")
	for _, f := range ofVerdicts() {
		for _, left := range []int{0, 5000} {
			if err := f.Write(&failing{left}, story().report(0, false)); !errors.Is(err, errFull) {
				t.Errorf("%s: full after %d bytes: %v", f.Name, left, err)
			}
		}
		r := story().report(0, false)
		r.Verdicts = func(yield func(residency.Verdict, error) bool) { yield(residency.Verdict{}, broken) }
		if err := f.Write(io.Discard, r); !errors.Is(err, broken) {
			t.Errorf("%s: verdicts that cannot be read: %v", f.Name, err)
		}
	}
	if err := WriteSummary(&failing{}, story().summary); !errors.Is(err, errFull) {
		t.Errorf("summary: %v", err)
	}
}

// many yields verdicts that are all different, made one at a time, and counts how often it is ranged over.
func many(n int, ranged *int) iter.Seq2[residency.Verdict, error] {
	return func(yield func(residency.Verdict, error) bool) {
		*ranged++
		for i := range n {
			id := strconv.Itoa(i)
			v := verdict("RES-001", "eu", "s3.bucket", strconv.Itoa(100000000000+i%5000), "arn:aws:s3:::acme-"+id, residency.Fail, strings.Repeat("because ", 20)+id,
				residency.Placement{Role: residency.Replica, Region: "us-east-1", Via: "rule " + id})
			if !yield(v, nil) {
				return
			}
		}
	}
}

// TestVerdictsAreStreamed looks at the heap while 200,000 different verdicts pass by: about 120 MB of text if it were kept.
func TestVerdictsAreStreamed(t *testing.T) {
	const ceiling = 48 << 20
	for _, f := range ofVerdicts() {
		t.Run(f.Name, func(t *testing.T) {
			var ranged int
			var peak, start uint64
			heap := func() uint64 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				return m.HeapAlloc
			}
			start = heap()
			r := residency.Report{Verdicts: func(yield func(residency.Verdict, error) bool) {
				n := 0
				for v, err := range many(200_000, &ranged) {
					if n++; n%50_000 == 0 {
						peak = max(peak, heap())
					}
					if !yield(v, err) {
						return
					}
				}
			}}
			if err := f.Write(io.Discard, r); err != nil {
				t.Fatal(err)
			}
			if ranged != 1 {
				t.Errorf("ranged over the verdicts %d times", ranged)
			}
			if peak > start && peak-start > ceiling {
				t.Errorf("heap grew by %d MB", (peak-start)>>20)
			}
			t.Logf("heap grew by %d KB", (int64(peak)-int64(start))>>10)
		})
	}
}
