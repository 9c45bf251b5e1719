package policies

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// zoneFile is one file of the zones folder.
type zoneFile struct {
	ID             string                   `json:"id"`
	Name           string                   `json:"name"`
	Regions        []string                 `json:"regions"`
	Promise        *bool                    `json:"promise"` // absent: true
	GlobalServices map[string]globalService `json:"global_services"`
	Sources        []string                 `json:"sources"`
	ValidFrom      string                   `json:"valid_from"` // YYYY-MM-DD
}

// globalService says whether a service without a region may be used by the zone, and why.
type globalService struct {
	Allowed bool   `json:"allowed"`
	Why     string `json:"why"`
}

// Zones returns the shipped zones by id.
func Zones() (map[string]residency.Zone, error) { return readZones(shipped) }

func readZones(folder fs.FS) (map[string]residency.Zone, error) {
	names, err := fs.Glob(folder, "zones/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("read zones: %w", err)
	}
	zones := map[string]residency.Zone{}
	for _, name := range names {
		data, err := fs.ReadFile(folder, name)
		if err != nil {
			return nil, fmt.Errorf("read zones: %w", err)
		}
		var z zoneFile
		if err := decodeStrict(data, &z); err != nil {
			return nil, fmt.Errorf("read zone %q: %w", name, err)
		}
		if err := z.check(strings.TrimSuffix(path.Base(name), ".yaml")); err != nil {
			return nil, fmt.Errorf("read zone %q: %w", name, err)
		}
		zones[z.ID] = residency.Zone{ID: z.ID, Name: z.Name, Regions: z.Regions, Promise: z.Promise == nil || *z.Promise}
	}
	return zones, nil
}

func (z zoneFile) check(id string) error {
	switch {
	case z.ID != id:
		return fmt.Errorf("id %q: want that of the file's name", z.ID)
	case z.ID == residency.NoZone:
		return fmt.Errorf("id %q is reserved", z.ID)
	case z.Name == "":
		return errors.New("name is missing")
	case len(z.Regions) == 0:
		return errors.New("regions is missing: list each region by name")
	case len(z.Sources) == 0:
		return errors.New("sources is missing: say where the rule comes from")
	}
	return nil
}

// ZonesIn are the zones of another folder of policies: those that a kept run was judged with.
func ZonesIn(folder fs.FS) (map[string]residency.Zone, error) { return readZones(folder) }
