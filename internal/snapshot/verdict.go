package snapshot

import (
	"fmt"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// verdictDecoder decodes lines of verdicts.
type verdictDecoder struct {
	p      parser
	known  *interner
	places []residency.Placement // used again by what is left out
}

// The bits of a verdict's names.
const (
	verdictControl = iota
	verdictResource
	verdictKind
	verdictAccount
	verdictRegion
	verdictZone
	verdictOutcome
	verdictSeverity
	verdictReason
	verdictPlacements
	verdictPath
	verdictDownstream
	verdictWaiver
)

var verdictFields = [...]string{"control", "resource", "kind", "account", "region", "zone", "outcome", "severity", "reason",
	"placements", "path", "downstream", "waiver"}

// DecodeVerdict decodes one line of verdicts.
func DecodeVerdict(line []byte) (residency.Verdict, error) {
	d := verdictDecoder{known: new(interner)}
	return d.verdict(strings.TrimSuffix(string(line), "\n"), nil)
}

// line decodes one verdict. One whose outcome is to be left out shares memory with line; any other has its own.
func (d *verdictDecoder) line(line string, leaveOut []residency.Outcome) (residency.Verdict, error) {
	if len(leaveOut) > 0 {
		v, err := d.verdict(line, d.places[:0])
		if v.Placements != nil {
			d.places = v.Placements
		}
		if err != nil || slices.Contains(leaveOut, v.Outcome) {
			return v, err
		}
	}
	return d.verdict(strings.Clone(line), nil)
}

func (d *verdictDecoder) verdict(line string, places []residency.Placement) (residency.Verdict, error) {
	var v residency.Verdict
	p := &d.p
	p.reset(line)
	f := p.begin()
	expect := uint(0)
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index(verdictFields[:], name, expect)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		expect = bit + 1
		if !p.field(&f, bit, name) {
			continue
		}
		switch bit {
		case verdictPlacements:
			v.Placements = p.placements(d.known, places)
		case verdictPath:
			v.Path = p.strings()
		case verdictDownstream:
			v.Downstream = p.strings()
		case verdictWaiver:
			v.Waiver = p.waiver()
		default:
			d.text(p, &v, bit)
		}
	}
	p.done(&f)
	p.end()
	if p.err != nil {
		if v.Resource != "" {
			return v, fmt.Errorf("verdict on %s: %w", short(v.Resource), p.err)
		}
		return v, p.err
	}
	return v, checkVerdict(&v)
}

func (d *verdictDecoder) text(p *parser, v *residency.Verdict, bit uint) {
	value := p.string()
	switch bit {
	case verdictControl:
		v.Control = d.known.keep(value)
	case verdictResource:
		v.Resource = value
	case verdictKind:
		v.Kind = d.known.keep(value)
	case verdictAccount:
		v.Account = d.known.keep(value)
	case verdictRegion:
		v.Region = d.known.keep(value)
	case verdictZone:
		v.Zone = d.known.keep(value)
	case verdictOutcome:
		v.Outcome = residency.Outcome(d.known.keep(value))
	case verdictSeverity:
		v.Severity = residency.Severity(d.known.keep(value))
	case verdictReason:
		v.Reason = value
	}
}

func (p *parser) waiver() *residency.WaiverRef {
	var w residency.WaiverRef
	f := p.begin()
	for name, ok := p.enter(); ok; name, ok = p.next() {
		bit := index([]string{"id", "owner", "approver", "reason", "expires"}, name, 0)
		if bit == missing {
			p.unknown(&f, name)
			continue
		}
		if !p.field(&f, bit, name) {
			continue
		}
		switch value := p.string(); bit {
		case 0:
			w.ID = value
		case 1:
			w.Owner = value
		case 2:
			w.Approver = value
		case 3:
			w.Reason = value
		case 4:
			w.Expires = value
		}
	}
	p.done(&f)
	return &w
}
