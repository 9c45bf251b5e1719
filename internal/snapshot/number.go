package snapshot

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
)

// count is a whole number that is not negative.
func (p *parser) count() int {
	p.peek()
	start := p.pos
	text := p.number()
	if p.err != nil {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || text[0] == '-' {
		p.pos = start
		p.broken("a whole number")
	}
	return n
}

// number takes a number and gives its text.
func (p *parser) number() string {
	start := p.pos
	if p.at('-') {
		p.pos++
	}
	if p.at('0') {
		p.pos++
	} else if !p.digits() {
		p.broken("a value")
		return "0"
	}
	if p.at('.') {
		p.pos++
		if !p.digits() {
			p.broken("a digit")
			return "0"
		}
	}
	if p.at('e') || p.at('E') {
		p.pos++
		if p.at('+') || p.at('-') {
			p.pos++
		}
		if !p.digits() {
			p.broken("a digit")
			return "0"
		}
	}
	return p.text[start:p.pos]
}

func (p *parser) at(c byte) bool { return p.pos < len(p.text) && p.text[p.pos] == c }

func (p *parser) digits() bool {
	start := p.pos
	for p.pos < len(p.text) && p.text[p.pos]-'0' <= 9 {
		p.pos++
	}
	return p.pos > start
}

var errRange = errors.New("a number beyond the range of a double")

func (p *parser) quantity(n numbers) any {
	text := p.number()
	if p.err != nil {
		return nil
	}
	if n == doubles {
		return p.double(text)
	}
	if hasExponent(text) || len(text) >= 300 {
		p.double(text) // the accepted numbers do not depend on what is kept of them
	}
	if n == exact {
		return json.Number(text)
	}
	return nil
}

func (p *parser) double(text string) float64 {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		p.stop(fmt.Errorf("%w: %s", errRange, short(text)))
	}
	return f
}

func hasExponent(text string) bool {
	for i := range len(text) {
		if text[i]|0x20 == 'e' {
			return true
		}
	}
	return false
}
