package snapshot

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func verdictsOf(path string, leaveOut ...residency.Outcome) ([]residency.Verdict, error) {
	var list []residency.Verdict
	for v, err := range ReadVerdicts(path, leaveOut...) {
		if err != nil {
			return list, err
		}
		list = append(list, v)
	}
	return list, nil
}

// Streamed or packed by workers, plain or compressed, from the file or its folder: the same verdicts.
func TestVerdicts(t *testing.T) {
	var want []residency.Verdict
	var lines []byte
	for i := range 3000 {
		want = append(want, synthVerdict(i))
		lines = append(AppendVerdict(lines, &want[i]), '\n')
	}
	half := bytes.IndexByte(lines[len(lines)/2:], '\n') + len(lines)/2 + 1
	for _, name := range []string{VerdictsFileName, plainVerdicts} {
		for _, packed := range []bool{false, true} {
			dir := t.TempDir()
			f, err := CreateVerdicts(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			for _, part := range [][]byte{lines[:half], nil, lines[half:]} {
				if err := writePart(f, part, packed); err != nil {
					t.Fatal(err)
				}
			}
			if err := errors.Join(f.Close(), f.Abort()); err != nil {
				t.Fatal(err)
			}
			requireFiles(t, dir, name)
			for _, path := range []string{dir, filepath.Join(dir, name)} {
				got, err := verdictsOf(path)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s, packed %v (-want +got):\n%s", name, packed, diff)
				}
			}
			got, err := verdictsOf(dir, residency.Pass, residency.NotApplicable)
			fails := slices.DeleteFunc(slices.Clone(want), func(v residency.Verdict) bool { return v.Outcome == residency.Pass })
			if diff := cmp.Diff(fails, got); err != nil || len(fails) != 300 || diff != "" {
				t.Errorf("without passes: %v (-want +got):\n%s", err, diff)
			}
		}
	}
}

func writePart(f *VerdictFile, part []byte, packed bool) error {
	if !packed {
		_, err := f.Write(part)
		return err
	}
	p, err := f.Packer()
	if err != nil {
		return err
	}
	frame, err := p.Pack(nil, part)
	return errors.Join(err, f.WritePacked(frame))
}

func TestNoVerdicts(t *testing.T) {
	for _, name := range []string{VerdictsFileName, plainVerdicts} {
		path := filepath.Join(t.TempDir(), name)
		writeVerdicts(t, path, nil)
		if got, err := verdictsOf(path); err != nil || got != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestVerdictFileRefuses(t *testing.T) {
	dir := t.TempDir()
	f, err := CreateVerdicts(filepath.Join(dir, VerdictsFileName))
	if err != nil {
		t.Fatal(err)
	}
	p, err := f.Packer()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Pack(nil, []byte("{}")); err == nil {
		t.Error("half a line was packed")
	}
	if _, err := f.Write([]byte("{}")); err != nil {
		t.Fatal(err)
	}
	if err := f.WritePacked([]byte("x")); err == nil {
		t.Error("packed lines were mixed with others")
	}
	if err := f.Close(); err == nil {
		t.Error("closed after half a line")
	}
	if f, err = CreateVerdicts(filepath.Join(dir, VerdictsFileName)); err != nil {
		t.Fatal(err)
	}
	if err := f.WritePacked(nil); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write([]byte("{}\n")); err == nil {
		t.Error("other lines were mixed with packed ones")
	}
	if err := f.Abort(); err != nil {
		t.Fatal(err)
	}
	requireFiles(t, dir)
}

func TestCorruptVerdicts(t *testing.T) {
	const good = `{"control":"RES-001","resource":"a","kind":"k","outcome":"pass","severity":"high"}`
	for _, c := range []struct{ name, text, want string }{
		{"half_a_line", good + "\n" + good[:20], "x: line 2: the line breaks off" + again},
		{"no_line_end", good, "x: line 1: the line breaks off" + again},
		{"empty_line", good + "\n\n", "x: line 2: not JSON: want an object, the line ends" + again},
		{"no_control", `{"resource":"a","kind":"k","outcome":"pass","severity":"high"}` + "\n", "x: line 1: a verdict without control" + again},
		{"no_resource", `{"control":"c","kind":"k","outcome":"pass","severity":"high"}` + "\n", "x: line 1: a verdict without resource" + again},
		{"no_kind", `{"control":"c","resource":"a","outcome":"pass","severity":"high"}` + "\n", "x: line 1: a verdict without kind" + again},
		{"outcome", `{"control":"c","resource":"a","kind":"k","outcome":"passed","severity":"high"}` + "\n", `x: line 1: verdict on "a": unknown outcome "passed", want one of pass, fail, unknown, waived, not_applicable` + again},
		{"severity", `{"control":"c","resource":"a","kind":"k","outcome":"pass"}` + "\n", `x: line 1: verdict on "a": unknown severity ""` + again},
		{"role", `{"control":"c","resource":"a","kind":"k","outcome":"fail","severity":"low","placements":[{}]}` + "\n", `x: line 1: verdict on "a": placement 1: no role` + again},
		{"twice", `{"control":"c","resource":"a","control":"d"}` + "\n", `x: line 1: verdict on "a": "control" stands twice in one object` + again},
		{"utf8", good + "\n\"\xff\"\n", "x: line 2: not UTF-8" + again},
		{"other_format", "verdict,resource\n", `x: neither lines of JSON nor zstd: the file begins with "verd"; name a file of verdicts or a run folder`},
	} {
		for _, leaveOut := range [][]residency.Outcome{nil, {residency.Pass}} {
			err := readVerdicts("x", bytes.NewReader([]byte(c.text)), leaveOut, func(residency.Verdict) error { return nil })
			if err == nil || err.Error() != c.want {
				t.Errorf("%s:\ngot  %v\nwant %s", c.name, err, c.want)
			}
		}
	}
	whole := packed(t, good+"\n")
	for n := range len(whole) {
		err := readVerdicts("x", bytes.NewReader([]byte(whole[:n])), nil, func(residency.Verdict) error { return nil })
		if err == nil && n > 0 {
			t.Errorf("the first %d of %d bytes were read", n, len(whole))
		}
	}
	if _, err := verdictsOf(t.TempDir()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	cut := filepath.Join(t.TempDir(), VerdictsFileName)
	if err := os.WriteFile(cut, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := verdictsOf(cut); err == nil {
		t.Error("a compressed file of no bytes was read")
	}
}

// A reader that has enough stops the iteration.
func TestVerdictsStop(t *testing.T) {
	path := filepath.Join(t.TempDir(), VerdictsFileName)
	writeVerdicts(t, path, benchVerdictLines())
	n := 0
	for _, err := range ReadVerdicts(path) {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 10 {
			break
		}
	}
	if n != 10 {
		t.Errorf("%d verdicts", n)
	}
}
