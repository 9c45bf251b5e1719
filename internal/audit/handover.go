package audit

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// handover is what earlier runs left open, on its way through a division: how it stands now is found out over the whole, by its names,
// and each part goes on with what is its own. Nobody could tell from a part alone: what proves that a copy has gone lies in the part of
// the copy.
type handover struct {
	open   [][]residency.OpenViolation // by part, the rest last: as the last run of its store left it
	unread []error                     // by part: why not all of it could be read
	parted bool                        // the store's last run was divided: what it left open is that of a part
}

func (h *handover) all() []residency.OpenViolation { return slices.Concat(h.open...) }

// takeOver reads what the last runs of the homes, and of the store, left open. A home out of reach is no error: its part waits here, and
// says that it carries nothing on. Scratch is a folder for what is fetched; it is not there afterwards.
func (k *Keeper) takeOver(ctx context.Context, observed time.Time, scratch string) (h *handover, err error) {
	if len(k.Homes) == 0 {
		return nil, nil
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	h = &handover{}
	whole, err := evidence.ReadLog(k.Store)
	if err != nil {
		return nil, err
	}
	logs := make([][]evidence.Entry, len(k.Homes))
	for i := range k.Homes {
		home := &k.Homes[i]
		log, err := home.Log(ctx, k.Signer)
		if err != nil {
			h.add(nil, err)
			continue
		}
		logs[i] = log.Entries()
		before := &kept{store: home.String(), entries: logs[i], files: func(run string, names ...string) (string, error) {
			return home.Files(ctx, run, names, filepath.Join(scratch, home.Zone.ID))
		}, torn: func(run string) bool { return home.Waits(run) && !hasRun(whole.Entries(), run) }}
		l, err := before.leftOpen(observed)
		if err != nil {
			return nil, err
		}
		h.add(l.open, l.unread)
	}
	judged := k.carried // by the run whose snapshot is judged again
	l, err := k.takeUp(observed)
	if err != nil {
		return nil, err
	}
	if len(h.all())+len(l.open) == 0 {
		l.open = judged
	}
	h.add(l.open, nil)
	h.parted = len(l.parts) > 0
	h.miss(k, &l, logs)
	return h, nil
}

// miss notes the parts of the store's last run that are in none of the homes.
func (h *handover) miss(k *Keeper, l *left, logs [][]evidence.Entry) {
	for i := range l.parts {
		p, rest := &l.parts[i], len(k.Homes)
		home := slices.IndexFunc(k.Homes, func(h evidence.Home) bool { return h.Zone.ID == p.Zone })
		switch {
		case home < 0:
			h.unread[rest] = orphan(p)
		case h.unread[home] != nil || hasRun(logs[home], l.run):
		case p.Store == k.Homes[home].String():
			h.unread[home] = fmt.Errorf("the run %s is neither in the log of %s nor in that of %s, where it waited", l.run, p.Store, k.Homes[home].Staging)
		default:
			h.unread[home] = orphan(p)
		}
	}
}

func hasRun(log []evidence.Entry, run string) bool { return placeOf(log, run) >= 0 }

func (h *handover) add(open []residency.OpenViolation, unread error) {
	h.open, h.unread = append(h.open, open), append(h.unread, unread)
}

// problems says for a reader what could not be read, but for what is said of a home anyway.
func (h *handover) problems(k *Keeper) (all []string) {
	for i, unread := range h.unread {
		if unread != nil && (i == len(k.Homes) || k.joined[i] == nil) {
			all = append(all, fmt.Sprintf("not all that earlier runs left open is carried on in this run: %v; the next run looks further back", unread))
		}
	}
	return all
}

// handOver finds out how what was left open stands, and gives each part its own. The whole is still in its folder.
func (k *Keeper) handOver(ctx context.Context, d *divider, before *handover, whole string) ([]share, error) {
	dealt := make([][]residency.OpenViolation, len(d.parts))
	if origin := d.reveal(before); len(origin) > 0 {
		judge := NewJudge(k.Engine, k.Config)
		for _, o := range origin {
			judge.Carried = append(judge.Carried, o.violation)
		}
		if _, err := judge.Run(ctx, filepath.Join(whole, snapshot.FileName), nil, io.Discard); err != nil {
			return nil, err
		}
		for _, v := range notSeen(judge.Carried) {
			part := d.partFor(&v, origin)
			dealt[part] = append(dealt[part], d.veiledViolation(d.parts[part], v, origin[v.Violation]))
		}
	}
	shares := make([]share, len(d.parts))
	for i, p := range d.parts {
		cfg, err := d.config(p, k.Config)
		if err != nil {
			return nil, err
		}
		shares[i] = share{config: cfg, carried: dealt[i], settled: true, uncarried: before.unread[i] != nil}
	}
	return shares, nil
}

// leftIn is a violation with the part in which it was left open.
type leftIn struct {
	violation residency.OpenViolation
	part      int             // below 0: it was not divided then
	hidden    map[string]bool // names in it that were hidden there
}

// revealed is what the pseudonyms stand for that earlier runs left open; empty: not known.
type revealed map[string]string

// pseudonymsIn are those that stand in violations.
func pseudonymsIn(list []residency.OpenViolation) revealed {
	known := revealed{}
	for i := range list {
		for id := range namesIn(&list[i]) {
			if isPseudonym(*id) {
				known[*id] = ""
			}
		}
	}
	return known
}

// namesIn are the ids that a violation names.
func namesIn(v *residency.OpenViolation) func(yield func(*string) bool) {
	return func(yield func(*string) bool) {
		if !yield(&v.Resource) || !yield(&v.Target) {
			return
		}
		for i := range v.Path {
			if !yield(&v.Path[i]) {
				return
			}
		}
	}
}

// recognise notes that a pseudonym is that of an id.
func (known revealed) recognise(id string) {
	if len(known) == 0 || id == "" {
		return
	}
	p := pseudonym(id)
	if real, asked := known[p]; asked && real == "" {
		known[p] = strings.Clone(id)
	}
}

// see recognises what a resource is called and names.
func (known revealed) see(r *residency.Resource) {
	known.recognise(r.ID)
	for i := range r.Placements {
		known.recognise(r.Placements[i].Target)
	}
	for i := range r.Sources {
		known.recognise(r.Sources[i].ID)
	}
}

// missing recognises what the gaps of a coverage name: what could not be read is in no inventory.
func (known revealed) missing(c *residency.Coverage) {
	for i := range c.Gaps {
		known.recognise(c.Gaps[i].Resource)
	}
}

// look recognises what the user's register names.
func (known revealed) look(waivers []residency.Waiver, cleanups []residency.Cleanup) {
	for _, c := range cleanups {
		known.recognise(c.To.Target)
	}
	for _, w := range waivers {
		known.recognise(w.Scope.To.Target)
	}
}

// in puts the true names into a violation, and says which were hidden.
func (known revealed) in(v *residency.OpenViolation) map[string]bool {
	v.Path = slices.Clone(v.Path)
	hidden := map[string]bool{}
	for id := range namesIn(v) {
		if real := known[*id]; real != "" {
			v.Detail = strings.ReplaceAll(v.Detail, *id, real)
			*id, hidden[real] = real, true
		}
	}
	return hidden
}

// reveal puts the true names in the place of pseudonyms, as far as the inventory, another part, or the register has them. Of one that two
// parts left open, the one that was seen last counts.
func (d *divider) reveal(before *handover) map[residency.Violation]leftIn {
	d.known.look(d.judge.Waivers, d.judge.Cleanups)
	for _, open := range before.open {
		for i := range open {
			if !isPseudonym(open[i].Resource) {
				d.known.recognise(open[i].Resource)
			}
		}
	}
	origin := map[residency.Violation]leftIn{}
	for part, open := range before.open {
		if part == len(d.parts)-1 && !before.parted {
			part = -1
		}
		for _, v := range open {
			hidden := d.known.in(&v)
			if was, twice := origin[v.Violation]; !twice || was.violation.LastSeen.Before(v.LastSeen) {
				origin[v.Violation] = leftIn{v, part, hidden}
			}
		}
	}
	return origin
}

// partFor is the part that goes on with a violation: that of its resource, or, where the resource has gone, the one that had it. What
// was left open before the evidence was divided goes to its zone's. Another zone's part gets nothing of it.
func (d *divider) partFor(v *residency.OpenViolation, origin map[residency.Violation]leftIn) int {
	part := origin[v.Violation].part
	if node, ok := d.graph.Find(v.Resource); ok {
		part = int(d.home[node])
	} else if part < 0 {
		z := slices.IndexFunc(d.judge.Zones, func(z residency.Zone) bool { return z.ID == v.Zone })
		if part = d.several; z >= 0 {
			part = d.byZone[z]
		}
	}
	if zone := d.parts[part].zone; zone != nil && v.Zone != zone.ID {
		return d.several
	}
	return part
}

// veiledViolation is one without the names of other parts.
func (d *divider) veiledViolation(p *part, v residency.OpenViolation, was leftIn) residency.OpenViolation {
	moved := was.part != p.index && was.part >= 0
	real := v
	v.Path = slices.Clone(v.Path)
	as := map[string]string{}
	for id := range namesIn(&v) {
		hidden := d.id(p, *id)
		if d.forgotten(p, *id) && (was.hidden[*id] || moved && id != &v.Resource) { // it was, or may have been, another part's
			hidden, p.gone[*id] = pseudonym(*id), true
		}
		as[*id], *id = hidden, hidden
	}
	v.Detail = d.names.veil(p.index, renamed(v.Detail, as))
	if v.State == residency.ViolationWaived {
		d.needWaivers(p, &real)
	}
	return v
}

// renamed puts other names into a text, the longest first: one may begin as another does.
func renamed(text string, as map[string]string) string {
	var pairs []string
	for _, name := range slices.SortedFunc(maps.Keys(as), func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) }) {
		if name != "" {
			pairs = append(pairs, name, as[name])
		}
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

// forgotten reports whether nothing says any more whose a name was: it is in no inventory, and no resource of the part bears it.
func (d *divider) forgotten(p *part, id string) bool {
	return id != "" && !d.inventoried(id) && !isPseudonym(id) && !p.outside[d.names.hash(id)]
}

// needWaivers keeps what lets copies stand among the waivers of the part.
func (d *divider) needWaivers(p *part, v *residency.OpenViolation) {
	if d.elsewhere(p, v.Target) || p.gone[v.Target] {
		p.targets[v.Target] = true
	}
	of := residency.Resource{ID: v.Resource, Account: v.ResourceAccount, Region: v.ResourceRegion}
	for i, w := range d.waivers {
		p.waivers[i] = p.waivers[i] || w.covers(p, &of)
	}
}

// gather puts the true names into what a divided run left open in a store, where the evidence is divided no more: what is judged names
// nothing by a pseudonym.
func (k *Keeper) gather(ctx context.Context, path string) (err error) {
	known := pseudonymsIn(k.carried)
	if len(known) == 0 {
		return nil
	}
	f, err := snapshot.Open(path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	err = f.Each(ctx, func(r *residency.Resource) error { known.see(r); return nil }, func(c *residency.Coverage) error { known.missing(c); return nil })
	judge := NewJudge(k.Engine, k.Config)
	known.look(judge.Waivers, judge.Cleanups)
	for i := range k.carried {
		known.in(&k.carried[i])
	}
	return err
}
