package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// What is read of a working copy is bounded: it is there to show lines, and whoever wrote it did not have that in mind.
const (
	mostFileBytes = 8 << 20
	mostFiles     = 2000 // of one folder
	mostDepth     = 32   // of modules in modules
	mostLevels    = 500  // of JSON
)

// tree is the Terraform configuration in one folder, and below it those of the modules that it calls.
type tree struct {
	folder    string
	fetched   map[string]string // folders of modules that terraform init fetched, by the dotted path of their calls
	folders   map[string]*folder
	installed bool
}

// folder is one module's configuration.
type folder struct {
	blocks map[string]declared // aws_s3_bucket.src, data.aws_region.here
	calls  map[string]call
}

// declared is where a block stands, with its body where that is HCL.
type declared struct {
	file string
	line int
	body *hclsyntax.Body
}

// call is a module block.
type call struct {
	declared
	source string // as written; empty where it is no constant
}

func (f *Finder) inTree(input int, address, attribute string) (residency.Location, bool) {
	root := f.folder
	if root == "" {
		if f.inputs[input].Path == "" {
			return residency.Location{}, false
		}
		root = filepath.Dir(f.inputs[input].Path)
	}
	t := f.trees[root]
	if t == nil {
		t = &tree{folder: root, folders: map[string]*folder{}}
		f.trees[root] = t
	}
	d, ok := t.find(address)
	if !ok {
		return residency.Location{}, false
	}
	return residency.Location{File: f.relative(d.file), Line: d.lineOf(steps(attribute))}, true
}

// find follows the calls of modules to the block. Where a module's own files are not there, its call stands for what lies in it.
func (t *tree) find(address string) (declared, bool) {
	modules, name := split(address)
	at := t.folder
	var called declared
	for i, module := range modules {
		if i >= mostDepth {
			return called, called.line > 0
		}
		c, ok := t.open(at).calls[module]
		if !ok {
			return called, called.line > 0
		}
		called = c.declared
		switch {
		case strings.HasPrefix(c.source, "./"), strings.HasPrefix(c.source, "../"):
			at = filepath.Join(at, filepath.FromSlash(c.source))
		default:
			dir, ok := t.fetchedAt(strings.Join(modules[:i+1], "."))
			if !ok {
				return called, true
			}
			at = dir
		}
	}
	if d, ok := t.open(at).blocks[name]; ok {
		return d, true
	}
	return called, called.line > 0
}

// fetchedAt is the folder of a module that terraform init fetched: it keeps a list, .terraform/modules/modules.json.
func (t *tree) fetchedAt(path string) (string, bool) {
	if !t.installed {
		t.installed = true
		var list struct {
			Modules []struct{ Key, Dir string }
		}
		data, err := readFile(filepath.Join(t.folder, ".terraform", "modules", "modules.json"))
		if err == nil && json.Unmarshal(data, &list) == nil {
			t.fetched = map[string]string{}
			for _, m := range list.Modules {
				t.fetched[m.Key] = filepath.Join(t.folder, filepath.FromSlash(m.Dir))
			}
		}
	}
	dir, ok := t.fetched[path]
	return dir, ok
}

// open reads the configuration of a folder. What cannot be read declares nothing: the finding is then shown elsewhere.
func (t *tree) open(dir string) *folder {
	if known := t.folders[dir]; known != nil {
		return known
	}
	f := &folder{blocks: map[string]declared{}, calls: map[string]call{}}
	t.folders[dir] = f
	entries, err := os.ReadDir(dir)
	if err != nil {
		return f
	}
	read := 0
	for _, e := range entries {
		name := e.Name()
		isHCL := strings.HasSuffix(name, ".tf") || strings.HasSuffix(name, ".tofu")
		isJSON := strings.HasSuffix(name, ".tf.json") || strings.HasSuffix(name, ".tofu.json")
		if e.IsDir() || !isHCL && !isJSON || read >= mostFiles {
			continue
		}
		read++
		path := filepath.Join(dir, name)
		data, err := readFile(path)
		switch {
		case err != nil:
		case isHCL:
			f.addHCL(path, data)
		default:
			f.addJSON(path, data)
		}
	}
	return f
}

// readFile reads a file of the working copy, unless it is too large to have been written by a person.
func readFile(path string) ([]byte, error) {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() || info.Size() > mostFileBytes {
		return nil, os.ErrInvalid
	}
	return os.ReadFile(path)
}

// addHCL takes what it can out of a file that may have errors: the parser keeps what it understood.
func (f *folder) addHCL(path string, data []byte) {
	file, _ := hclsyntax.ParseConfig(data, path, hcl.InitialPos)
	if file == nil {
		return
	}
	body, ok := file.Body.(*hclsyntax.Body)
	if !ok {
		return
	}
	for _, b := range body.Blocks {
		d := declared{path, b.TypeRange.Start.Line, b.Body}
		switch {
		case b.Type == "module" && len(b.Labels) == 1:
			f.calls[b.Labels[0]] = call{d, constant(b.Body, "source")}
		case b.Type == "resource" && len(b.Labels) == 2:
			f.add(b.Labels[0]+"."+b.Labels[1], d)
		case b.Type == "data" && len(b.Labels) == 2:
			f.add("data."+b.Labels[0]+"."+b.Labels[1], d)
		}
	}
}

