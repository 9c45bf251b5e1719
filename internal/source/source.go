// Package source finds where in a working copy a planned resource is declared, so that a finding can be shown at its line. It maps
// addresses to files and lines and evaluates nothing: what a resource is, the plan or template says.
package source

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// Input is one plan, template or cloud assembly of a change.
type Input struct {
	Name string // as the reader of the change calls it
	Path string // of the file or folder; empty for standard input
}

// Finder finds declarations. What it reads of the working copy it reads once, at the first question; it is for one goroutine.
type Finder struct {
	inputs []Input
	folder string // of the Terraform configuration; empty: each plan's own folder
	stack  string // name of the stack of a bare template; empty: its file's name
	here   string // the working directory
	trees  map[string]*tree
	stacks map[string]*template
	read   bool
}

// New makes a finder for the inputs of a change. folder holds the configuration that the plans were made of, empty for that of each
// plan; stack names the stack of a bare template as the reader does, and here is the working directory.
func New(inputs []Input, folder, stack, here string) *Finder {
	return &Finder{inputs: inputs, folder: folder, stack: stack, here: here, trees: map[string]*tree{}, stacks: map[string]*template{}}
}

// Declared is where the resource of an address is declared, and the attribute at a path if that is found too. ok is false where the
// working copy does not have it.
func (f *Finder) Declared(address, attribute string) (at residency.Location, ok bool) {
	if stack, id, found := strings.Cut(address, "/"); found && !strings.ContainsAny(stack, `["`) {
		return f.inTemplate(stack, id, attribute)
	}
	for i := range f.inputs {
		name := f.inputs[i].Name + ":" // as an address begins that two inputs have
		if at, ok = f.inTree(i, strings.TrimPrefix(address, name), attribute); ok {
			return at, true
		}
	}
	return residency.Location{}, false
}

// Input is the first line of an input: where nothing better is known. An input that is not known is the first one.
func (f *Finder) Input(name string) residency.Location {
	i := max(0, slices.IndexFunc(f.inputs, func(in Input) bool { return in.Name == name }))
	if i >= len(f.inputs) || f.inputs[i].Path == "" {
		return residency.Location{File: "stdin", Line: 1}
	}
	path := f.inputs[i].Path
	if info, err := os.Stat(path); err == nil && info.IsDir() { // of a cloud assembly: an annotation is of a file
		path = filepath.Join(path, "manifest.json")
	}
	return residency.Location{File: f.relative(path), Line: 1}
}

// relative is a path as a reader in the working directory would write it, with slashes.
func (f *Finder) relative(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	if rel, err := filepath.Rel(f.here, path); err == nil {
		path = rel
	}
	return filepath.ToSlash(path)
}

// instance is the key of one of several instances of a resource or module.
var instance = regexp.MustCompile(`\[(?:[0-9]+|"(?:[^"\\]|\\.)*")\]`)

// split takes the address of a Terraform resource apart: the modules that it lies in, and its own name there.
func split(address string) (modules []string, name string) {
	address = instance.ReplaceAllString(address, "")
	for strings.HasPrefix(address, "module.") {
		module, rest, found := strings.Cut(strings.TrimPrefix(address, "module."), ".")
		if !found {
			return nil, ""
		}
		modules, address = append(modules, module), rest
	}
	return modules, address
}

// steps are the names and indexes of an attribute's path: rule[0].destination[0].bucket.
func steps(path string) (all []step) {
	if path == "" {
		return nil
	}
	for part := range strings.SplitSeq(path, ".") {
		name, rest, _ := strings.Cut(part, "[")
		s := step{name: name}
		for _, c := range rest {
			if c < '0' || c > '9' {
				break
			}
			s.index = s.index*10 + int(c-'0')
		}
		all = append(all, s)
	}
	return all
}

// step is one member of a path: the block or attribute of that name, and which one of several.
type step struct {
	name  string
	index int
}
