package snapshot

import (
	"errors"
	"fmt"
	"time"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var headerFields = [...]string{"schema", "run", "tool", "partition", "scope"}

// decodeHeader decodes the first line of a snapshot.
func decodeHeader(line string) (residency.Header, error) {
	var h residency.Header
	var run string
	p := parser{text: line}
	p.sole("snapshot")
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(headerFields[:], name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case 0:
			h.Schema = p.count()
		case 1:
			run = p.string()
		case 2:
			h.Tool = p.string()
		case 3:
			h.Partition = p.string()
		case 4:
			h.Scope = p.scope()
		}
	}
	p.done(&f)
	p.leave()
	switch {
	case f.has(0) && h.Schema != residency.SchemaVersion: // first: a later format may differ in all else
		return h, cure(cureVersion, "schema %d, this version of domicile reads %d", h.Schema, residency.SchemaVersion)
	case p.err != nil:
		return h, p.err
	case !f.has(0):
		return h, errors.New("a header without schema")
	case !f.has(1):
		return h, errors.New("a header without run, the time of the observation")
	}
	var err error
	h.Run, err = runTime(run)
	return h, err
}

func runTime(text string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, text)
	if err == nil {
		t = t.UTC()
	}
	if err != nil || t.Year() < 1 || t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("run is %s, want a time like \"2026-11-23T02:00:00Z\"", short(text))
	}
	return t, nil
}

var scopeFields = [...]string{"accounts", "regions", "scanners", "organization_accounts", "narrowed", "inputs"}

func (p *parser) scope() *residency.Scope {
	s := &residency.Scope{}
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(scopeFields[:], name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case 0:
			s.Accounts = p.strings()
		case 1:
			s.Regions = p.strings()
		case 2:
			s.Scanners = map[string]string{}
			p.texts(s.Scanners)
		case 3:
			s.OrganizationAccounts = p.strings()
		case 4:
			s.Narrowed = p.truth()
		case 5:
			s.Inputs = p.strings()
		}
	}
	p.done(&f)
	for bit := range uint(3) {
		if !f.has(bit) && p.err == nil {
			p.stop(fmt.Errorf("a scope without %s", scopeFields[bit]))
		}
	}
	for _, name := range sortedKeys(s.Scanners) {
		if v := s.Scanners[name]; v != residency.ScopeRegional && v != residency.ScopeGlobal {
			p.stop(fmt.Errorf("scope of scanner %s is %s, want %q or %q", short(name), short(v), residency.ScopeRegional, residency.ScopeGlobal))
		}
	}
	return s
}

// strings reads a list of strings; it is never nil.
func (p *parser) strings() []string {
	list := []string{}
	for ok := p.enterList(); ok; ok = p.nextElement() {
		p.peek()
		list = append(list, p.string())
		if p.err != nil {
			break
		}
	}
	return list
}

func (p *parser) truth() bool {
	if p.peek() == 't' {
		p.word("true")
		return true
	}
	p.word("false")
	return false
}

// trailer is what the last line counts.
type trailer struct{ resources, coverage int }

func decodeTrailer(line string) (trailer, error) {
	var t trailer
	p := parser{text: line}
	p.sole("end")
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		switch name {
		case "resources":
			if p.field(&f, 0, name) {
				t.resources = p.count()
			}
		case "coverage":
			if p.field(&f, 1, name) {
				t.coverage = p.count()
			}
		default:
			p.unknown(&f, name)
		}
	}
	p.done(&f)
	p.leave()
	if p.err == nil && !(f.has(0) && f.has(1)) {
		p.stop(errors.New("a trailer without its counts"))
	}
	return t, p.err
}
