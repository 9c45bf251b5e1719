package policies

import (
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

//go:embed scaffold
var scaffold embed.FS

// The files of a control's folder.
const (
	policyName     = "policy.rego"
	policyTestName = "policy" + testSuffix
)

var ownID = regexp.MustCompile(`(?m)^#\s+id: OWN-(\d{3})\b`)

// Scaffold is a new control of the user's with tests, by file name: one that works, to be changed. own is the folder that it goes
// into; its id is the next after those there.
func Scaffold(slug string, own fs.FS) (map[string]string, error) {
	if !slugPattern.MatchString(slug) || strings.HasSuffix(slug, "_test") || slug == libRoot {
		return nil, fmt.Errorf("slug %q: want lower case letters, digits and underscores, as in no_replicas; neither %s nor with _test at the end", slug, libRoot)
	}
	if _, err := fs.Stat(Shipped(), controlsRoot+"/"+slug); err == nil {
		return nil, fmt.Errorf("slug %q: a shipped control has it: choose another", slug)
	}
	id, err := nextID(own)
	if err != nil {
		return nil, err
	}
	words := strings.NewReplacer("new_control", slug, "OWN-000", id)
	files := map[string]string{}
	for _, name := range []string{policyName, policyTestName} {
		text, err := fs.ReadFile(scaffold, "scaffold/"+name)
		if err != nil {
			return nil, fmt.Errorf("read the scaffold: %w", err)
		}
		files[name] = words.Replace(string(text))
	}
	return files, nil
}

// nextID is the first of OWN-001, OWN-002 and so on after those in the folder.
func nextID(own fs.FS) (string, error) {
	last := 0
	names, err := fs.Glob(own, "*/"+policyName)
	if err != nil {
		return "", fmt.Errorf("look for ids: %w", err)
	}
	for _, name := range names {
		data, err := fs.ReadFile(own, name)
		if err != nil {
			return "", fmt.Errorf("look for ids: %w", err)
		}
		for _, m := range ownID.FindAllStringSubmatch(string(data), -1) {
			if n, err := strconv.Atoi(m[1]); err == nil {
				last = max(last, n)
			}
		}
	}
	if last == 999 {
		return "", fmt.Errorf("look for ids: OWN-999 is taken: begin another series in METADATA")
	}
	return fmt.Sprintf("OWN-%03d", last+1), nil
}
