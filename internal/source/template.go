package source

import (
	"encoding/json"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// template is one CloudFormation template: where each logical id stands.
type template struct {
	file  string
	lines map[string]int        // by logical id
	nodes map[string]*yaml.Node // by logical id, where it is YAML: the resource itself
}

// inTemplate looks into the template of the stack, else into any template that has the logical id: the stack's name may come from
// elsewhere.
func (f *Finder) inTemplate(stack, id, attribute string) (residency.Location, bool) {
	f.readTemplates()
	if holder, _, nested := strings.Cut(id, "/"); nested { // of a nested stack: where that is declared
		holder, _, _ = strings.Cut(holder, "@") // a stack set names its regions behind it
		id, attribute = holder, ""
	}
	for i := range f.inputs {
		stack = strings.TrimPrefix(stack, f.inputs[i].Name+":")
	}
	if t := f.stacks[stack]; t != nil {
		if at, ok := f.inside(t, id, attribute); ok {
			return at, true
		}
	}
	var only residency.Location
	found := 0
	for _, t := range f.stacks {
		if at, ok := f.inside(t, id, attribute); ok {
			only, found = at, found+1
		}
	}
	if found != 1 {
		return residency.Location{}, false
	}
	return only, true
}

func (f *Finder) inside(t *template, id, attribute string) (residency.Location, bool) {
	line, ok := t.lines[id]
	if !ok {
		return residency.Location{}, false
	}
	if n := t.nodes[id]; n != nil {
		line = lineIn(member(n, "Properties"), steps(attribute), line)
	}
	return residency.Location{File: f.relative(t.file), Line: line}, true
}

// readTemplates reads every template of the change, and those that the manifests of cloud assemblies list.
func (f *Finder) readTemplates() {
	if f.read {
		return
	}
	f.read = true
	for _, in := range f.inputs {
		if in.Path == "" {
			continue
		}
		if !f.readAssembly(in.Path, 0) {
			stack := f.stack
			if stack == "" {
				base := filepath.Base(in.Path)
				stack = strings.TrimSuffix(base, filepath.Ext(base))
			}
			f.addTemplate(stack, in.Path)
		}
	}
}

// readAssembly reads the templates of a folder that cdk synth wrote. Assemblies may lie in assemblies: those of stages do.
func (f *Finder) readAssembly(dir string, depth int) bool {
	data, err := readFile(filepath.Join(dir, "manifest.json"))
	if err != nil || depth > mostDepth {
		return false
	}
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct {
				TemplateFile  string
				StackName     string
				DirectoryName string
			}
		}
	}
	if json.Unmarshal(data, &manifest) != nil {
		return false
	}
	for id, a := range manifest.Artifacts {
		switch p := a.Properties; {
		case p.DirectoryName != "" && filepath.IsLocal(p.DirectoryName):
			f.readAssembly(filepath.Join(dir, p.DirectoryName), depth+1)
		case a.Type == "aws:cloudformation:stack" && filepath.IsLocal(p.TemplateFile):
			if p.StackName != "" {
				id = p.StackName
			}
			f.addTemplate(id, filepath.Join(dir, p.TemplateFile))
		}
	}
	return true
}

func (f *Finder) addTemplate(stack, path string) {
	data, err := readFile(path)
	if err != nil {
		return
	}
	t := &template{file: path, lines: map[string]int{}, nodes: map[string]*yaml.Node{}}
	if strings.HasPrefix(strings.TrimLeft(string(data[:min(len(data), 64)]), " \t\r\n\ufeff"), "{") {
		_ = eachMember(data, 2, func(names []string, line int, _ string) {
			if _, twice := t.lines[names[len(names)-1]]; len(names) == 2 && names[0] == "Resources" && !twice {
				t.lines[names[1]] = line
			}
		})
	} else {
		var doc yaml.Node
		if yaml.Unmarshal(data, &doc) == nil && len(doc.Content) == 1 {
			t.addYAML(&doc)
		}
	}
	if len(t.lines) > 0 {
		f.stacks[stack] = t
	}
}

func (t *template) addYAML(doc *yaml.Node) {
	resources := member(doc.Content[0], "Resources")
	if resources == nil || resources.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(resources.Content); i += 2 {
		key := resources.Content[i]
		t.lines[key.Value], t.nodes[key.Value] = key.Line, resources.Content[i+1]
	}
}

// lineIn is the line of the property at a path, or of the innermost one on the way to it.
func lineIn(at *yaml.Node, path []step, line int) int {
	for _, s := range path {
		key, value := pairOf(at, s.name)
		if key == nil {
			return line
		}
		line, at = key.Line, value
		if at.Kind == yaml.SequenceNode {
			if s.index >= len(at.Content) {
				return line
			}
			at = at.Content[s.index]
			line = at.Line
		}
	}
	return line
}

func member(n *yaml.Node, name string) *yaml.Node {
	_, value := pairOf(n, name)
	return value
}

func pairOf(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}
