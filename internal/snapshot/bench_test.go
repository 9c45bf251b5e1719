package snapshot

import (
	"bytes"
	"context"
	"path/filepath"
	"sync"
	"testing"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// benchSize stands for the million: figures are per resource, and do not depend on it.
const benchSize = 100_000

func benchFile(b *testing.B, name string) (*File, int64) {
	b.Helper()
	var plain bytes.Buffer
	writeSynth(b, &plain, benchSize)
	path := filepath.Join(b.TempDir(), name)
	out, err := Create(path, synthHeader())
	if err != nil {
		b.Fatal(err)
	}
	for i := range benchSize {
		r := synthResource(i)
		if err := out.Resource(&r); err != nil {
			b.Fatal(err)
		}
	}
	if err := out.Close(); err != nil {
		b.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { f.Close() })
	return f, int64(plain.Len())
}

// BenchmarkDecode reads, decompresses and decodes in one goroutine.
func BenchmarkDecode(b *testing.B) {
	for _, bench := range []struct {
		name string
		skip Skip
	}{{"all", 0}, {"facts_skipped", SkipFacts}, {"names_and_facts_skipped", SkipNames | SkipFacts}} {
		b.Run(bench.name, func(b *testing.B) {
			f, size := benchFile(b, FileName)
			benchPasses(b, size, func() error {
				return f.each(context.Background(), NewDecoder(bench.skip), func(*residency.Resource) error { return nil }, nil)
			})
		})
	}
}

// BenchmarkDecodeWorkers reads in one goroutine and decodes in two others.
func BenchmarkDecodeWorkers(b *testing.B) {
	f, size := benchFile(b, FileName)
	benchPasses(b, size, func() error {
		chunks := make(chan *Chunk, 2)
		var workers sync.WaitGroup
		var failed [2]error
		for w := range failed {
			workers.Go(func() {
				d := NewDecoder(SkipFacts)
				for c := range chunks {
					if err := c.Each(d, func(*Line) error { return nil }); err != nil {
						failed[w] = err
					}
					c.Release()
				}
			})
		}
		err := f.Chunks(context.Background(), 0, func(c *Chunk) error {
			chunks <- c
			return nil
		})
		close(chunks)
		workers.Wait()
		for _, e := range failed {
			if e != nil {
				return e
			}
		}
		return err
	})
}

// BenchmarkDecompress reads and cuts, and decodes nothing.
func BenchmarkDecompress(b *testing.B) {
	f, size := benchFile(b, FileName)
	benchPasses(b, size, func() error {
		return f.Chunks(context.Background(), 0, func(c *Chunk) error {
			c.Release()
			return nil
		})
	})
}

func benchPasses(b *testing.B, size int64, pass func() error) {
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if err := pass(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(benchSize)*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}

func BenchmarkEncodeVerdict(b *testing.B) {
	verdicts := make([]residency.Verdict, 1000)
	for i := range verdicts {
		verdicts[i] = synthVerdict(i)
	}
	var dst []byte
	b.ReportAllocs()
	for b.Loop() {
		dst = dst[:0]
		for i := range verdicts {
			dst = append(AppendVerdict(dst, &verdicts[i]), '\n')
		}
	}
	b.SetBytes(int64(len(dst)))
	b.ReportMetric(float64(len(verdicts))*float64(b.N)/b.Elapsed().Seconds(), "verdicts/s")
}

func benchVerdictLines() []byte {
	var dst []byte
	for i := range 10_000 {
		v := synthVerdict(i)
		dst = append(AppendVerdict(dst, &v), '\n')
	}
	return dst
}

func BenchmarkWriteVerdicts(b *testing.B) {
	lines := benchVerdictLines()
	f, err := CreateVerdicts(filepath.Join(b.TempDir(), VerdictsFileName))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(lines)))
	for b.Loop() {
		if _, err := f.Write(lines); err != nil {
			b.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.Fatal(err)
	}
}

func BenchmarkReadVerdicts(b *testing.B) {
	for _, bench := range []struct {
		name     string
		leaveOut []residency.Outcome
	}{{"all", nil}, {"passes_left_out", []residency.Outcome{residency.Pass}}} {
		b.Run(bench.name, func(b *testing.B) {
			lines := benchVerdictLines()
			path := filepath.Join(b.TempDir(), VerdictsFileName)
			writeVerdicts(b, path, lines)
			b.SetBytes(int64(len(lines)))
			b.ReportAllocs()
			n := 0
			for b.Loop() {
				for _, err := range ReadVerdicts(path, bench.leaveOut...) {
					if err != nil {
						b.Fatal(err)
					}
					n++
				}
			}
			if n == 0 {
				b.Fatal("nothing read")
			}
		})
	}
}

func writeVerdicts(tb testing.TB, path string, lines []byte) {
	tb.Helper()
	f, err := CreateVerdicts(path)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := f.Write(lines); err != nil {
		tb.Fatal(err)
	}
	if err := f.Close(); err != nil {
		tb.Fatal(err)
	}
}

func BenchmarkSort(b *testing.B) {
	resources := make([]residency.Resource, 20_000)
	for i := range resources {
		resources[i] = synthResource((i * 7919) % len(resources))
	}
	b.ReportAllocs()
	for b.Loop() {
		s := NewSorter(b.TempDir(), 2<<20)
		for i := range resources {
			if err := s.Add(&resources[i]); err != nil {
				b.Fatal(err)
			}
		}
		if err := s.Merge(func(*residency.Resource) error { return nil }); err != nil {
			b.Fatal(err)
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(resources))*float64(b.N)/b.Elapsed().Seconds(), "resources/s")
}
