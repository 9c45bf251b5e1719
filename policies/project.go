package policies

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Place is one placement as far as controls are given it.
type Place struct {
	Role     residency.Role
	Region   string             // effective: the target's, where the placement has none of its own; empty: not resolved
	Standing residency.Standing // empty is read as unknown
}

// Subject is one resource as far as controls are given it.
type Subject struct {
	Kind       string
	Store      bool   // a data store
	Assigned   string // id of the zone that it is assigned to, residency.NoZone, or empty for unclassified
	Assignment bool   // controls of the assignment are judged in this call: for its own zone, or without one
	Read       bool   // the placements were read; if not, Places is not looked at
	Places     []Place
}

// roleSet holds a bit for each role, by its position in residency.Roles.
type roleSet uint16

func (s roleSet) has(role uint8) bool { return s>>role&1 != 0 }

// The numbers of roles and standings in a shape; 0 of a standing is "not shown".
var (
	roles     = residency.Roles()
	standings = []residency.Standing{"", residency.Own, residency.Inside, residency.Outside, residency.Public, residency.UnknownStanding, residency.Unjudged}
	carriers  = carrying(roles)
)

const (
	roleHidden     = 0xff
	standingHidden = 0
	standingNone   = 5 // the position of UnknownStanding in standings
)

func carrying(roles []residency.Role) (set roleSet) {
	for i, r := range roles {
		if r.Carries() {
			set |= 1 << i
		}
	}
	return set
}

func roleIndex(r residency.Role) int { return slices.Index(roles, r) }

// spot is one place in numbers.
type spot struct {
	region   string
	role     uint8
	standing uint8
	place    int // position in Subject.Places
}

func (a spot) compare(b spot) int {
	return cmp.Or(cmp.Compare(a.role, b.role), cmp.Compare(a.region, b.region), cmp.Compare(a.standing, b.standing))
}

func (a spot) equal(b spot) bool {
	return a.role == b.role && a.standing == b.standing && a.region == b.region
}

// encode turns places into numbers, and returns the roles among them.
func encode(dst []spot, places []Place) ([]spot, roleSet, error) {
	var present roleSet
	for i, p := range places {
		role, standing := roleIndex(p.Role), slices.Index(standings, p.Standing)
		switch {
		case role < 0:
			return dst, 0, fmt.Errorf("placement %d: unknown role %q", i, p.Role)
		case standing < 0:
			return dst, 0, fmt.Errorf("placement %d: unknown standing %q", i, p.Standing)
		case standing == 0:
			standing = standingNone
		}
		present |= 1 << role
		dst = append(dst, spot{p.Region, uint8(role), uint8(standing), i})
	}
	return dst, present, nil
}

// sees reports whether any of the roles is shown to the group.
func (g *group) sees(present roleSet) bool {
	return present&g.roles != 0 || g.sharing && present&carriers != 0
}

// show leaves of a spot what the group's controls need. The account of a role that carries data belongs to sharing alone; a
// role that carries nothing has its account judged with its region.
func (g *group) show(s spot) (spot, bool) {
	named, carries := g.roles.has(s.role), carriers.has(s.role)
	if !(named && !carries || g.sharing && carries) {
		s.standing = standingHidden
	}
	if !named {
		s.role, s.region = roleHidden, ""
	}
	return s, named || s.standing != standingHidden
}

// undecided reports whether a shown spot lacks what decides: its region, or the standing of its account.
func (s spot) undecided() bool {
	return s.role != roleHidden && s.region == "" || s.standing == standingNone
}

// project appends what the group is shown of the spots in canonical order. Equal ones stay side by side: they are one
// placement of the shape, and each knows its own place.
func (g *group) project(dst, spots []spot) []spot {
	from := len(dst)
	for _, s := range spots {
		if shown, ok := g.show(s); ok {
			dst = append(dst, shown)
		}
	}
	if len(dst)-from > 1 {
		slices.SortStableFunc(dst[from:], spot.compare)
	}
	return dst
}

// distinct calls yield once for each placement of the shape, with its position.
func distinct(shown []spot, yield func(position int, s spot)) {
	position := 0
	for i, s := range shown {
		if i > 0 && s.equal(shown[i-1]) {
			continue
		}
		yield(position, s)
		position++
	}
}

// appendKey appends the shape as bytes: two subjects have equal keys only if the group's controls are given the same of
// them.
func (g *group) appendKey(dst []byte, number, zone int, s *Subject, shown []spot) []byte {
	dst = binary.AppendUvarint(dst, uint64(number))
	dst = binary.AppendUvarint(dst, uint64(zone+1))
	if g.kinds != nil {
		dst = appendText(dst, s.Kind)
	}
	if g.assignment {
		dst = append(dst, flag(s.Store))
		dst = appendText(dst, s.Assigned)
	}
	dst = append(dst, flag(s.Read))
	for i, p := range shown {
		if i > 0 && p.equal(shown[i-1]) {
			continue
		}
		dst = append(dst, p.role, p.standing)
		dst = appendText(dst, p.region)
	}
	return dst
}

func appendText(dst []byte, text string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(text))), text...)
}

func flag(b bool) byte {
	if b {
		return 1
	}
	return 0
}
