package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

const (
	goodHeader   = `{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","tool":"0.1.0","partition":"aws"}}`
	goodResource = `{"resource":{"id":"arn:aws:s3:::a","kind":"s3.bucket"}}`
	goodCoverage = `{"coverage":{"scanner":"s3","account":"","region":"global","status":"complete","resources":1,"gaps":[]}}`
	goodEnd      = `{"end":{"resources":1,"coverage":1}}`
	again        = "; copy the file again or repeat the scan"
	newer        = "; read it with the version of domicile that wrote it"
	roles        = "primary, replica, backup, log, stream, cache, queue, key, metadata, transit, capability"
)

func joined(lines ...string) string { return strings.Join(lines, "\n") + "\n" }

// inFile puts one line in place of the resource of a good file.
func inFile(line string) string { return joined(goodHeader, line, goodCoverage, goodEnd) }

func resource(rest string) string {
	return inFile(`{"resource":{"id":"arn:aws:s3:::a","kind":"s3.bucket",` + rest + `}}`)
}

func coverage(line string) string { return joined(goodHeader, goodResource, line, goodEnd) }

func header(line string) string { return joined(line, goodResource, goodCoverage, goodEnd) }

func readText(text string) (*Document, error) {
	f, err := newFile("x", bytes.NewReader([]byte(text)))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.document(context.Background())
}

