package snapshot

import (
	"bytes"
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func TestWriterRefuses(t *testing.T) {
	deep := any("x")
	for range 100 {
		deep = []any{deep}
	}
	good := residency.Resource{ID: "a", Kind: "b"}
	with := func(change func(*residency.Resource)) *residency.Resource {
		r := good
		change(&r)
		return &r
	}
	for _, c := range []struct {
		name string
		r    *residency.Resource
		want string
	}{
		{"id", &residency.Resource{Kind: "b"}, "write snapshot: a resource without id"},
		{"kind", &residency.Resource{ID: "a"}, `write snapshot: resource "a": no kind`},
		{"role", with(func(r *residency.Resource) { r.Placements = []residency.Placement{{Role: "x"}} }), `write snapshot: resource "a": placement 1: unknown role "x", want one of ` + roles},
		{"not_finite", with(func(r *residency.Resource) { r.Facts = map[string]any{"x": math.NaN()} }), `write snapshot: facts of "a": a number that is not finite`},
		{"channel", with(func(r *residency.Resource) { r.Facts = map[string]any{"x": make(chan int)} }), `write snapshot: facts of "a": json: unsupported type: chan int`},
		{"deep", with(func(r *residency.Resource) { r.Facts = map[string]any{"x": deep} }), `write snapshot: facts of "a": nested deeper than 60`},
		{"deep_other", with(func(r *residency.Resource) { r.Facts = map[string]any{"x": []*any{&deep}} }), `write snapshot: facts of "a": nested deeper than 64`},
		{"tags", with(func(r *residency.Resource) { r.Tags = map[string]string{"\xff": "", "\xfe": ""} }), `write snapshot: resource "a": two names are "` + "\ufffd" + `" once written as UTF-8`},
		{"fact_names", with(func(r *residency.Resource) {
			r.Facts = map[string]any{"x": []any{map[string]any{"\xff": 1, "\ufffd": 2}}}
		}), `write snapshot: resource "a": two names are "` + "\ufffd" + `" once written as UTF-8`},
		{"long", with(func(r *residency.Resource) { r.Name = strings.Repeat("a", MaxLine) }), `write snapshot: resource "a": a line of 16777260 bytes, more than 16 MiB`},
	} {
		t.Run(c.name, func(t *testing.T) {
			var b bytes.Buffer
			w, err := NewWriter(&b, synthHeader())
			if err != nil {
				t.Fatal(err)
			}
			if err := w.Resource(c.r); err == nil || err.Error() != c.want {
				t.Errorf("got %v\nwant %s", err, c.want)
			}
			if err := errors.Join(w.Resource(&good), w.Close()); err != nil {
				t.Errorf("after a refusal: %v", err)
			}
			if doc, err := readText(b.String()); err != nil || len(doc.Resources) != 1 {
				t.Errorf("after a refusal: read %v, %v", doc, err)
			}
		})
	}
	var b bytes.Buffer
	w, err := NewWriter(&b, synthHeader())
	if err != nil {
		t.Fatal(err)
	}
	bad := synthCoverage()
	bad.Gaps = []residency.Gap{{Call: "ListBuckets", Class: residency.ClassDenied}}
	if err := w.Coverage(bad); err == nil {
		t.Error("complete coverage with gaps was written")
	}
	if err := errors.Join(w.Close(), w.Close()); err != nil {
		t.Error(err)
	}
	if err := w.Resource(&good); err == nil {
		t.Error("a resource was written after the trailer")
	}
	if _, err := NewWriter(&b, residency.Header{Schema: 2}); err == nil {
		t.Error("a header of another schema was written")
	}
}

func TestHeaderIsNormalised(t *testing.T) {
	h := residency.Header{Run: time.Date(2026, 11, 23, 3, 0, 0, 0, time.FixedZone("CET", 3600)), Scope: &residency.Scope{}}
	doc, err := readText(string(write(t, &Document{Header: h})))
	if err != nil {
		t.Fatal(err)
	}
	want := residency.Header{Schema: 1, Run: h.Run.UTC(), Scope: &residency.Scope{Accounts: []string{}, Regions: []string{}, Scanners: map[string]string{}}}
	if diff := cmp.Diff(want, doc.Header); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Plain and compressed, as file and as folder: the same document and the same digest.
func TestCreate(t *testing.T) {
	want := contractDocument()
	digests := map[string]bool{}
	for _, name := range []string{FileName, PlainFileName} {
		dir := t.TempDir()
		path := filepath.Join(dir, name)
		out, err := Create(path, want.Header)
		if err != nil {
			t.Fatal(err)
		}
		for i := range want.Resources {
			if err := out.Resource(&want.Resources[i]); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range want.Coverage {
			if err := out.Coverage(c); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := os.Stat(path); err == nil {
			t.Error("the name is there before the file is whole")
		}
		if err := errors.Join(out.Close(), out.Abort()); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{path, dir} {
			doc, err := Read(context.Background(), path)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, doc); diff != "" {
				t.Errorf("%s (-want +got):\n%s", path, diff)
			}
		}
		f, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		digest, err := f.Digest(context.Background())
		if err != nil || digest != out.Digest() || f.Name() != path {
			t.Errorf("digest of %s is %s, %v; the writer's is %s", f.Name(), digest, err, out.Digest())
		}
		digests[digest] = true
		requireFiles(t, dir, name)
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(digests) != 1 {
		t.Errorf("digests depend on the compression: %v", digests)
	}
}

func TestAbort(t *testing.T) {
	dir := t.TempDir()
	out, err := Create(filepath.Join(dir, FileName), synthHeader())
	if err != nil {
		t.Fatal(err)
	}
	verdicts, err := CreateVerdicts(filepath.Join(dir, VerdictsFileName))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Abort(), out.Abort(), verdicts.Abort()); err != nil {
		t.Error(err)
	}
	requireFiles(t, dir)
	if _, err := Create(filepath.Join(dir, "missing", FileName), synthHeader()); err == nil {
		t.Error("created in a folder that does not exist")
	}
	if _, err := Create(dir, synthHeader()); err == nil {
		t.Error("created in place of a folder")
	}
	if _, err := Create(filepath.Join(dir, "x.zst"), residency.Header{Schema: 7}); err == nil {
		t.Error("created with a wrong header")
	}
	requireFiles(t, dir)
}

// A full disk is an error, at the latest on Close.
func TestDiskFull(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Logf("no /dev/full here: %v", err)
		return
	}
	out, err := Create("/dev/full", synthHeader())
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err == nil || !strings.Contains(err.Error(), "no space left on device") {
		t.Errorf("got %v", err)
	}
	many, err := Create("/dev/full", synthHeader())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 {
		r := synthResource(i)
		if err = many.Resource(&r); err != nil {
			break
		}
	}
	if err == nil {
		t.Error("a megabyte was written to a full disk")
	}
	if err := many.Close(); err == nil {
		t.Error("closed on a full disk")
	}
}

func requireFiles(t *testing.T, dir string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
