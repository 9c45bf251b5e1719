package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Error is a refusal with its place. Its text is one line: place, what is wrong, cure.
type Error struct {
	File    string
	Line    int // from 1
	Column  int // from 1, in characters
	Problem string
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Column, e.Problem)
}

// reader carries the first refusal, so that the code that reads need not ask after every value. After it, values are zero.
type reader struct {
	file    string
	start   string // what such a file begins with, for messages
	shipped map[string]residency.Zone
	err     *Error
}

func (r *reader) fail(at place, format string, args ...any) {
	if r.err == nil {
		r.err = &Error{File: r.file, Line: at.line, Column: at.column, Problem: fmt.Sprintf(format, args...)}
	}
}

// fields is a mapping whose keys are known and not repeated.
type fields struct {
	place
	r  *reader
	of map[string]value
}

// fields reads v, the value of name, as a mapping with no other keys than known.
func (r *reader) fields(v value, name string, known ...string) fields {
	f := fields{place: v.place, r: r, of: make(map[string]value, len(v.pairs))}
	if v.kind != mappingKind {
		r.wrongType(v, name, "a mapping", "write {"+strings.Join(known, ": …, ")+": …}")
		return f
	}
	r.unique(v)
	for _, p := range v.pairs {
		if !slices.Contains(known, p.key.text) {
			r.unknownKey(p.key, known)
			return f
		}
		f.of[p.key.text] = p.value
	}
	return f
}

// unique refuses a key that a mapping repeats.
func (r *reader) unique(v value) {
	lines := make(map[string]int, len(v.pairs))
	for _, p := range v.pairs {
		if line, ok := lines[p.key.text]; ok {
			r.fail(p.key.place, "duplicate key %s: it is in line %d already; keep one of them", quoted(p.key.text), line)
			return
		}
		lines[p.key.text] = p.key.line
	}
}

func (r *reader) unknownKey(key value, known []string) {
	if meant := nearest(key.text, known); meant != "" {
		r.fail(key.place, "unknown key %s: did you mean %q?", quoted(key.text), meant)
		return
	}
	r.fail(key.place, "unknown key %s: use %s", quoted(key.text), oneOf(known))
}

func (r *reader) wrongType(v value, name, want, cure string) {
	if v.kind == nullKind {
		r.fail(v.place, "%s has no value: give it one", name)
		return
	}
	r.fail(v.place, "%s must be %s, not %s: %s", name, want, v.kind, cure)
}

// has reports whether the key is there, even if it has no value.
func (f fields) has(key string) bool {
	_, ok := f.of[key]
	return ok
}

// need refuses a mapping, called what in the message, that lacks one of the keys.
func (f fields) need(what string, keys ...string) {
	for _, k := range keys {
		if !f.has(k) {
			f.r.fail(f.place, "%s has no %q: add it", what, k)
		}
	}
}

// text reads a string that is not blank; empty when the key is absent.
func (f fields) text(key string) string {
	v, ok := f.of[key]
	if !ok {
		return ""
	}
	return f.r.text(v, strconv.Quote(key))
}

func (r *reader) text(v value, name string) string {
	s := r.anyText(v, name)
	if v.kind == textKind && strings.TrimSpace(s) == "" {
		r.fail(v.place, "%s is blank: give it a value", name)
	}
	return s
}

// anyText reads a string that may be blank.
func (r *reader) anyText(v value, name string) string {
	switch v.kind {
	case textKind:
		return v.text
	case numberKind, boolKind:
		r.wrongType(v, name, "a string", "quote it")
	default:
		r.wrongType(v, name, "a string", "write one value")
	}
	return ""
}

// flag reads true or false; otherwise is the value of an absent key.
func (f fields) flag(key string, otherwise bool) bool {
	v, ok := f.of[key]
	if !ok {
		return otherwise
	}
	if v.kind != boolKind {
		f.r.wrongType(v, strconv.Quote(key), "true or false", "write one of them, without quotes")
	}
	return v.text == "true"
}

// count reads a positive whole number; 0 when the key is absent.
func (f fields) count(key string) int {
	v, ok := f.of[key]
	if !ok {
		return 0
	}
	if v.kind != numberKind {
		f.r.wrongType(v, strconv.Quote(key), "a number", "write a whole number, without quotes")
		return 0
	}
	n, err := strconv.Atoi(v.text)
	if err != nil || n < 1 {
		f.r.fail(v.place, "%q is %s: write a whole number from 1", key, clip(v.text))
	}
	return n
}

// duration reads a length of time such as 15m; 0 when the key is absent.
func (f fields) duration(key string) time.Duration {
	s := f.text(key)
	if s == "" {
		return 0
	}
	d, err := time.ParseDuration(s)
	if err != nil || d < 0 {
		f.r.fail(f.of[key].place, "%q is %s: write a length of time such as 15m or 1h", key, quoted(s))
	}
	return d
}

// list reads a list; nil when the key is absent.
func (f fields) list(key, example string) []value {
	v, ok := f.of[key]
	if !ok {
		return nil
	}
	if v.kind != listKind {
		f.r.wrongType(v, strconv.Quote(key), "a list", "write "+example)
		return nil
	}
	return v.items
}

// filled reads a list that is not empty, where an empty one could mean nothing or everything.
func (f fields) filled(key, example string) []value {
	items := f.list(key, example)
	if v, ok := f.of[key]; ok && len(items) == 0 {
		f.r.fail(v.place, "%q is an empty list: leave it out, or write %s", key, example)
	}
	return items
}

// texts reads a list of strings that are not blank.
func (f fields) texts(key, example string) []string {
	var out []string
	for _, v := range f.list(key, example) {
		out = append(out, f.r.text(v, "an item of "+strconv.Quote(key)))
	}
	return out
}

// once refuses the second use of an id in a list; seen maps the ids to their lines.
func (r *reader) once(seen map[string]int, id string, at place, what string) {
	if line, ok := seen[id]; ok {
		r.fail(at, "%s %s is listed twice: it is in line %d already; keep one of them", what, quoted(id), line)
	}
	seen[id] = at.line
}

// oneOf lists names for a message.
func oneOf(names []string) string {
	q := make([]string, len(names))
	for i, n := range names {
		q[i] = quoted(n)
	}
	if len(q) < 2 {
		return strings.Join(q, "")
	}
	return strings.Join(q[:len(q)-1], ", ") + " or " + q[len(q)-1]
}

// quoted is s as a message shows it: short, in quotes, nothing unprintable.
func quoted(s string) string { return strconv.Quote(clip(s)) }

// clip keeps a message readable when the file is not.
func clip(s string) string {
	const most = 80
	if c := []rune(s); len(c) > most {
		return string(c[:most]) + "…"
	}
	return s
}

// oneLine replaces what a terminal would not print.
func oneLine(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return ' '
	}, s)
}
