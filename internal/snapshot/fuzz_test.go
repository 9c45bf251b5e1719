package snapshot

import (
	"bytes"
	"context"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// FuzzRead: reading never panics, an error is one line, and what is accepted is written and read back as it was.
func FuzzRead(f *testing.F) {
	contract, err := os.ReadFile("testdata/contract.ndjson")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(contract)
	f.Add([]byte(packed(f, string(contract))))
	for _, c := range corrupt {
		if len(c.text) < 4096 {
			f.Add([]byte(c.text))
		}
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		first, err := readText(string(text))
		if err != nil {
			if bytes.ContainsAny([]byte(err.Error()), "\n\x00\x1b") {
				t.Fatalf("not one clean line: %q", err)
			}
			return
		}
		again, err := readText(string(write(t, first)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(first, again); diff != "" {
			t.Fatalf("(-first +again):\n%s", diff)
		}
	})
}

// FuzzVerdicts: the same for verdicts.
func FuzzVerdicts(f *testing.F) {
	contract, err := os.ReadFile("testdata/contract-verdicts.ndjson")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(contract)
	f.Add([]byte(packed(f, string(contract))))
	f.Add([]byte(`{"control":"c","resource":"a","kind":"k","outcome":"waived","severity":"info","waiver":{"id":"w"},"path":[],"downstream":["b"]}` + "\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		var lines []byte
		err := readVerdicts("x", bytes.NewReader(text), nil, func(v residency.Verdict) error {
			lines = append(AppendVerdict(lines, &v), '\n')
			return nil
		})
		if err != nil {
			return
		}
		var again []byte
		err = readVerdicts("x", bytes.NewReader(lines), nil, func(v residency.Verdict) error {
			again = append(AppendVerdict(again, &v), '\n')
			return nil
		})
		if err != nil || !bytes.Equal(lines, again) {
			t.Fatalf("%v\nfirst %s\nagain %s", err, lines, again)
		}
	})
}

// FuzzChunks: the size of the chunks changes nothing but the cuts.
func FuzzChunks(f *testing.F) {
	f.Add([]byte(inFile(goodResource)), 1)
	f.Add([]byte(inFile(goodResource)), 60)
	f.Fuzz(func(t *testing.T, text []byte, size int) {
		whole, wholeErr := readText(string(text))
		file, err := newFile("x", bytes.NewReader(text))
		if err != nil {
			return
		}
		defer file.Close()
		var ids []string
		d := NewDecoder(0)
		err = file.Chunks(context.Background(), size%300, func(c *Chunk) error {
			defer c.Release()
			return c.Each(d, func(l *Line) error {
				if l.Resource != nil {
					ids = append(ids, l.Resource.ID)
				}
				return nil
			})
		})
		if (err == nil) != (wholeErr == nil) {
			t.Fatalf("size %d: %v, whole: %v", size, err, wholeErr)
		}
		if err != nil {
			return
		}
		var want []string
		for _, r := range whole.Resources {
			want = append(want, r.ID)
		}
		if diff := cmp.Diff(want, ids); diff != "" {
			t.Fatal(diff)
		}
	})
}