var corrupt = []struct{ name, text, want string }{
	{"empty", "", "x: the file is empty" + again},
	{"other_format", "PK\x03\x04", `x: neither lines of JSON nor zstd: the file begins with "PK\x03\x04"; name a snapshot file or a run folder`},
	{"other_json", `{"Resources":{}}` + "\n", `x: line 1: no snapshot: the first line is not its header, {"snapshot":…}; name a snapshot file or a run folder`},
	{"other_json_over_lines", "{\n  \"format_version\": \"1.2\"\n}\n", `x: line 1: no snapshot: the first line is not its header, {"snapshot":…}; name a snapshot file or a run folder`},
	{"blank", " \n", "x: line 1: an empty line" + again},
	{"byte_order_mark", "\ufeff" + inFile(goodResource), "x: line 1: a byte order mark; save the file without it"},
	{"no_header", joined(goodResource, goodEnd), `x: line 1: the first line is not the header, {"snapshot":…}` + again},
	{"header_only", goodHeader, "x: line 1: the file ends before its trailer" + again},
	{"header_line_only", joined(goodHeader), "x: line 2: the file ends before its trailer" + again},
	{"no_trailer", joined(goodHeader, goodResource), "x: line 3: the file ends before its trailer" + again},
	{"broken_line", goodHeader + "\n" + goodResource[:30], "x: line 2: the line breaks off: the file ends before its trailer" + again},
	{"broken_trailer", joined(goodHeader, goodResource, goodCoverage) + goodEnd[:20], "x: line 4: the line breaks off: the file ends before its trailer" + again},
	{"resources_disagree", joined(goodHeader, goodResource, goodResource, goodCoverage, goodEnd), "x: line 5: the trailer counts 1 resources and 1 coverage lines, the file holds 2 and 1" + again},
	{"coverage_disagrees", joined(goodHeader, goodResource, goodEnd), "x: line 3: the trailer counts 1 resources and 1 coverage lines, the file holds 1 and 0" + again},
	{"narrowed", header(`{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","scope":{"narrowed":1}}}`), "x: line 1: not JSON at byte 74: want false, got '1'" + again},
	{"account_list", header(`{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","scope":{"accounts":[7]}}}`), "x: line 1: not JSON at byte 75: want a string, got '7'" + again},
	{"after_trailer", inFile(goodResource) + goodResource + "\n", "x: line 5: something stands after the trailer" + again},
	{"blank_after_trailer", inFile(goodResource) + "\n", "x: line 5: something stands after the trailer" + again},
	{"tail_after_trailer", inFile(goodResource) + " ", "x: line 5: something stands after the trailer" + again},
	{"second_trailer", inFile(goodResource) + goodEnd + "\n", "x: line 5: something stands after the trailer" + again},
	{"trailer_without_counts", joined(goodHeader, `{"end":{"resources":0}}`), "x: line 2: a trailer without its counts" + again},
	{"trailer_null", joined(goodHeader, `{"end":{"resources":0,"coverage":null}}`), "x: line 2: a trailer without its counts" + again},
	{"trailer_negative", joined(goodHeader, `{"end":{"resources":-1,"coverage":0}}`), "x: line 2: not JSON at byte 21: want a whole number, got '-'" + again},
	{"second_header", inFile(goodHeader), "x: line 2: a second header" + again},
	{"unknown_line", inFile(`{"verdict":{}}`), `x: line 2: unknown kind of line "verdict", want resource, coverage or end` + newer},
	{"empty_object", inFile(`{}`), `x: line 2: unknown kind of line "", want resource, coverage or end` + newer},
	{"empty_line", inFile(``), "x: line 2: an empty line" + again},
	{"no_object", inFile(`[]`), "x: line 2: not JSON at byte 1: want an object, got '['" + again},
	{"two_names", inFile(`{"resource":{"id":"a","kind":"b"},"coverage":{}}`), `x: line 2: resource "a": "coverage" stands beside the only name of the line` + again},
	{"after_object", inFile(goodResource + "}"), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 56: want the end of the line, got '}'` + again},
	{"not_utf8", resource("\"name\":\"\xff\""), "x: line 2: not UTF-8" + again},
	{"header_not_utf8", header("{\"snapshot\":{\"tool\":\"\xff\"}}"), "x: line 1: not UTF-8" + again},

	{"schema", header(`{"snapshot":{"schema":2,"run":7}}`), "x: line 1: schema 2, this version of domicile reads 1" + newer},
	{"no_schema", header(`{"snapshot":{"run":"2026-11-23T02:00:00Z"}}`), "x: line 1: a header without schema" + again},
	{"no_run", header(`{"snapshot":{"schema":1}}`), "x: line 1: a header without run, the time of the observation" + again},
	{"bad_run", header(`{"snapshot":{"schema":1,"run":"yesterday"}}`), `x: line 1: run is "yesterday", want a time like "2026-11-23T02:00:00Z"` + again},
	{"scope_without_accounts", header(`{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","scope":{"regions":[],"scanners":{}}}}`), "x: line 1: a scope without accounts" + again},
	{"scope_of_scanner", header(`{"snapshot":{"schema":1,"run":"2026-11-23T02:00:00Z","scope":{"accounts":[],"regions":[],"scanners":{"s3":"local"}}}}`), `x: line 1: scope of scanner "s3" is "local", want "regional" or "global"` + again},
	{"header_twice", header(`{"snapshot":{"schema":1,"schema":1}}`), `x: line 1: "schema" stands twice in one object` + again},

	{"no_id", inFile(`{"resource":{"kind":"s3.bucket"}}`), "x: line 2: a resource without id" + again},
	{"null_id", inFile(`{"resource":{"id":null,"kind":"s3.bucket"}}`), "x: line 2: a resource without id" + again},
	{"null_resource", inFile(`{"resource":null}`), "x: line 2: not JSON at byte 13: want an object, got 'n'" + again},
	{"no_kind", inFile(`{"resource":{"id":"a"}}`), `x: line 2: resource "a": no kind` + again},
	{"number_as_id", inFile(`{"resource":{"id":7,"kind":"s3.bucket"}}`), "x: line 2: not JSON at byte 19: want a string, got '7'" + again},
	{"role", resource(`"placements":[{"role":"primary"},{"role":"primry"}]`), `x: line 2: resource "arn:aws:s3:::a": placement 2: unknown role "primry", want one of ` + roles + again},
	{"no_role", resource(`"placements":[{"region":"eu-west-1"}]`), `x: line 2: resource "arn:aws:s3:::a": placement 1: no role` + again},
	{"source_role", resource(`"sources":[{"role":"primry"}]`), `x: line 2: resource "arn:aws:s3:::a": source 1: unknown role "primry", want one of ` + roles + again},
	{"null_placement", resource(`"placements":[null]`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 69: want an object, got 'n'` + again},
	{"placements_object", resource(`"placements":{}`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 68: want a list, got '{'` + again},
	{"placements_twice", resource(`"placements":[{"role":"replica"}],"placements":[]`), `x: line 2: resource "arn:aws:s3:::a": "placements" stands twice in one object` + again},
	{"escaped_twice", resource(`"placements":null,"pl\u0061cements":[]`), `x: line 2: resource "arn:aws:s3:::a": "placements" stands twice in one object` + again},
	{"role_twice", resource(`"placements":[{"role":"key","role":"primary"}]`), `x: line 2: resource "arn:aws:s3:::a": "role" stands twice in one object` + again},
	{"tag_twice", resource(`"tags":{"a":"1","a":"2"}`), `x: line 2: resource "arn:aws:s3:::a": "a" stands twice in one object` + again},
	{"tag_null", resource(`"tags":{"a":null}`), `x: line 2: resource "arn:aws:s3:::a": "a" is null, want a string` + again},
	{"fact_twice", resource(`"facts":{"a":{"b":1,"b":2}}`), `x: line 2: resource "arn:aws:s3:::a": "b" stands twice in one object` + again},
	{"unknown_twice", resource(`"new":1,"new":2`), `x: line 2: resource "arn:aws:s3:::a": "new" stands twice in one object` + again},
	{"inside_unknown_twice", resource(`"new":[{"a":1,"a":2}]`), `x: line 2: resource "arn:aws:s3:::a": "a" stands twice in one object` + again},
	{"many_twice", resource(`"facts":{"1":1,"2":1,"3":1,"4":1,"5":1,"6":1,"7":1,"8":1,"9":1,"10":1,"11":1,"12":1,"13":1,"14":1,"15":1,"16":1,"17":1,"18":1,"3":1}`), `x: line 2: resource "arn:aws:s3:::a": "3" stands twice in one object` + again},
	{"facts_list", resource(`"facts":[]`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 63: want an object, got '['` + again},
	{"number_range", resource(`"facts":{"a":1e999}`), `x: line 2: resource "arn:aws:s3:::a": a number beyond the range of a double: "1e999"` + again},
	{"number_zero", resource(`"facts":{"a":01}`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 69: want a comma or }, got '1'` + again},
	{"literal", resource(`"facts":{"a":nul}`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 68: want null, got 'n'` + again},
	{"control_character", resource("\"name\":\"a\tb\""), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 64: want no control character in a string, got '\t'` + again},
	{"escape", resource(`"name":"\q"`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 63: want an escape, got '\\'` + again},
	{"comma", resource(`"name":"a",`), `x: line 2: resource "arn:aws:s3:::a": not JSON at byte 66: want a string, got '}'` + again},
	{"open_string", inFile(`{"resource":{"id":"a`), `x: line 2: not JSON: want the end of a string, the line ends` + again},
	{"deep", resource(`"facts":{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}"), `x: line 2: resource "arn:aws:s3:::a": nested deeper than 64` + again},
	{"very_deep", resource(`"new":` + strings.Repeat("[", 1<<20)), `x: line 2: resource "arn:aws:s3:::a": nested deeper than 64` + again},

	{"complete_with_gaps", coverage(strings.Replace(goodCoverage, `[]`, `[{"call":"ListBuckets","class":"denied"}]`, 1)), `x: line 3: coverage of "s3" in account "", region "global": complete, and has gaps` + again},
	{"status", coverage(strings.Replace(goodCoverage, `complete`, `Complete`, 1)), `x: line 3: coverage of "s3" in account "", region "global": unknown status "Complete", want one of complete, partial, denied, disabled, unsupported, failed` + again},
	{"class", coverage(strings.Replace(strings.Replace(goodCoverage, `[]`, `[{"call":"ListBuckets","class":"refused"}]`, 1), `complete`, `partial`, 1)), `x: line 3: coverage of "s3" in account "", region "global": gap 1: unknown class "refused", want one of denied, throttled, unimplemented, unreachable, server_error, malformed, cancelled, unresolved, not_found, mismatch` + again},
	{"no_call", coverage(strings.Replace(strings.Replace(goodCoverage, `[]`, `[{"class":"denied"}]`, 1), `complete`, `partial`, 1)), `x: line 3: coverage of "s3" in account "", region "global": gap 1: no call` + again},
	{"no_gaps", coverage(strings.Replace(goodCoverage, `,"gaps":[]`, ``, 1)), "x: line 3: a coverage line without gaps" + again},
	{"null_gaps", coverage(strings.Replace(goodCoverage, `[]`, `null`, 1)), "x: line 3: a coverage line without gaps" + again},
	{"no_account", coverage(strings.Replace(goodCoverage, `"account":"",`, ``, 1)), "x: line 3: a coverage line without account" + again},
	{"no_scanner", coverage(strings.Replace(goodCoverage, `"scanner":"s3",`, ``, 1)), "x: line 3: a coverage line without scanner" + again},
	{"fraction", coverage(strings.Replace(goodCoverage, `:1,`, `:1.5,`, 1)), "x: line 3: not JSON at byte 92: want a whole number, got '1'" + again},
}

func TestCorrupt(t *testing.T) {
	if _, err := readText(inFile(goodResource)); err != nil {
		t.Fatalf("the file that the others are made from: %v", err)
	}
	for _, c := range corrupt {
		t.Run(c.name, func(t *testing.T) {
			_, err := readText(c.text)
			if err == nil {
				t.Fatal("read without an error")
			}
			if err.Error() != c.want {
				t.Errorf("\ngot  %s\nwant %s", err, c.want)
			}
			var placed *Error
			if strings.Contains(err.Error(), "\n") || !errors.As(err, &placed) {
				t.Errorf("want one line of type *Error, got %T %q", err, err)
			}
			if _, err := readText(packed(t, c.text)); c.text != "" && err == nil {
				t.Error("read without an error when compressed")
			}
		})
	}
}

// packed is text as a zstd file.
func packed(tb testing.TB, text string) string {
	tb.Helper()
	var b bytes.Buffer
	e, err := newEncoder(&b)
	if err != nil {
		tb.Fatal(err)
	}
	if _, err := e.Write([]byte(text)); err != nil {
		tb.Fatal(err)
	}
	if err := e.Close(); err != nil {
		tb.Fatal(err)
	}
	return b.String()
}

// Every beginning of a file is refused; only the last line end may be missing.
func TestTruncated(t *testing.T) {
	plain := joined(goodHeader, goodResource, goodCoverage, goodEnd)
	for _, whole := range []string{plain, packed(t, plain)} {
		if _, err := readText(whole); err != nil {
			t.Fatal(err)
		}
		for n := range len(whole) {
			_, err := readText(whole[:n])
			if whole == plain && n == len(plain)-1 {
				if err != nil {
					t.Errorf("without the last line end: %v", err)
				}
				continue
			}
			if err == nil {
				t.Errorf("the first %d of %d bytes were read", n, len(whole))
			}
		}
	}
}

func TestDamagedCompression(t *testing.T) {
	whole := packed(t, joined(goodHeader, goodResource, goodCoverage, goodEnd))
	damaged := []byte(whole)
	damaged[len(damaged)-1] ^= 0xff // the checksum
	for _, text := range []string{string(damaged), whole + "x", whole + whole} {
		if _, err := readText(text); err == nil {
			t.Errorf("read %q", text)
		}
	}
	_, err := readText(whole[:len(whole)-3])
	want := "x: line 1: the compressed data is damaged or cut off (unexpected EOF)" + again
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// A file may not ask for more memory than that of zstd -19.
func TestLargeWindow(t *testing.T) {
	for size, want := range map[int]string{8 << 20: "", 16 << 20: "x: line 1: compressed with a window of more than 8 MiB; compress it again with zstd -19 or less, without --long"} {
		var b bytes.Buffer
		e, err := zstd.NewWriter(&b, zstd.WithWindowSize(size))
		if err != nil {
			t.Fatal(err)
		}
		writeSynth(t, e, 60_000) // more than a window, or the frame would not need it
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
		_, err = readText(b.String())
		if got := fmt.Sprint(err); err != nil && got != want || err == nil && want != "" {
			t.Errorf("window of %d: got %v, want %s", size, err, want)
		}
	}
}

func TestLongLine(t *testing.T) {
	line := func(n int) string {
		text := resource(`"name":""`)
		rest := n - len(strings.Split(text, "\n")[1])
		return resource(`"name":"` + strings.Repeat("a", rest) + `"`)
	}
	if _, err := readText(line(MaxLine)); err != nil {
		t.Errorf("the longest line: %v", err)
	}
	want := "x: line 2: longer than 16 MiB; split or shorten it"
	for _, text := range []string{line(MaxLine + 1), line(MaxLine + 1<<20), packed(t, line(MaxLine+1))} {
		if _, err := readText(text); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func TestOpenErrors(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "missing.ndjson")
	locked := filepath.Join(dir, "snapshot.ndjson.zst", "inner")
	odd := filepath.Join(dir, "odd\nname")
	for _, c := range []struct{ path, want string }{
		{missing, missing + ": no such file or directory; name a snapshot file or a run folder"},
		{dir, dir + ": a folder without snapshot.ndjson.zst or snapshot.ndjson; name a snapshot file or a run folder"},
		{odd, `"` + dir + `/odd\nname": no such file or directory; name a snapshot file or a run folder`},
	} {
		_, err := Open(c.path)
		if err == nil || err.Error() != c.want || !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
	if err := os.MkdirAll(locked, 0o755); err != nil {
		t.Fatal(err)
	}
	want := filepath.Dir(locked) + ": not a regular file; a snapshot file is read more than once; save it to a file first"
	if _, err := Open(dir); err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}
