package reports

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestWrap(t *testing.T) {
	for _, tc := range []struct {
		name, text  string
		first, rest int
		want        string
	}{
		{"empty", "", 10, 10, ""},
		{"fits_exactly", "ab cd", 5, 5, "ab cd"},
		{"one_too_many", "ab cde", 5, 5, "ab|cde"},
		{"further_lines_are_narrower", "ab cd ef", 5, 2, "ab cd|ef"},
		{"a_long_word_is_broken", "abcdefgh i", 3, 3, "abc|def|gh|i"},
		{"an_arn_is_not", "see arn:aws:s3:::abc now", 5, 5, "see|arn:aws:s3:::abc|now"},
		{"a_dot_stays_with_the_word_before", "ab · cd", 4, 4, "ab ·|cd"},
		{"a_dot_leaves_an_arn_alone", "arn:a · cd", 5, 5, "arn:a|· cd"},
		{"wide_runes", "顧客データ", 4, 4, "顧客|デー|タ"},
		{"one_column_for_a_wide_rune", "顧客", 1, 1, "顧|客"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := strings.Join(wrap(tc.text, tc.first, tc.rest), "|"); got != tc.want {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}

func TestPlurals(t *testing.T) {
	for noun, want := range map[string]string{
		"bucket": "2 buckets", "bus": "2 buses", "proxy": "2 proxies", "key": "2 keys", "index": "2 indexes", "branch": "2 branches", "y": "2 ys",
	} {
		if got := counted(2, noun); got != want {
			t.Errorf("%q, want %q", got, want)
		}
		if got := counted(1, noun); got != "1 "+noun {
			t.Errorf("%q of one", got)
		}
	}
}

func FuzzCell(f *testing.F) {
	for _, s := range []string{"arn:aws:s3:::a", "\x1b]0;t\x07", "a\u202eb", "\xff", "\uFFFD", "\U000E0041", "ｗ顧"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := cell(s)
		if !utf8.ValidString(got) {
			t.Errorf("cell(%q) = %q is no UTF-8", s, got)
		}
		for _, r := range got {
			if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Zl, r) || unicode.Is(unicode.Zp, r) {
				t.Errorf("cell(%q) lets %U through", s, r)
			}
		}
		if cell(got) != got {
			t.Errorf("cell(%q) changes when escaped again", s)
		}
	})
}
