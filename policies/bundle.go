package policies

import (
	"archive/tar"
	"compress/gzip"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/format"

	"github.com/seed-1578181b/domicile/internal/residency"
)

//go:embed bundle
var entry embed.FS

// catalogued is a control as the bundle's entry knows it.
type catalogued struct {
	ID       string             `json:"id"`
	Slug     string             `json:"slug"`
	Severity residency.Severity `json:"severity"`
	Rank     int                `json:"rank"`
	Kinds    []string           `json:"kinds"`
	Needs    []residency.Fact   `json:"needs"`
	Role     residency.Role     `json:"role"`    // that it is the control of; empty: of none
	Carries  bool               `json:"carries"` // the role's data travels
	Placed   bool               `json:"placed"`  // it is given placements
}

// WriteBundle writes the policies as a bundle for plain OPA (tar.gz): the same policies give the same bytes. Its entry,
// data.domicile.verdicts, judges a document that audit.Judge.Document writes.
func (e *Engine) WriteBundle(w io.Writer) error {
	files := map[string][]byte{}
	for _, f := range e.files {
		if f.rego() {
			files[f.path] = f.data
		}
	}
	for _, name := range []string{"verdicts.rego", "outcomes.rego", "shapes.rego"} {
		data, err := entry.ReadFile("bundle/" + name)
		if err != nil {
			return fmt.Errorf("read the bundle's entry: %w", err)
		}
		files["domicile/"+name] = data
	}
	catalogue, err := e.catalogue()
	if err != nil {
		return err
	}
	files["domicile/catalogue.rego"] = catalogue
	manifest, err := json.Marshal(map[string]any{"revision": e.Digest(), "roots": []string{controlsRoot, libRoot, "domicile"}, "rego_version": 1})
	if err != nil {
		return fmt.Errorf("write the bundle's manifest: %w", err)
	}
	files[".manifest"] = manifest
	return pack(w, files)
}

// pack writes files in order of name, without times and owners.
func pack(w io.Writer, files map[string][]byte) error {
	zipped := gzip.NewWriter(w)
	out := tar.NewWriter(zipped)
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		if err := out.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(files[name])), Format: tar.FormatUSTAR}); err != nil {
			return fmt.Errorf("write the bundle: %w", err)
		}
		if _, err := out.Write(files[name]); err != nil {
			return fmt.Errorf("write the bundle: %w", err)
		}
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	if err := zipped.Close(); err != nil {
		return fmt.Errorf("write the bundle: %w", err)
	}
	return nil
}

// catalogue is the controls as Rego: conftest then needs no data beside the policies.
func (e *Engine) catalogue() ([]byte, error) {
	var list []catalogued
	for _, c := range e.controls {
		one := catalogued{ID: c.ID, Slug: c.Slug, Severity: c.Severity, Rank: c.Severity.Rank(), Kinds: c.Kinds, Needs: c.Needs,
			Placed: slices.ContainsFunc(c.Needs, func(f residency.Fact) bool { return f != residency.FactAssignment })}
		for _, r := range roles {
			if !c.Own && c.Judges(r) && one.Role == "" {
				one.Role, one.Carries = r, r.Carries()
			}
		}
		list = append(list, one)
	}
	var carry []residency.Role
	for _, r := range roles {
		if r.Carries() {
			carry = append(carry, r)
		}
	}
	var b strings.Builder
	b.WriteString("package domicile.catalogue\n")
	for _, rule := range []struct {
		name  string
		value any
	}{{"revision", e.Digest()}, {"carriers", carry}, {"controls", list}} {
		value, err := json.Marshal(rule.value)
		if err != nil {
			return nil, fmt.Errorf("write the bundle's catalogue: %w", err)
		}
		fmt.Fprintf(&b, "\n%s := %s\n", rule.name, value)
	}
	formatted, err := format.Source("catalogue.rego", []byte(b.String()))
	if err != nil {
		return nil, fmt.Errorf("write the bundle's catalogue: %w", err)
	}
	return formatted, nil
}
