package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for _, tc := range []struct{ in, want string }{
		{"", ""}, {"arn:aws:s3:::a", "arn:aws:s3:::a"}, {"Größe żółć Ελλάδα Māori ✓ ✗", "Größe żółć Ελλάδα Māori ✓ ✗"},
		{"🚀", "[U+1F680]"}, {"数", "[U+6570]"}, {"a\u202eb", "a[U+202E]b"}, {"a\nb\x1b", "a[U+000A]b[U+001B]"}, {"\xff", "[0xFF]"}, {"\uFFFD", "�"},
		{"a\u0304", "ā"}, {"\u200b\ufeff\u3164", "[U+200B][U+FEFF][U+3164]"}, {"\u00a0", "[U+00A0]"}, {"\ue000", "[U+E000]"}, {"\uffff", "[U+FFFF]"},
	} {
		if got := Sans.Clean(tc.in); got != tc.want {
			t.Errorf("Clean(%q) = %q, want %q", tc.in, got, tc.want)
		}
	}
	if hebrew := "שלום"; Sans.Clean(hebrew) != hebrew || Mono.Clean(hebrew) != "[U+05E9][U+05DC][U+05D5][U+05DD]" {
		t.Errorf("Hebrew is %q in sans and %q in mono, which lacks it", Sans.Clean(hebrew), Mono.Clean(hebrew))
	}
}

func FuzzClean(f *testing.F) {
	for _, s := range []string{"", "arn:aws:s3:::a", "🚀\u202e\xff\x00", strings.Repeat("a\u0304\u0323", 50), "[U+1F680]", "\u1100\u1161"} {
		f.Add(s, 30.0)
	}
	f.Fuzz(func(t *testing.T, in string, width float64) {
		for face := range Face(len(names)) {
			got := face.Clean(in)
			if !utf8.ValidString(got) || utf8.RuneCountInString(got) < 0 || face.Clean(got) != got {
				t.Fatalf("Clean(%q) = %q", in, got)
			}
			for _, r := range got {
				if r > 0xFFFF || faces[face]()[r] == unmapped || !unicode.IsPrint(r) {
					t.Fatalf("Clean(%q) leaves %U", in, r)
				}
			}
			s := Style{face, 8, Black}
			width = max(20, min(width, 500))
			lines := s.wrap(got, width)
			for _, line := range lines {
				if s.Width(line) > width+0.01 && utf8.RuneCountInString(strings.TrimRight(line, " ")) > 1 && s.Width(strings.TrimRight(line, " ")) > width+0.01 {
					t.Fatalf("line %q is %.1f wide, of %.1f", line, s.Width(line), width)
				}
			}
			if squeeze(strings.Join(lines, "")) != squeeze(got) {
				t.Fatalf("wrapped %q is %q", got, lines)
			}
		}
	})
}

func squeeze(s string) string { return strings.ReplaceAll(s, " ", "") }

func TestWrap(t *testing.T) {
	s := Style{Mono, 10, Black} // 6.02 points a rune
	for _, tc := range []struct {
		in    string
		runes int
		want  string
	}{
		{"", 10, ""}, {"short", 10, "short"}, {"two words", 5, "two|words"}, {"arn:aws:s3:::bucket-name-that-is-long", 20, "arn:aws:s3:::|bucket-name-that-is-|long"},
		{"arn:aws:logs:eu-west-1:111111111111:log-group:/acme", 30, "arn:aws:logs:eu-west-1:|111111111111:log-group:/acme"},
		{"see arn:aws:s3:::acme", 20, "see|arn:aws:s3:::acme"}, {"abcdefghij", 4, "abcd|efgh|ij"},
		{"GetBucketReplication", 12, "GetBucket|Replication"}, {"DescribeDBClusters, Next", 20, "DescribeDBClusters,|Next"}, {"a  b", 10, "a  b"},
	} {
		if got := strings.Join(s.wrap(tc.in, 6.03*float64(tc.runes)), "|"); got != tc.want {
			t.Errorf("wrap(%q, %d) = %q, want %q", tc.in, tc.runes, got, tc.want)
		}
	}
}

// TestWidths holds our reading of the fonts to that of the library, which is what a viewer sees.
func TestWidths(t *testing.T) {
	err := Write(io.Discard, Options{}, func(d *Document) error {
		for face := range Face(len(names)) {
			d.f.SetFont(names[face], "", 10)
			for r := range rune(0xFFFF) {
				if faces[face]()[r] == unmapped || !unicode.IsPrint(r) {
					continue
				}
				if ours, theirs := (Style{face, 10, Black}).Width(string(r)), d.f.GetStringWidth(string(r)); ours-theirs > 0.011 || theirs-ours > 0.011 {
					return fmt.Errorf("face %d, %U: %.2f, and the library says %.2f", face, r, ours, theirs)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestPanicsAndErrors(t *testing.T) {
	if err := Write(io.Discard, Options{}, func(d *Document) error { d.f.Text(1, 1, "🚀"); return nil }); err == nil {
		t.Log("the library draws what it used to die of")
	}
	if err := Write(io.Discard, Options{}, func(*Document) error { panic("boom") }); err == nil || err.Error() != "draw pdf: boom" {
		t.Errorf("a panic gives %v", err)
	}
	if err := Write(io.Discard, Options{}, func(d *Document) error { d.f.SetFont("nothing", "", 8); return nil }); err == nil {
		t.Error("the library's own error is lost")
	}
	wrong := errors.New("wrong")
	if err := Write(io.Discard, Options{}, func(*Document) error { return wrong }); !errors.Is(err, wrong) {
		t.Errorf("an error of the drawing gives %v", err)
	}
}

// TestTallRow puts a row that is higher than a page on several, and loses nothing of it.
func TestTallRow(t *testing.T) {
	var out bytes.Buffer
	err := Write(&out, Options{Plain: true}, func(d *Document) error {
		table := d.Table(Column{Title: "narrow", Share: 1}, Column{Title: "wide", Share: 9})
		table.Row(strings.Repeat("word ", 900), "short")
		table.End()
		if pages := d.f.PageCount(); pages < 3 {
			return fmt.Errorf("%d pages", pages)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	word := "\x00w\x00o\x00r\x00d"
	if n := strings.Count(out.String(), word); n != 900 {
		t.Errorf("%d words of 900", n)
	}
	if n := strings.Count(out.String(), "\x00n\x00a\x00r\x00r\x00o\x00w"); n < 3 {
		t.Errorf("the head stands on %d pages", n)
	}
}
