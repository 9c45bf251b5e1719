package evidence

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Extent is what a legal hold, or its release, covers: one run, or every run begun on some days (YYYY-MM-DD, UTC, both included), those
// that are yet to come too.
type Extent struct{ Run, From, To string }

func (e Extent) String() string {
	if e.Run != "" {
		return "run " + e.Run
	}
	return "the runs from " + e.From + " to " + e.To
}

// covers reports whether a leaf of a hold or release is about a run: its day stands in its id.
func (l *Leaf) covers(run string) bool {
	if l.Run != "" || len(run) < 8 {
		return l.Run == run
	}
	day := run[:4] + "-" + run[4:6] + "-" + run[6:8]
	return l.From <= day && day <= l.To
}

func (l *Leaf) extent() Extent { return Extent{l.Run, l.From, l.To} }

// Held are the tickets of the legal holds on a run, sorted. A hold is lifted by a release of its own ticket alone.
func (l *Log) Held(run string) []string {
	held := map[string]bool{}
	for i := range l.entries {
		if leaf := &l.entries[i].Leaf; (leaf.Kind == KindHold || leaf.Kind == KindRelease) && leaf.covers(run) {
			held[leaf.Ticket] = leaf.Kind == KindHold
		}
	}
	var tickets []string
	for ticket, still := range held {
		if still {
			tickets = append(tickets, ticket)
		}
	}
	slices.Sort(tickets)
	return tickets
}

// Holds are the holds that no release of the same ticket and extent has lifted.
func (l *Log) Holds() (holds []Leaf) {
	for i := range l.entries {
		leaf := &l.entries[i].Leaf
		if leaf.Kind != KindHold && leaf.Kind != KindRelease {
			continue
		}
		holds = slices.DeleteFunc(holds, func(h Leaf) bool { return h.Ticket == leaf.Ticket && h.extent() == leaf.extent() })
		if leaf.Kind == KindHold {
			holds = append(holds, *leaf)
		}
	}
	return holds
}

// Expired is the leaf that let a run's evidence go, and whether there is one.
func (l *Log) Expired(run string) (Leaf, bool) { return l.leaf(KindExpired, run) }

func (l *Log) run(id string) (Leaf, bool) { return l.leaf(KindRun, id) }

func (l *Log) leaf(kind Kind, run string) (Leaf, bool) {
	for i := range l.entries {
		if leaf := l.entries[i].Leaf; leaf.Kind == kind && leaf.Run == run {
			return leaf, true
		}
	}
	return Leaf{}, false
}

// Hold puts runs under a legal hold, or with KindRelease lifts that of a ticket. It is a signed leaf of the log.
func Hold(ctx context.Context, store string, s Signer, kind Kind, what Extent, reason, ticket string, at time.Time) error {
	return appendLeaf(ctx, store, s, at, func(l *Log) (Leaf, error) { return l.holdLeaf(store, kind, what, reason, ticket) })
}

func (l *Log) holdLeaf(store string, kind Kind, what Extent, reason, ticket string) (Leaf, error) {
	leaf := Leaf{Kind: kind, Run: what.Run, From: what.From, To: what.To, Reason: reason, Ticket: ticket}
	if what.Run != "" {
		run, ok := l.run(what.Run)
		if !ok {
			return leaf, fmt.Errorf("the log of %s holds no run %s", store, what.Run)
		}
		if gone, ok := l.Expired(what.Run); ok && kind == KindHold {
			return leaf, fmt.Errorf("%s has expired: its evidence was let go on %s", what.Run, gone.Time.Format(time.DateOnly))
		}
		leaf.Manifest = run.Manifest
	}
	if kind == KindRelease && !slices.ContainsFunc(l.entries, func(e Entry) bool { return e.Leaf.Kind == KindHold && e.Leaf.Ticket == ticket }) {
		return leaf, fmt.Errorf("no hold of %s was ever made under the ticket %q: see domicile history", what, ticket)
	}
	return leaf, nil
}

