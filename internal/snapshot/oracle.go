package snapshot

import (
	"fmt"
	"strconv"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var (
	oracleFields    = []string{"oracle", "what", "known", "inventory", "account", "region", "gone", "missing", "uncounted"}
	notJudgedFields = []string{"service", "account", "region", "count", "data", "by"}
)

// The first of these must be there: a comparison without its numbers says nothing.
const (
	oracleNeeds    = 4
	notJudgedNeeds = 6
)

func appendOracles(dst []byte, list []residency.Reconciled) []byte {
	for i := range list {
		o := &list[i]
		dst = append(dst, next(i, `,"oracles":[`)...)
		dst = append(dst, `{"oracle":`...)
		dst = AppendString(dst, o.Oracle)
		dst = appendText(dst, `,"account":`, o.Account)
		dst = appendText(dst, `,"region":`, o.Region)
		dst = append(dst, `,"what":`...)
		dst = AppendString(dst, o.What)
		dst = appendNumber(dst, `,"known":`, o.Known)
		dst = appendNumber(dst, `,"inventory":`, o.Inventory)
		if o.Gone != 0 {
			dst = appendNumber(dst, `,"gone":`, o.Gone)
		}
		dst = appendTexts(dst, `,"missing":`, o.Missing)
		if o.Uncounted != 0 {
			dst = appendNumber(dst, `,"uncounted":`, o.Uncounted)
		}
		dst = append(dst, '}')
	}
	if len(list) > 0 {
		dst = append(dst, ']')
	}
	return dst
}

func appendNotJudged(dst []byte, list []residency.NotJudged) []byte {
	for i := range list {
		n := &list[i]
		dst = append(dst, next(i, `,"not_judged":[`)...)
		dst = append(dst, `{"service":`...)
		dst = AppendString(dst, n.Service)
		dst = append(dst, `,"account":`...)
		dst = AppendString(dst, n.Account)
		dst = append(dst, `,"region":`...)
		dst = AppendString(dst, n.Region)
		dst = appendNumber(dst, `,"count":`, n.Count)
		dst = strconv.AppendBool(append(dst, `,"data":`...), n.Data)
		dst = append(dst, `,"by":`...)
		dst = AppendString(dst, n.By)
		dst = append(dst, '}')
	}
	if len(list) > 0 {
		dst = append(dst, ']')
	}
	return dst
}

func appendNumber(dst []byte, name string, n int) []byte {
	return strconv.AppendInt(append(dst, name...), int64(n), 10)
}

func (p *parser) oracles() (list []residency.Reconciled) {
	for ok := p.enterList(); ok; ok = p.nextElement() {
		list = append(list, p.oracle())
		if p.err != nil {
			break
		}
	}
	return list
}

func (p *parser) oracle() (o residency.Reconciled) {
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(oracleFields, name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case 0:
			o.Oracle = p.string()
		case 1:
			o.What = p.string()
		case 2:
			o.Known = p.count()
		case 3:
			o.Inventory = p.count()
		case 4:
			o.Account = p.string()
		case 5:
			o.Region = p.string()
		case 6:
			o.Gone = p.count()
		case 7:
			if o.Missing = p.strings(); len(o.Missing) == 0 {
				o.Missing = nil // none is written as nothing
			}
		case 8:
			o.Uncounted = p.count()
		}
	}
	p.done(&f)
	p.whole(&f, "a comparison with an oracle", oracleFields[:oracleNeeds])
	return o
}

func (p *parser) notJudged() (list []residency.NotJudged) {
	for ok := p.enterList(); ok; ok = p.nextElement() {
		list = append(list, p.serviceNotJudged())
		if p.err != nil {
			break
		}
	}
	return list
}

func (p *parser) serviceNotJudged() (n residency.NotJudged) {
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(notJudgedFields, name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case 0:
			n.Service = p.string()
		case 1:
			n.Account = p.string()
		case 2:
			n.Region = p.string()
		case 3:
			n.Count = p.count()
		case 4:
			n.Data = p.truth()
		case 5:
			n.By = p.string()
		}
	}
	p.done(&f)
	p.whole(&f, "a service that is not judged", notJudgedFields[:notJudgedNeeds])
	return n
}

// whole stops where one of the names is missing from an object.
func (p *parser) whole(f *fields, what string, names []string) {
	for bit, name := range names {
		if p.err == nil && !f.has(uint(bit)) {
			p.stop(fmt.Errorf("%s without %s", what, name))
		}
	}
}
