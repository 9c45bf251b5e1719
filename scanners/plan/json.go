package plan

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// maxDepth bounds how deep objects and lists may lie in each other: far more than any provider's schema.
const maxDepth = 200

var errDepth = errors.New("objects and lists lie more than 200 deep in each other")

// decoder reads JSON from a stream. A name that stands twice is taken as encoding/json takes it: the last one counts.
func decoder(r io.Reader) *jsontext.Decoder {
	return jsontext.NewDecoder(r, decoding...)
}

var decoding = []jsontext.Options{jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true)}

// members calls do for each member of the object that comes next; do reads the value. null is an object without members.
func members(d *jsontext.Decoder, do func(name string) error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if kind := d.PeekKind(); kind != '{' {
		if kind == 0 {
			_, err := d.ReadToken()
			return err
		}
		return fmt.Errorf("%s where an object belongs, at byte %d", kind, d.InputOffset())
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != '}' {
		name, err := d.ReadToken()
		if err != nil {
			return err
		}
		if err := do(name.String()); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// items calls do for each item of the list that comes next; do reads it. null is an empty list.
func items(d *jsontext.Decoder, do func() error) error {
	if d.PeekKind() == 'n' {
		return d.SkipValue()
	}
	if kind := d.PeekKind(); kind != '[' {
		if kind == 0 {
			_, err := d.ReadToken()
			return err
		}
		return fmt.Errorf("%s where a list belongs, at byte %d", kind, d.InputOffset())
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for d.PeekKind() != ']' {
		if err := do(); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// word reads a string; anything else is skipped and "".
func word(d *jsontext.Decoder) (string, error) {
	if d.PeekKind() != '"' {
		return "", d.SkipValue()
	}
	tok, err := d.ReadToken()
	if err != nil {
		return "", err
	}
	return tok.String(), nil
}

// words reads a list of strings.
func words(d *jsontext.Decoder) (all []string, err error) {
	err = items(d, func() error {
		s, err := word(d)
		all = append(all, s)
		return err
	})
	return all, err
}

// tokened reads a JSON text in which tokens stand, escaped.
func tokened(s string) (Value, error) {
	d := decoder(strings.NewReader(s))
	v, err := anything(d, func(s string) string { return s })
	if err == nil && d.PeekKind() != 0 {
		err = errors.New("more than one JSON value")
	}
	return v, err
}

// value reads whatever comes next.
func value(d *jsontext.Decoder) (Value, error) { return anything(d, clean) }

func anything(d *jsontext.Decoder, text func(string) string) (Value, error) {
	if d.StackDepth() > maxDepth {
		return Value{}, errDepth
	}
	switch d.PeekKind() {
	case '{':
		v := Value{kind: object, fields: map[string]Value{}}
		err := members(d, func(name string) error {
			member, err := anything(d, text)
			v.fields[name] = member
			return err
		})
		return v, err
	case '[':
		v := Value{kind: list}
		err := items(d, func() error {
			item, err := anything(d, text)
			v.list = append(v.list, item)
			return err
		})
		return v, err
	case 'n':
		return Value{}, d.SkipValue()
	}
	tok, err := d.ReadToken()
	if err != nil {
		return Value{}, err
	}
	return textOf(text(tok.String())), nil
}
