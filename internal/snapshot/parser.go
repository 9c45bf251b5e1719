package snapshot

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// parser walks over the JSON of one line. The first error stays, and moves the position to the end, so that callers may go on
// and look at it once. Strings are parts of the text unless they hold escapes.
type parser struct {
	text  string
	pos   int
	depth int
	err   error
	names []string // those seen in the open objects, for duplicates
}

func (p *parser) reset(text string) {
	p.text, p.pos, p.depth, p.err, p.names = text, 0, 0, nil, p.names[:0]
}

// stop records an error of meaning.
func (p *parser) stop(err error) {
	if p.err == nil {
		p.err = err
	}
	p.pos = len(p.text)
}

// broken records an error of syntax at the present position.
func (p *parser) broken(want string) {
	if p.err != nil {
		return
	}
	if p.pos >= len(p.text) {
		p.stop(fmt.Errorf("not JSON: want %s, the line ends", want))
		return
	}
	r, _ := utf8.DecodeRuneInString(p.text[p.pos:])
	p.stop(fmt.Errorf("not JSON at byte %d: want %s, got %q", p.pos+1, want, r))
}

// peek is the next byte that is not blank, 0 at the end.
func (p *parser) peek() byte {
	for ; p.pos < len(p.text); p.pos++ {
		if c := p.text[p.pos]; c > ' ' || c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return c
		}
	}
	return 0
}

// enter opens an object and gives the first name in it; false if there is none.
func (p *parser) enter() (string, bool) {
	if p.peek() != '{' {
		p.broken("an object")
		return "", false
	}
	if !p.open() {
		return "", false
	}
	if p.peek() == '}' {
		p.shut()
		return "", false
	}
	return p.name()
}

// next gives the next name in the object; false at its end.
func (p *parser) next() (string, bool) {
	switch p.peek() {
	case ',':
		p.pos++
		p.peek()
		return p.name()
	case '}':
		p.shut()
	default:
		p.broken("a comma or }")
	}
	return "", false
}

func (p *parser) name() (string, bool) {
	name := p.string()
	if p.peek() != ':' {
		p.broken("a colon")
		return "", false
	}
	p.pos++
	return name, p.err == nil
}

// enterList opens a list; false if it is empty.
func (p *parser) enterList() bool {
	if p.peek() != '[' {
		p.broken("a list")
		return false
	}
	if !p.open() {
		return false
	}
	if p.peek() == ']' {
		p.shut()
		return false
	}
	return true
}

// nextElement goes on to the next element; false at the end of the list.
func (p *parser) nextElement() bool {
	switch p.peek() {
	case ',':
		p.pos++
		return true
	case ']':
		p.shut()
	default:
		p.broken("a comma or ]")
	}
	return false
}

func (p *parser) open() bool {
	p.pos++
	if p.depth++; p.depth > maxDepth {
		p.stop(fmt.Errorf("nested deeper than %d", maxDepth))
		return false
	}
	return true
}

func (p *parser) shut() {
	p.pos++
	p.depth--
}

// end checks that nothing follows.
func (p *parser) end() {
	if p.err == nil && (p.peek() != 0 || p.pos < len(p.text)) {
		p.broken("the end of the line")
	}
}

// null takes a null if one stands there.
func (p *parser) null() bool {
	if p.peek() != 'n' {
		return false
	}
	p.word("null")
	return p.err == nil
}

func (p *parser) word(w string) {
	if !strings.HasPrefix(p.text[p.pos:], w) {
		p.broken(w)
		return
	}
	p.pos += len(w)
}

func (p *parser) string() string {
	if p.pos >= len(p.text) || p.text[p.pos] != '"' {
		p.broken("a string")
		return ""
	}
	start := p.pos + 1
	end := plainEnd(p.text, start)
	if end < len(p.text) && p.text[end] == '"' {
		p.pos = end + 1
		return p.text[start:end]
	}
	return p.unescaped(start, end)
}

// unescaped reads a string that holds escapes, from end on.
func (p *parser) unescaped(start, end int) string {
	var b []byte
	for {
		b = append(b, p.text[start:end]...)
		p.pos = end
		switch {
		case end == len(p.text):
			p.broken("the end of a string")
			return ""
		case p.text[end] == '"':
			p.pos++
			return string(b)
		case p.text[end] != '\\':
			p.broken("no control character in a string")
			return ""
		}
		var ok bool
		if b, ok = p.escape(b); !ok {
			p.broken("an escape")
			return ""
		}
		start = p.pos
		end = plainEnd(p.text, start)
	}
}

// escape appends the character of the escape at the position. Half a surrogate pair becomes U+FFFD, as in encoding/json.
func (p *parser) escape(b []byte) ([]byte, bool) {
	if p.pos+1 >= len(p.text) {
		return b, false
	}
	c := p.text[p.pos+1]
	if i := strings.IndexByte(`"\/bfnrt`, c); i >= 0 {
		p.pos += 2
		return append(b, "\"\\/\b\f\n\r\t"[i]), true
	}
	r, ok := p.unit()
	if !ok {
		return b, false
	}
	p.pos += 6
	if utf16.IsSurrogate(r) {
		second, _ := p.unit()
		if r = utf16.DecodeRune(r, second); r != utf8.RuneError {
			p.pos += 6
		}
	}
	return utf8.AppendRune(b, r), true
}

// unit is the UTF-16 unit of the \u escape at the position.
func (p *parser) unit() (rune, bool) {
	if p.pos+6 > len(p.text) || p.text[p.pos:p.pos+2] != `\u` {
		return 0, false
	}
	n, err := strconv.ParseUint(p.text[p.pos+2:p.pos+6], 16, 16)
	return rune(n), err == nil
}
