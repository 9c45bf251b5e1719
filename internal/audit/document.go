package audit

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/policies"
)

// document is a snapshot as the entry of a bundle judges it: lineage is followed already.
type document struct {
	Policies string           `json:"policies"` // digest of those that it is meant for
	Closed   bool             `json:"closed"`   // everything in scope was examined
	Zones    []residency.Zone `json:"zones"`
	Subjects []subject        `json:"subjects"`
}

// subject is one resource, seen for one zone.
type subject struct {
	Number     int              `json:"number"`
	Resource   string           `json:"resource"`
	Kind       string           `json:"kind"`
	Zone       string           `json:"zone"` // empty: unclassified
	Promise    bool             `json:"promise"`
	Held       bool             `json:"held"` // false: the data only crossed a border to get here
	Declared   bool             `json:"declared"`
	Store      bool             `json:"store"`
	Assigned   string           `json:"assigned"`
	Assignment bool             `json:"assignment"`
	Unscanned  bool             `json:"unscanned"`
	Misplaced  residency.Role   `json:"misplaced"`
	Read       bool             `json:"read"`
	Places     []place          `json:"places"`
	Open       []residency.Fact `json:"open"` // facts that a gap leaves open
}

type place struct {
	Role     residency.Role     `json:"role"`
	Region   string             `json:"region,omitempty"`
	Standing residency.Standing `json:"standing"`
}

// Document writes the snapshot at path for plain OPA: with a bundle of the same policies, data.domicile.verdicts gives the control,
// resource, zone, outcome and severity that Run gives, but for waivers, which are not applied.
func (j *Judge) Document(ctx context.Context, path string, out io.Writer) (err error) {
	f, err := snapshot.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	b, err := j.bench(ctx, f)
	if err != nil {
		return err
	}
	_, closed := b.cover.summary()
	doc := document{Policies: j.Engine.Digest(), Closed: closed, Zones: j.Zones, Subjects: []subject{}}
	w := b.worker()
	w.out = &sheet{tally: newTally(b.controls, j.Zones)}
	err = f.Chunks(ctx, 0, func(c *snapshot.Chunk) error {
		defer c.Release()
		return c.Each(w.decoder, func(l *snapshot.Line) error {
			if l.Resource == nil {
				return nil
			}
			w.cases = w.cases[:0]
			w.slabs.reset()
			for i := range w.byZone {
				w.byZone[i], w.caseOf[i] = w.byZone[i][:0], w.caseOf[i][:0]
			}
			if err := w.take(l.Resource); err != nil {
				return err
			}
			given := map[int]policies.Subject{}
			for z := range w.byZone {
				for k, s := range w.byZone[z] {
					given[w.caseOf[z][k]] = s
				}
			}
			for i := range w.cases {
				doc.Subjects = append(doc.Subjects, w.describe(&w.cases[i], given[i], len(doc.Subjects)))
			}
			return nil
		})
	})
	if err != nil {
		return err
	}
	data, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("write the document: %w", err)
	}
	_, err = out.Write(append(data, '\n'))
	return err
}

func (w *worker) describe(m *matter, s policies.Subject, number int) subject {
	r := &m.resource
	d := subject{Number: number, Resource: r.ID, Kind: r.Kind, Promise: true, Held: m.held, Store: s.Store, Assigned: s.Assigned, Assignment: s.Assignment,
		Unscanned: m.unscanned, Read: s.Read, Places: []place{}, Open: []residency.Fact{}, Declared: m.assignment.Basis != residency.ByOwnRegion || !m.assigned}
	if m.zone >= 0 {
		d.Zone, d.Promise = w.judge.Zones[m.zone].ID, w.judge.Zones[m.zone].Promise
		d.Misplaced, _ = w.misplaced(m)
	}
	for _, p := range s.Places {
		d.Places = append(d.Places, place{p.Role, p.Region, p.Standing})
	}
	facts := []residency.Fact{residency.FactSharing, residency.FactAssignment}
	for _, role := range residency.Roles() {
		facts = append(facts, residency.PlacementsOf(role))
	}
	for _, f := range facts {
		if w.cover.of(r.ID, []residency.Fact{f}, m.assignment.Tags) != "" {
			d.Open = append(d.Open, f)
		}
	}
	return d
}
