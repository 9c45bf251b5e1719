package audit

import (
	"context"
	"errors"
	"slices"

	"github.com/seed-1578181b/domicile/internal/lineage"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// Index writes a small look-up file of the snapshot at path, for checks that run where the snapshot itself should not be: ids, kinds,
// regions, accounts, the zones that the configuration assigns, and who sends data to whom. No tags, no facts, no names.
func (j *Judge) Index(ctx context.Context, path, to string) (err error) {
	f, err := snapshot.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	out, err := snapshot.Create(to, f.Header())
	if err != nil {
		return err
	}
	assigner := lineage.NewAssigner(j.Zones, j.Rules)
	one := func(r *residency.Resource) error {
		assignment := assigner.Resource(r)
		small := residency.Resource{ID: r.ID, Kind: r.Kind, Account: r.Account, Region: r.Region, Placements: edges(r.Placements), Sources: slices.Clone(r.Sources),
			Assigned: &residency.Assigned{Basis: assignment.Basis}}
		switch {
		case assignment.Assigned():
			small.Assigned.Zone = j.Zones[assignment.Zone].ID
		case assignment.None:
			small.Assigned.Zone = residency.NoZone
		}
		for i := range small.Sources {
			small.Sources[i].Via = ""
		}
		return out.Resource(&small)
	}
	if err := f.Each(ctx, one, func(c *residency.Coverage) error { return out.Coverage(*c) }); err != nil {
		return errors.Join(err, out.Abort())
	}
	return out.Close()
}

// edges are the placements by which data travels or rests, without the words for a reader.
func edges(all []residency.Placement) []residency.Placement {
	if all == nil {
		return nil
	}
	kept := []residency.Placement{}
	seen := map[residency.Placement]bool{}
	for _, p := range all {
		if p.Via = ""; p.Role.Carries() && !seen[p] {
			seen[p] = true
			kept = append(kept, p)
		}
	}
	return kept
}
