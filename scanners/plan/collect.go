package plan

import (
	"cmp"
	"slices"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// covers says what a collector of several regions or accounts gathers: events, findings or logs of every covered account and region
// in which the change has data stores.
type covers struct {
	role         residency.Role
	accounts     []string // nil: its own; see everyAccount
	everyAccount bool     // of the change
	regions      []string // nil: every region
	via          string
}

// gathering keeps the collectors of a change until it is known where there are data stores.
type gathering struct {
	stores  map[accountRegion]bool
	waiting []collector
}

type accountRegion struct{ account, region string }

type collector struct {
	resource residency.Resource
	covers   []covers
}

// note remembers where a data store is.
func (g *gathering) note(r *residency.Resource) {
	if r.Region != "" && r.IsStore() {
		g.stores[accountRegion{r.Account, r.Region}] = true
	}
}

// flush hands over the collectors with their sources. One that is a store itself does not change what the next one covers.
func (g *gathering) flush(partition string, sink Sink) error {
	for i := range g.waiting {
		c := &g.waiting[i]
		for _, cover := range c.covers {
			c.resource.Sources = append(c.resource.Sources, g.sources(partition, c.resource.Account, cover)...)
		}
		if err := sink.Add(&c.resource); err != nil {
			return err
		}
	}
	return nil
}

func (g *gathering) sources(partition, own string, c covers) (out []residency.Source) {
	for place := range g.stores {
		if len(c.regions) > 0 && !slices.Contains(c.regions, place.region) {
			continue
		}
		if !c.everyAccount && !slices.Contains(c.accounts, place.account) && (c.accounts != nil || place.account != own) {
			continue
		}
		// An account and region have no ARN of their own; the account's stands for them, with the region beside it.
		id := ""
		if place.account != "" {
			id = "arn:" + partition + ":iam::" + place.account + ":root"
		}
		out = append(out, residency.Source{ID: id, Role: c.role, Region: place.region, Account: place.account, Via: c.via})
	}
	slices.SortFunc(out, func(a, b residency.Source) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region))
	})
	return out
}

// collects adds what a collector covers. It has the sources that this makes when the whole change was read.
func (v view) collects(c covers) { v.out.covers = append(v.out.covers, c) }

// textsOf are the known texts of a list. ok is false where one of them, or the list itself, is not known.
func (v view) textsOf(path string) (all []string, ok bool) {
	for _, one := range v.get(path).blocks() {
		if one.kind != text || !known(one.text) {
			return all, false
		}
		all = append(all, one.text)
	}
	return all, true
}