// add keeps the first of two blocks of one name: the second stands in an override file, which changes parts of it.
func (f *folder) add(name string, d declared) {
	if _, twice := f.blocks[name]; !twice {
		f.blocks[name] = d
	}
}

// constant is an attribute that is written out as a text. Nothing is evaluated.
func constant(b *hclsyntax.Body, name string) string {
	a := b.Attributes[name]
	if a == nil {
		return ""
	}
	text, ok := a.Expr.(*hclsyntax.TemplateExpr)
	if !ok || !text.IsStringLiteral() {
		return ""
	}
	literal, ok := text.Parts[0].(*hclsyntax.LiteralValueExpr)
	if !ok {
		return ""
	}
	return literal.Val.AsString()
}

// lineOf is the line of the attribute at a path, or of the innermost block on the way to it.
func (d declared) lineOf(path []step) int {
	line, body := d.line, d.body
	for _, s := range path {
		if body == nil {
			return line
		}
		if a := body.Attributes[s.name]; a != nil {
			return a.NameRange.Start.Line
		}
		block := nth(body, s)
		if block == nil {
			return line
		}
		line, body = block.TypeRange.Start.Line, block.Body
	}
	return line
}

// nth is the block that a step of a path leads to. A dynamic one stands for all that it makes.
func nth(body *hclsyntax.Body, s step) *hclsyntax.Block {
	n := 0
	for _, b := range body.Blocks {
		switch {
		case b.Type == "dynamic" && len(b.Labels) == 1 && b.Labels[0] == s.name:
			for _, content := range b.Body.Blocks {
				if content.Type == "content" {
					return content
				}
			}
			return b
		case b.Type == s.name:
			if n == s.index {
				return b
			}
			n++
		}
	}
	return nil
}

// addJSON reads Terraform's JSON syntax, in which blocks are members of objects, or of objects in a list.
func (f *folder) addJSON(path string, data []byte) {
	_ = eachMember(data, 3, func(names []string, line int, text string) { // of a file with errors, what stands before them
		switch {
		case len(names) == 3 && names[0] == "resource":
			f.add(names[1]+"."+names[2], declared{path, line, nil})
		case len(names) == 3 && names[0] == "data":
			f.add("data."+names[1]+"."+names[2], declared{path, line, nil})
		case len(names) == 2 && names[0] == "module":
			f.calls[names[1]] = call{declared{path, line, nil}, ""}
		case len(names) == 3 && names[0] == "module" && names[2] == "source":
			c := f.calls[names[1]]
			c.source = text
			f.calls[names[1]] = c
		}
	})
}

// eachMember hands over every member of the objects of a JSON document down to a depth, with the line of its name: once by name, and once
// more with its text where it is one. Lists are looked through.
func eachMember(data []byte, depth int, found func(names []string, line int, text string)) error {
	w := &walker{data: data, decoder: json.NewDecoder(bytes.NewReader(data)), line: 1, depth: depth, found: found}
	_, err := w.value(nil, 0)
	return err
}

// walker goes through a JSON document and knows its line.
type walker struct {
	data    []byte
	decoder *json.Decoder
	line    int
	counted int64 // bytes of which the line is known
	depth   int
	found   func(names []string, line int, text string)
}

// here is the line of the last token.
func (w *walker) here() int {
	at := w.decoder.InputOffset()
	w.line += bytes.Count(w.data[w.counted:at], []byte("\n"))
	w.counted = at
	return w.line
}

var errTooDeep = errors.New("nested too deeply")

// value reads one value and hands over what lies in it. level guards the stack.
func (w *walker) value(names []string, level int) (json.Token, error) {
	if level > mostLevels {
		return nil, errTooDeep
	}
	open, err := w.decoder.Token()
	delim, ok := open.(json.Delim)
	if err != nil || !ok {
		return open, err
	}
	for w.decoder.More() {
		inner := names
		if delim == '{' {
			name, err := w.decoder.Token()
			if err != nil {
				return nil, err
			}
			key, _ := name.(string)
			inner = append(names[:len(names):len(names)], key)
			w.tell(inner, "")
		}
		token, err := w.value(inner, level+1)
		if err != nil {
			return nil, err
		}
		if text, ok := token.(string); ok && delim == '{' {
			w.tell(inner, text)
		}
	}
	_, err = w.decoder.Token()
	return open, err
}

func (w *walker) tell(names []string, text string) {
	if len(names) <= w.depth {
		w.found(names, w.here(), text)
	}
}
