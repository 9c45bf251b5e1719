package snapshot

import (
	"fmt"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var coverageFields = [...]string{"scanner", "account", "region", "status", "resources", "gaps", "oracles", "not_judged", "input"}

// oldCoverage is how many of these every line has, whatever version wrote it.
const oldCoverage = 6

// decodeCoverage decodes a coverage line; what it gives shares memory with line only.
func decodeCoverage(line string) (residency.Coverage, error) {
	var c residency.Coverage
	p := parser{text: line}
	p.sole("coverage")
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(coverageFields[:], name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case 0:
			c.Scanner = p.string()
		case 1:
			c.Account = p.string()
		case 2:
			c.Region = p.string()
		case 3:
			c.Status = residency.Status(p.string())
		case 4:
			c.Resources = p.count()
		case 5:
			c.Gaps = p.gaps()
		case 6:
			c.Oracles = p.oracles()
		case 7:
			c.NotJudged = p.notJudged()
		case 8:
			c.Input = p.string()
		}
	}
	p.done(&f)
	p.leave()
	if p.err != nil {
		return c, p.err
	}
	for bit, name := range coverageFields[:oldCoverage] {
		if !f.has(uint(bit)) {
			return c, fmt.Errorf("a coverage line without %s", name)
		}
	}
	return c, checkCoverage(&c)
}

func (p *parser) gaps() []residency.Gap {
	list := []residency.Gap{}
	for ok := p.enterList(); ok; ok = p.nextElement() {
		list = append(list, p.gap())
		if p.err != nil {
			break
		}
	}
	return list
}

func (p *parser) gap() (g residency.Gap) {
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index([]string{"call", "class", "resource", "detail"}, name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch value := p.string(); bit {
		case 0:
			g.Call = value
		case 1:
			g.Class = residency.GapClass(value)
		case 2:
			g.Resource = value
		case 3:
			g.Detail = value
		}
	}
	p.done(&f)
	return g
}
