package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

func synthFile(t *testing.T, n int, compressed bool) (*File, []byte) {
	t.Helper()
	var b bytes.Buffer
	writeSynth(t, &b, n)
	text := b.String()
	if compressed {
		text = packed(t, text)
	}
	f, err := newFile("x", bytes.NewReader([]byte(text)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f, b.Bytes()
}

// Whatever the size of the chunks: every line once, in order, under its number; the cuts are the same in each pass and do not
// depend on the compression.
func TestChunks(t *testing.T) {
	plain, text := synthFile(t, 500, false)
	dense, _ := synthFile(t, 500, true)
	lines := strings.SplitAfter(string(text), "\n")
	for _, size := range []int{1, 7, 100, 400, 5000, 100_000, 0} {
		var cuts [][]string
		for _, f := range []*File{plain, dense, plain} {
			var cut []string
			err := f.Chunks(context.Background(), size, func(c *Chunk) error {
				if c.Index != len(cut) {
					t.Fatalf("chunk %d has index %d", len(cut), c.Index)
				}
				n := c.Resources + c.Coverage
				if want := strings.Join(lines[c.Line-1:c.Line-1+n], ""); want != string(c.data) {
					t.Fatalf("size %d: chunk %d is not lines %d and on", size, c.Index, c.Line)
				}
				cut = append(cut, fmt.Sprint(c.Line, c.Resources, c.Coverage))
				c.Release()
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
			cuts = append(cuts, cut)
		}
		if diff := cmp.Diff(cuts[0], cuts[1]) + cmp.Diff(cuts[0], cuts[2]); diff != "" {
			t.Errorf("size %d: the cuts differ:\n%s", size, diff)
		}
	}
}

// Two workers decode side by side and get what one reader gets; run with -race.
func TestWorkers(t *testing.T) {
	f, _ := synthFile(t, 3000, true)
	want, err := f.document(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got := make([][]string, 0)
	chunks := make(chan *Chunk)
	var mu sync.Mutex
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			d := NewDecoder(SkipTags)
			for c := range chunks {
				var ids []string
				err := c.Each(d, func(l *Line) error {
					if l.Resource != nil && l.Resource.Tags == nil && l.Resource.Facts["versioning"] == "Enabled" {
						ids = append(ids, l.Resource.ID)
					}
					return nil
				})
				c.Release()
				mu.Lock()
				for len(got) <= c.Index {
					got = append(got, nil)
				}
				if got[c.Index] = ids; err != nil {
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	err = f.Chunks(context.Background(), 10_000, func(c *Chunk) error {
		chunks <- c
		return nil
	})
	close(chunks)
	workers.Wait()
	if err != nil {
		t.Fatal(err)
	}
	var ids, all []string
	for _, r := range want.Resources {
		ids = append(ids, r.ID)
	}
	for _, part := range got {
		all = append(all, part...)
	}
	if diff := cmp.Diff(ids, all); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
}

func TestSkip(t *testing.T) {
	line := []byte(strings.Split(resource(`"name":"n","tags":{"a":"b"},"placements":[],"facts":{"a":1}`), "\n")[1])
	for _, c := range []struct {
		skip Skip
		want residency.Resource
	}{
		{0, residency.Resource{Name: "n", Tags: map[string]string{"a": "b"}, Facts: map[string]any{"a": 1.0}}},
		{SkipNames, residency.Resource{Tags: map[string]string{"a": "b"}, Facts: map[string]any{"a": 1.0}}},
		{SkipTags, residency.Resource{Name: "n", Facts: map[string]any{"a": 1.0}}},
		{SkipFacts, residency.Resource{Name: "n", Tags: map[string]string{"a": "b"}}},
	} {
		want := c.want
		want.ID, want.Kind, want.Placements = "arn:aws:s3:::a", "s3.bucket", []residency.Placement{}
		var got residency.Resource
		if err := NewDecoder(c.skip).Decode(line, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("skip %b (-want +got):\n%s", c.skip, diff)
		}
	}
	if err := NewDecoder(0).Decode([]byte(goodCoverage), new(residency.Resource)); err == nil {
		t.Error("a coverage line was decoded as a resource")
	}
}

// A decoder that is used again remembers nothing of the resource before.
func TestDecoderForgets(t *testing.T) {
	full := resource(`"name":"n","tags":{"a":"b","c":"d"},"placements":[{"role":"key","region":"r"},{"role":"log"}],"sources":[{"id":"s"}],"facts":{"a":1}`)
	lines := []string{full, inFile(goodResource), resource(`"tags":{},"placements":[{"role":"log"}]`)}
	d := NewDecoder(0)
	for _, text := range append(lines, lines...) {
		line := []byte(strings.Split(text, "\n")[1])
		var fresh, used residency.Resource
		if err := errors.Join(NewDecoder(0).Decode(line, &fresh), d.Decode(line, &used)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(fresh, used); diff != "" {
			t.Errorf("(-fresh +used):\n%s", diff)
		}
	}
}

// Next to nothing is allocated for a resource, whatever their number.
func TestAllocations(t *testing.T) {
	f, _ := synthFile(t, 2000, false)
	d := NewDecoder(SkipFacts)
	pass := func() {
		if err := f.each(context.Background(), d, nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	pass()
	if n := testing.AllocsPerRun(5, pass); n > 200 {
		t.Errorf("%.0f allocations for 2000 resources", n)
	}
}

func TestStops(t *testing.T) {
	f, _ := synthFile(t, 2000, false)
	enough := errors.New("enough")
	err := f.Each(context.Background(), func(*residency.Resource) error { return enough }, nil)
	if err != enough {
		t.Errorf("got %v, want the caller's error as it is", err)
	}
	n := 0
	if err := f.Each(context.Background(), nil, func(*residency.Coverage) error { n++; return nil }); err != nil || n != 1 {
		t.Errorf("%d coverage lines, %v", n, err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := f.Each(ctx, nil, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
	if _, err := f.Digest(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want cancelled", err)
	}
}
