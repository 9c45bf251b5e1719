package snapshot

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func sorted(t rapid.TB, s *Sorter) []string {
	var got []string
	err := s.Merge(func(r *residency.Resource) error {
		got = append(got, r.ID+"|"+r.Kind+"|"+r.Region+"|"+r.Name)
		r.Placements, r.Region = nil, "changed"
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestSorterOrder(t *testing.T) {
	dir := t.TempDir()
	name := rapid.StringMatching(`[ab]?[\x00a-c]{0,2}`)
	rapid.Check(t, func(t *rapid.T) {
		s := NewSorter(dir, 0)
		var want []string
		pad := strings.Repeat("x", rapid.SampledFrom([]int{0, 3000}).Draw(t, "padding"))
		for range rapid.IntRange(0, 100).Draw(t, "n") {
			r := residency.Resource{ID: "a" + name.Draw(t, "id"), Kind: "k" + name.Draw(t, "kind"), Region: name.Draw(t, "region"), Name: name.Draw(t, "name") + pad}
			if err := s.Add(&r); err != nil {
				t.Fatal(err)
			}
			want = append(want, r.ID+"|"+r.Kind+"|"+r.Region+"|"+r.Name)
		}
		if !slices.IsSortedFunc(sorted(t, s), compareKeys) {
			t.Fatal("not sorted")
		}
		got := sorted(t, s)
		slices.Sort(want)
		slices.Sort(got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	})
	requireFiles(t, dir)
}

// compareKeys orders id, kind and region each by its bytes: a separator does not take part.
func compareKeys(a, b string) int {
	return slices.Compare(strings.SplitN(a, "|", 4)[:3], strings.SplitN(b, "|", 4)[:3])
}

// Many more runs than are merged at once, and several workers adding: the same order every time.
func TestSorterSpills(t *testing.T) {
	const n = 20_000
	var want []string
	for _, workers := range []int{1, 4} {
		dir := t.TempDir()
		s := NewSorter(dir, minBudget)
		var group sync.WaitGroup
		for w := range workers {
			group.Go(func() {
				for i := w; i < n; i += workers {
					r := synthResource((i * 7919) % n)
					if err := s.Add(&r); err != nil {
						t.Error(err)
					}
				}
			})
		}
		group.Wait()
		entries, err := os.ReadDir(dir)
		if err != nil || len(entries) < 2 || len(entries) >= maxRuns {
			t.Errorf("%d files, %v", len(entries), err)
		}
		got := sorted(t, s)
		if want == nil {
			want = got
		}
		if len(got) != n || !slices.IsSorted(got) || !slices.Equal(got, want) {
			t.Errorf("%d workers: %d resources, or another order", workers, len(got))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		requireFiles(t, dir)
		if err := s.Add(&residency.Resource{ID: "a", Kind: "b"}); err == nil {
			t.Error("added after Close")
		}
	}
}

// What comes out is what went in: numbers by their digits, not read stays not read, equal ids all come.
func TestSorterKeepsResources(t *testing.T) {
	s := NewSorter(t.TempDir(), 0)
	given := []residency.Resource{
		{ID: "a", Kind: "k", Facts: map[string]any{"n": json.Number("9007199254740993"), "s": []any{"x", nil, true}}},
		{ID: "b", Kind: "k", Tags: map[string]string{}, Placements: []residency.Placement{}},
		{ID: "b", Kind: "k", Tags: map[string]string{}, Placements: []residency.Placement{}},
		{ID: "c", Kind: "k", Placements: []residency.Placement{{Role: residency.Log}}, Sources: []residency.Source{{ID: "a"}}},
	}
	for _, i := range []int{3, 1, 0, 2} {
		if err := s.Add(&given[i]); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Add(&residency.Resource{ID: "a"}); err == nil || err.Error() != `sort resources: resource "a": no kind` {
		t.Errorf("got %v", err)
	}
	var got []string
	if err := s.Merge(func(r *residency.Resource) error { got = append(got, fmt.Sprintf("%#v", *r)); return nil }); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, r := range given {
		want = append(want, fmt.Sprintf("%#v", r))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// An error of the disk stays: nothing is lost in silence.
func TestSorterWithoutFolder(t *testing.T) {
	s := NewSorter(t.TempDir()+"/missing", 0)
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		r := synthResource(i)
		err = s.Add(&r)
	}
	if err == nil {
		t.Fatal("spilled into a folder that does not exist")
	}
	if s.Merge(func(*residency.Resource) error { return nil }) == nil {
		t.Error("merged after a failed spill")
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
