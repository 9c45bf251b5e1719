package config

import (
	"bytes"
	"errors"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

type kind string

// The kinds of a value, worded for messages.
const (
	mappingKind kind = "a mapping"
	listKind    kind = "a list"
	textKind    kind = "a string"
	numberKind  kind = "a number"
	boolKind    kind = "true or false"
	nullKind    kind = "empty"
)

// place is a line and a column, both from 1; columns count characters.
type place struct{ line, column int }

// value is a YAML node stripped of everything the configuration does not use.
type value struct {
	place
	kind  kind
	text  string // a scalar's content; a number's is as written
	plain bool   // a scalar without quotes
	pairs []pair // a mapping's, in file order, duplicates included
	items []value
}

type pair struct {
	key   value // textKind or numberKind
	value value
}

// document parses data into its root value, or reports why it is no single plain YAML document.
func (r *reader) document(data []byte) value {
	text := r.decodeText(data)
	if r.err != nil {
		return value{}
	}
	tokens := lexer.Tokenize(text)
	if r.screen(tokens); r.err != nil {
		return value{}
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey()) // the reader has the better words for duplicates
	if err != nil {
		r.syntax(err)
		return value{}
	}
	var bodies []ast.Node
	for _, d := range file.Docs {
		if d.Body != nil && d.Body.Type() != ast.NullType {
			bodies = append(bodies, d.Body)
		}
	}
	switch {
	case len(bodies) == 0:
		r.fail(place{1, 1}, "the file is empty: start with %s, or let %q write it", r.start, "domicile init")
		return value{}
	case len(bodies) > 1:
		r.fail(tokenPlace(firstToken(bodies[1])), "a second YAML document starts here: keep one and drop the other, with its ---")
	}
	return r.convert(bodies[0])
}

// decodeText returns data as UTF-8 with line feeds, without a byte order mark.
func (r *reader) decodeText(data []byte) string {
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		r.fail(place{1, 1}, "the file is UTF-16: save it as UTF-8")
		return ""
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	at := place{1, 1}
	for rest := data; len(rest) > 0; {
		c, size := utf8.DecodeRune(rest)
		switch {
		case c == utf8.RuneError && size == 1:
			r.fail(at, "not UTF-8: save the file as UTF-8")
			return ""
		case c == 0:
			r.fail(at, "a NUL byte, as in UTF-16: save the file as UTF-8")
			return ""
		case c == '\r':
			r.fail(at, "a lone carriage return: end lines with a line feed")
			return ""
		case c == '\n':
			at = place{at.line + 1, 0}
		case forbidden(c):
			r.fail(at, "the control character %U: remove it", c)
			return ""
		}
		at.column++
		rest = rest[size:]
	}
	return string(data)
}

// forbidden characters could hide a part of the file from its reader, or break a message into lines.
func forbidden(c rune) bool {
	return unicode.IsControl(c) && c != '\t' && c != '\n' || c == '\u2028' || c == '\u2029' || c == '\ufeff'
}

// invalid is a token that the lexer could not read, in the shape of the parser's errors.
type invalid struct{ token *token.Token }

func (i *invalid) Error() string          { return i.token.Error }
func (i *invalid) GetMessage() string     { return i.token.Error }
func (i *invalid) GetToken() *token.Token { return i.token }

// syntax reports the parser's complaint in one line, with a cure.
func (r *reader) syntax(err error) {
	at, message := place{1, 1}, err.Error()
	var placed interface {
		GetMessage() string
		GetToken() *token.Token
	}
	if errors.As(err, &placed) {
		message = placed.GetMessage()
		if t := placed.GetToken(); t != nil {
			at = tokenPlace(t)
		}
	}
	cure := "check indentation, colons and quotes here and in the line above"
	switch {
	case strings.Contains(message, "\t"):
		message, cure = "a tab", "indent with spaces"
	case strings.Contains(message, "-quoted text"):
		cure = "close the quote"
	case strings.Contains(message, "end token"), strings.Contains(message, "must be specified"):
		cure = "close the bracket"
	case strings.Contains(message, "reserved character"):
		cure = "quote the value"
	}
	r.fail(at, "not valid YAML: %s: %s", clip(oneLine(message)), cure)
}

func (r *reader) convert(n ast.Node) value {
	v := value{place: tokenPlace(firstToken(n))}
	switch n := n.(type) {
	case *ast.MappingNode:
		v.kind = mappingKind
		for _, p := range n.Values {
			v.pairs = append(v.pairs, r.convertPair(p))
		}
	case *ast.MappingValueNode:
		v.kind, v.pairs = mappingKind, []pair{r.convertPair(n)}
	case *ast.SequenceNode:
		v.kind = listKind
		for _, item := range n.Values {
			v.items = append(v.items, r.convert(item))
		}
	case *ast.StringNode:
		v.kind, v.text, v.plain = textKind, n.Value, n.Token.Type == token.StringType
	case *ast.LiteralNode:
		v.kind, v.text = textKind, n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		v.kind, v.text, v.plain = numberKind, n.GetToken().Value, true
	case *ast.BoolNode:
		v.kind, v.text, v.plain = boolKind, strings.ToLower(n.Token.Value), true
	case *ast.NullNode:
		v.kind = nullKind
	default:
		r.fail(v.place, "not a value of a configuration: write a mapping, a list, a string, a number, true or false")
	}
	if i := strings.IndexFunc(v.text, forbidden); i >= 0 {
		c, _ := utf8.DecodeRuneInString(v.text[i:])
		r.fail(v.place, "the string holds the control character %U: remove it", c)
	}
	return v
}

func (r *reader) convertPair(n *ast.MappingValueNode) pair {
	key := r.convert(n.Key)
	if key.kind != textKind && key.kind != numberKind {
		r.fail(key.place, "a key that is no string: quote it")
	}
	return pair{key, r.convert(n.Value)}
}

// firstToken is where a node begins for a reader: a mapping outside brackets begins at its first key, not at its colon.
func firstToken(n ast.Node) *token.Token {
	switch n := n.(type) {
	case *ast.MappingNode:
		if !n.IsFlowStyle && len(n.Values) > 0 {
			return firstToken(n.Values[0])
		}
	case *ast.MappingValueNode:
		return n.Key.GetToken()
	}
	return n.GetToken()
}

func tokenPlace(t *token.Token) place {
	if t == nil || t.Position == nil {
		return place{1, 1}
	}
	return place{max(t.Position.Line, 1), max(t.Position.Column, 1)}
}
