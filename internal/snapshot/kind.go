package snapshot

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// lineKind is what a line is, by its only name.
type lineKind int

const (
	otherLine lineKind = iota
	headerLine
	resourceLine
	coverageLine
	endLine
)

const (
	resourcePrefix = `{"resource":`
	coveragePrefix = `{"coverage":`
)

// kindOf looks at the first name of a line. The common spelling needs no parser.
func kindOf(line []byte) (lineKind, error) {
	switch {
	case bytes.HasPrefix(line, []byte(resourcePrefix)):
		return resourceLine, nil
	case bytes.HasPrefix(line, []byte(coveragePrefix)):
		return coverageLine, nil
	case len(bytes.TrimSpace(line)) == 0:
		return otherLine, errors.New("an empty line")
	}
	p := parser{text: string(line)}
	name, _ := p.enter()
	if p.err != nil {
		return otherLine, p.err
	}
	switch name {
	case "snapshot":
		return headerLine, nil
	case "resource":
		return resourceLine, nil
	case "coverage":
		return coverageLine, nil
	case "end":
		return endLine, nil
	}
	return otherLine, cure(cureVersion, "unknown kind of line %s, want resource, coverage or end", short(name))
}

// isCoverage tells the lines of a chunk apart, which are resources and coverage only.
func isCoverage(line string) bool {
	if strings.HasPrefix(line, resourcePrefix) {
		return false
	}
	if strings.HasPrefix(line, coveragePrefix) {
		return true
	}
	kind, err := kindOf([]byte(line))
	return err == nil && kind == coverageLine
}

// sole enters the object of a line and checks that its only name is the one wanted.
func (p *parser) sole(want string) {
	if strings.HasPrefix(p.text, `{"`) && strings.HasPrefix(p.text[2:], want) && strings.HasPrefix(p.text[2+len(want):], `":`) {
		p.depth = 1
		p.pos = len(want) + 4
		return
	}
	if name, _ := p.enter(); p.err == nil && name != want {
		p.stop(fmt.Errorf("want a line with %q, got %s", want, short(name)))
	}
}

// leave checks that the object of the line and the line itself end.
func (p *parser) leave() {
	if name, more := p.next(); more {
		p.stop(fmt.Errorf("%s stands beside the only name of the line", short(name)))
	}
	p.end()
}
