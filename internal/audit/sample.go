package audit

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
)

// picks is a sample drawn in one pass: each resource has a number that depends on the seed and its id alone, and the smallest are
// taken. Nobody can steer it without changing the seed, and the same seed draws the same whatever the order.
type picks struct {
	seed []byte
	size int
	own  []pick
}

type pick struct {
	number   uint64
	resource residency.Resource
}

func newPicks(seed string, size int) *picks { return &picks{seed: []byte(seed), size: size} }

func (p *picks) offer(r *residency.Resource) {
	if p.size <= 0 {
		return
	}
	mac := hmac.New(sha256.New, p.seed)
	mac.Write([]byte(r.ID))
	n := binary.BigEndian.Uint64(mac.Sum(nil))
	if len(p.own) == p.size && n >= p.own[p.size-1].number {
		return
	}
	at, _ := slices.BinarySearchFunc(p.own, n, func(a pick, n uint64) int { return cmp.Compare(a.number, n) })
	p.own = slices.Insert(p.own, at, pick{n, keepResource(r)})
	p.own = p.own[:min(len(p.own), p.size)]
}

// keepResource copies one that is valid only for the moment.
func keepResource(r *residency.Resource) residency.Resource {
	c := *r
	for _, s := range []*string{&c.ID, &c.Kind, &c.Account, &c.Region, &c.Name} {
		*s = strings.Clone(*s)
	}
	c.Placements, c.Sources, c.Tags, c.Facts = slices.Clone(r.Placements), slices.Clone(r.Sources), maps.Clone(r.Tags), maps.Clone(r.Facts)
	return c
}

// samples are the picked resources with every verdict on them, passes included.
func (k *Kept) samples(p *picks) ([]residency.Sample, error) {
	samples := make([]residency.Sample, len(p.own))
	at := map[string]int{}
	for i, own := range p.own {
		samples[i] = residency.Sample{Resource: own.resource, Command: observation(&own.resource)}
		at[own.resource.ID] = i
	}
	if len(samples) == 0 {
		return nil, nil
	}
	for v, err := range snapshot.ReadVerdicts(filepath.Join(k.Dir, snapshot.VerdictsFileName)) {
		if err != nil {
			return nil, err
		}
		if i, ok := at[v.Resource]; ok {
			samples[i].Verdicts = append(samples[i].Verdicts, v)
		}
	}
	slices.SortStableFunc(samples, func(a, b residency.Sample) int { return strings.Compare(a.Resource.ID, b.Resource.ID) })
	return samples, nil
}

// mostCalls is how many calls are listed of one sample.
const mostCalls = 20

// calls reads the run's calls once: counts them, and gives each sample those that proved it.
func (k *Kept) calls(samples []residency.Sample) (sum residency.CallSummary, err error) {
	path := filepath.Join(k.Dir, CallsFileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return sum, nil // judged from a snapshot, nobody was asked
	}
	err = snapshot.EachLine(path, func(line string) error {
		var c residency.CallRecord
		if err := json.Unmarshal([]byte(line), &c); err != nil {
			return err
		}
		if sum.Total++; c.Status >= 400 {
			sum.Failed++
		}
		for i := range samples {
			if proofOf(&c, &samples[i].Resource) != proofNone {
				samples[i].Calls = append(samples[i].Calls, c)
			}
		}
		return nil
	})
	for i := range samples {
		s := &samples[i]
		// Those that ask for the resource by name come first; the pages of the list that held it stand behind.
		slices.SortStableFunc(s.Calls, func(a, b residency.CallRecord) int {
			return cmp.Or(cmp.Compare(proofOf(&b, &s.Resource), proofOf(&a, &s.Resource)), a.Time.Compare(b.Time), strings.Compare(a.Request, b.Request))
		})
		if len(s.Calls) > mostCalls {
			s.More, s.Calls = len(s.Calls)-mostCalls, s.Calls[:mostCalls]
		}
	}
	if err != nil {
		err = fmt.Errorf("read the calls: %w", err)
	}
	return sum, err
}

// proof is how a call bears on a resource.
type proof int

const (
	proofNone   proof = iota
	proofListed       // it lists what its scanner found there, and names nothing
	proofNamed        // it asks for the resource by name
)

// proofOf is how a call bears on a resource: every call of the resource's scanner in its account and place whose input names it, and
// those whose input names nothing at all, the pages of lists. What others were asked for says nothing of it.
func proofOf(c *residency.CallRecord, r *residency.Resource) proof {
	service, _, _ := strings.Cut(r.Kind, ".")
	if c.Scanner != service || c.Account != r.Account || c.Place != r.Region && c.Place != residency.GlobalRegion {
		return proofNone
	}
	names := false
	for _, v := range c.Input {
		found, named := mentions(v, r)
		if found {
			return proofNamed
		}
		names = names || named
	}
	if names {
		return proofNone
	}
	return proofListed
}

// mentions reports whether a value names the resource, and whether it holds a name at all.
func mentions(v any, r *residency.Resource) (found, named bool) {
	switch v := v.(type) {
	case string:
		last := r.ID[strings.LastIndexAny(r.ID, ":/")+1:]
		return v == r.ID || v == r.Name || v == last, true
	case []any:
		for _, e := range v {
			f, n := mentions(e, r)
			found, named = found || f, named || n
		}
	}
	return found, named
}
