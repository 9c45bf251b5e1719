package audit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unique"

	"github.com/seed-1578181b/domicile/internal/evidence"
	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/internal/snapshot"
	"github.com/seed-1578181b/domicile/scanners"
)

// CarriedFileName is the file in a run folder with what earlier runs left open and this one did not see fail: each with how it stands
// now. It is absent where there is nothing of that kind. The judgement depends on it, and a re-performance reads it.
const CarriedFileName = "carried.ndjson.zst"

// untouched makes sure that what a run left open is what was sealed.
func untouched(dir string, m *residency.Manifest) error {
	carried := false
	for _, f := range m.Files {
		if f.Name != snapshot.VerdictsFileName && f.Name != CarriedFileName && f.Name != summaryName {
			continue
		}
		carried = carried || f.Name == CarriedFileName
		digest, err := digestOf(filepath.Join(dir, f.Name))
		if err != nil {
			return err
		}
		if digest != f.SHA256 {
			return fmt.Errorf("%s of the run %s is not as it was sealed", f.Name, m.Run)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, CarriedFileName)); err == nil && !carried {
		return fmt.Errorf("%s of the run %s was added after it was sealed", CarriedFileName, m.Run)
	}
	return nil
}

// digestOf is the SHA-256 of a file, which may be large.
func digestOf(path string) (digest string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sum := sha256.New()
	_, err = io.Copy(sum, f)
	return hex.EncodeToString(sum.Sum(nil)), err
}

// Outline is what the manifest and the summary of a kept run say, by its folder. Whether they hold is for Verify.
func Outline(dir string) (m residency.Manifest, s residency.Summary, err error) {
	if m, err = readManifest(dir); err == nil {
		err = readJSON(filepath.Join(dir, summaryName), &s)
	}
	return m, s, err
}

func readManifest(dir string) (m residency.Manifest, err error) {
	return m, readJSON(filepath.Join(dir, evidence.ManifestName), &m)
}

// openAfter is what a kept run left open: what it saw, waived or not, and what it carried on.
func openAfter(dir string, observed time.Time) (open []residency.OpenViolation, err error) {
	var s residency.Summary
	if err := readJSON(filepath.Join(dir, summaryName), &s); err != nil {
		return nil, err
	}
	owners := unowned(&s)
	for v, err := range snapshot.ReadVerdicts(filepath.Join(dir, snapshot.VerdictsFileName), residency.Pass, residency.NotApplicable, residency.Unknown) {
		if err != nil {
			return nil, err
		}
		for _, one := range v.Violations(observed) {
			one.OwnerUnknown = owners.unknown(&one)
			open = append(open, alone(one))
		}
	}
	carried, err := readCarried(dir)
	for _, v := range carried {
		if v.State.Stands() {
			open = append(open, v)
		}
	}
	return open, err
}

// unownedBy are the resources of a run that name a destination of which it could not tell whose it is.
type unownedBy map[string]bool

func unowned(s *residency.Summary) unownedBy {
	all := unownedBy{}
	for _, g := range s.Coverage.Gaps {
		if g.Call == scanners.OwnerCall {
			all[g.Resource] = true
		}
	}
	return all
}

func (u unownedBy) unknown(v *residency.OpenViolation) bool {
	return v.Target != "" && v.Account == "" && u[v.Resource]
}

// alone is a violation that keeps nothing of the line that it was read from: there may be many.
func alone(v residency.OpenViolation) residency.OpenViolation {
	for _, s := range []*string{&v.Control, &v.Zone, &v.Region, &v.Account, &v.Kind, &v.ResourceAccount, &v.ResourceRegion} {
		*s = unique.Make(*s).Value()
	}
	v.Role, v.Severity = residency.Role(unique.Make(string(v.Role)).Value()), residency.Severity(unique.Make(string(v.Severity)).Value())
	v.Resource, v.Target, v.Path = strings.Clone(v.Resource), strings.Clone(v.Target), slices.Clone(v.Path)
	for i, id := range v.Path {
		v.Path[i] = unique.Make(id).Value()
	}
	return v
}

// readCarried reads the file of that name; there is none where nothing was carried.
func readCarried(dir string) (list []residency.OpenViolation, err error) {
	path := filepath.Join(dir, CarriedFileName)
	if info, err := os.Stat(dir); err == nil && !info.IsDir() { // a bare snapshot
		return nil, nil
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	err = snapshot.EachLine(path, func(line string) error {
		var v residency.OpenViolation
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			return err
		}
		list = append(list, v)
		return nil
	})
	return list, err
}

// writeCarried writes those that the run did not see fail, in order.
func writeCarried(p *evidence.Pending, list []residency.OpenViolation) error {
	list = notSeen(list)
	if len(list) == 0 {
		return nil
	}
	out, err := snapshot.CreateVerdicts(p.Path(CarriedFileName))
	if err != nil {
		return err
	}
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	for i := range list {
		if err := encoder.Encode(&list[i]); err != nil {
			return errors.Join(err, out.Abort())
		}
	}
	return out.Close()
}

// notSeen are the violations that a judgement carried and did not see fail.
func notSeen(list []residency.OpenViolation) []residency.OpenViolation {
	list = slices.DeleteFunc(slices.Clone(list), func(v residency.OpenViolation) bool {
		return v.State == residency.ViolationOpen
	})
	slices.SortFunc(list, func(a, b residency.OpenViolation) int { return a.Compare(b.Violation) })
	return list
}

// WithCarried lets a judge of a kept run carry what the run did.
func (j *Judge) WithCarried(dir string) (err error) {
	if j.Carried, err = readCarried(dir); err != nil || len(j.Carried) == 0 {
		return err
	}
	m, err := readManifest(dir)
	if err != nil {
		return err
	}
	parts, err := Parts(os.DirFS(dir))
	j.Settled = m.Zone != "" || len(parts) > 0
	return err
}

// Standings says how the violations stand after a kept run: those that it saw, those that it carried on, and those of before that it
// knew nothing of, judged with it now. before is what was open until then; what of it has ended is among them, and says how.
func Standings(ctx context.Context, dir string, before []residency.OpenViolation) ([]residency.OpenViolation, error) {
	r, err := readRun(dir)
	if err != nil {
		return nil, err
	}
	after, ended, err := r.follow(ctx, before)
	for _, v := range before {
		if how, ok := ended[v.Violation]; ok {
			v.State, v.Detail = residency.ViolationEnded, how
			after = append(after, v)
		}
	}
	slices.SortFunc(after, func(a, b residency.OpenViolation) int { return a.Compare(b.Violation) })
	return after, err
}