func (l *Log) add(ctx context.Context, s Signer, leaf Leaf, at time.Time) error {
	leaf.Sequence, leaf.Time = int64(len(l.entries)), at.UTC().Truncate(time.Second)
	_, err := l.extend(ctx, s, leaf)
	return err
}

// Expiry is what retention lets go, or would, and what keeps it from letting go more.
type Expiry struct {
	Runs   []string            // let go, oldest first
	Held   map[string][]string // the tickets of the holds on runs that are old enough
	Latest string              // the latest run, where it is old enough: it always stays
	left   []string            // let go by an earlier one, which did not come to their folders
}

// Expirable says what Expire would let go.
func Expirable(store string, before time.Time) (*Expiry, error) {
	l, err := readLog(store)
	if err != nil {
		return nil, err
	}
	return l.expirable(store, before)
}

// expirable finds the runs that were sealed before a time and are there, whole as the log has them: what is not is a matter for verify.
func (l *Log) expirable(store string, before time.Time) (*Expiry, error) {
	x := &Expiry{Held: map[string][]string{}}
	latest, gone := "", map[string]bool{}
	for _, e := range l.entries {
		gone[e.Leaf.Run] = gone[e.Leaf.Run] || e.Leaf.Kind == KindExpired
		if e.Leaf.Kind == KindRun && there(store, e.Leaf.Run) {
			latest = e.Leaf.Run
		}
	}
	for _, e := range l.entries {
		id := e.Leaf.Run
		switch {
		case e.Leaf.Kind != KindRun || !there(store, id):
		case gone[id]:
			x.left = append(x.left, id)
		case !e.Leaf.Time.Before(before):
		case id == latest:
			x.Latest = id
		default:
			if held := l.Held(id); len(held) > 0 {
				x.Held[id] = held
				continue
			}
			if d, err := digestFile(filepath.Join(RunDir(store, id), ManifestName)); err != nil || d.SHA256 != e.Leaf.Manifest {
				return nil, fmt.Errorf("%s is not as the log has it, and nothing was removed: see domicile verify %s", id, store)
			}
			x.Runs = append(x.Runs, id)
		}
	}
	return x, nil
}

func there(store, id string) bool {
	_, err := os.Stat(RunDir(store, id))
	return err == nil
}

// expiredPrefix is what the name of a folder gets that is being removed, behind pending.
const expiredPrefix = "expired-"

// Expire lets the evidence of the runs go that were sealed before a time, but for those under a legal hold and for the latest. The log says
// so first, in one step for all; then each folder loses its name and is removed. A crash in between leaves a store that verifies, and the
// next Expire removes what is left.
func Expire(ctx context.Context, store string, s Signer, before, at time.Time, reason string) (x *Expiry, err error) {
	unlock, err := lockStore(store)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	l, err := openLog(store, s)
	if err != nil {
		return nil, err
	}
	if x, err = l.expirable(store, before); err != nil {
		return nil, err
	}
	for _, id := range x.Runs {
		run, _ := l.run(id)
		if err := l.add(ctx, s, Leaf{Kind: KindExpired, Run: id, Manifest: run.Manifest, Reason: reason}, at); err != nil {
			return nil, err
		}
	}
	if len(x.Runs) > 0 {
		if err := l.write(store); err != nil {
			return nil, err
		}
	}
	return x, clearExpired(store, append(x.left, x.Runs...))
}

// clearExpired removes the folders of expired runs, and what is left of those that an earlier one had begun to remove.
func clearExpired(store string, runs []string) error {
	for _, id := range runs {
		if err := os.Rename(RunDir(store, id), filepath.Join(store, pending+expiredPrefix+id)); err != nil {
			return fmt.Errorf("remove what expired: %w", err)
		}
	}
	entries, err := os.ReadDir(store)
	if err != nil {
		return fmt.Errorf("remove what expired: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), pending+expiredPrefix) {
			err = errors.Join(err, os.RemoveAll(filepath.Join(store, e.Name())))
		}
	}
	if err = errors.Join(err, syncDir(store)); err != nil {
		return fmt.Errorf("remove what expired: %w: domicile history expire goes on with it", err)
	}
	return nil
}
