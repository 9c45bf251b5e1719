package audit

import (
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/scanners"
)

// EventsFileName is the file of a run that says since when it asked for the events of each account and region. With it the next run need
// look no further back, however long a place gives no answer. It is absent from a store's first run, which asks for none.
const EventsFileName = "events.json"

// askedSince is since when a run asked, by account and region; the zero one stands for all others.
type askedSince map[scanners.AccountRegion]time.Time

func (a askedSince) of(place scanners.AccountRegion) time.Time {
	if at, ok := a[place]; ok {
		return at
	}
	return a[scanners.AccountRegion{}]
}

// askedFile is how it is written.
type askedFile struct {
	Since time.Time    `json:"since"`        // everywhere else
	In    []askedPlace `json:"in,omitempty"` // sorted
}

type askedPlace struct {
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Since   time.Time `json:"since"`
}

// noteAsked keeps since when the events are asked.
func noteAsked(p *evidence.Pending, o *scanners.Options) error {
	if o.Since.IsZero() {
		return nil
	}
	a := askedFile{Since: o.Since.UTC()}
	for place, at := range o.SinceIn {
		a.In = append(a.In, askedPlace{place.Account, place.Region, at.UTC()})
	}
	slices.SortFunc(a.In, func(a, b askedPlace) int {
		return cmp.Or(strings.Compare(a.Account, b.Account), strings.Compare(a.Region, b.Region))
	})
	data, err := json.MarshalIndent(a, "", " ")
	if err != nil {
		return err
	}
	return p.Write(EventsFileName, append(data, '\n'))
}

// readAsked is nil where a run has no such file, or not the one that its manifest lists.
func readAsked(dir string, m *residency.Manifest) askedSince {
	data, err := os.ReadFile(filepath.Join(dir, EventsFileName))
	var a askedFile
	if err != nil || !listed(m, EventsFileName, data) || json.Unmarshal(data, &a) != nil || a.Since.IsZero() {
		return nil
	}
	all := askedSince{{}: a.Since}
	for _, place := range a.In {
		all[scanners.AccountRegion{Account: place.Account, Region: place.Region}] = place.Since
	}
	return all
}

// listed reports whether a manifest lists a file with that content.
func listed(m *residency.Manifest, name string, data []byte) bool {
	return slices.ContainsFunc(m.Files, func(f residency.FileDigest) bool { return f.Name == name && f.SHA256 == evidence.Digest(data) })
}
