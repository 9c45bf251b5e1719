package plan

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/seed-1578181b/domicile/internal/residency"
)

// templates are the CloudFormation stacks of one input: a bare template, or all of a cloud assembly, each with the stacks that it nests.
type templates struct {
	options Options
	roots   []*stack
	all     []*stack // parents before what they nest
	w       *world
	gaps    []residency.Gap
	told    map[residency.Gap]bool
	naming  map[string]naming // things of these stacks by address, until they have a name
	placed  map[string]naming // all of them
	steps   int               // of evaluation, in all
	depth   int               // of the evaluation that runs
	err     error             // what stops it
}

// naming is a thing whose name is found when it is first asked for: a name may be made of other things' names.
type naming struct {
	stack *stack
	id    string
	thing *thing
}

// stack is one deployment of a template, to one region of one account.
type stack struct {
	of      *templates
	parent  *stack
	address string // in front of the ids of its resources
	name    string // under which it is deployed; empty where that is not known
	account string
	region  string // empty: not known, and then
	unsaid  string // says what would tell
	tags    map[string]string
	given   func(parameter string) (Value, bool) // values from outside
	foreign []string                             // tags that are not CloudFormation's own

	parameters, mappings, conditions, outputs, resources map[string]Value
	transforms                                           []string

	folder fs.FS // where the templates of nested stacks may lie, nil for a bare template
	path   string
	nested map[string]*stack // by the logical id of the resource that nests them
	depth  int
	judged map[string]judgement // conditions that were evaluated
}

// maxTemplate bounds the bytes of one template. CloudFormation itself takes 1 MB.
const maxTemplate = 16 << 20

// readTemplate parses a template, JSON or YAML.
func readTemplate(data []byte) (root Value, foreign []string, err error) {
	if len(data) > maxTemplate {
		return root, nil, fmt.Errorf("has %d MB: a CloudFormation template has 1 MB at most", len(data)>>20)
	}
	if firstByte(data) == '{' {
		root, err = readJSON(data)
	} else {
		root, foreign, err = readYAML(data)
	}
	if err != nil {
		return root, nil, err
	}
	return root, foreign, checkTemplate(root)
}

func checkTemplate(root Value) error {
	version := root.field("AWSTemplateFormatVersion")
	switch {
	case root.kind != object || root.fields["Resources"].kind == absent && len(root.fields) == 0:
		return errNoTemplate
	case version.kind == text && !strings.HasPrefix(version.text, "2010-09-09"), version.kind == text && len(version.text) > len("2010-09-09") && version.text[len("2010-09-09")] != 'T':
		return fmt.Errorf("AWSTemplateFormatVersion is %q, and CloudFormation knows only 2010-09-09: write the templates that this one stands for, and check those", version.text)
	case root.field("Resources").kind != object:
		return errNoTemplate
	}
	return nil
}

var errNoTemplate = errors.New("is neither a Terraform plan nor a CloudFormation template: give what terraform show -json PLANFILE prints, or a template with Resources")

// fill takes over the sections of a parsed template.
func (s *stack) fill(root Value) {
	s.parameters, s.mappings, s.conditions = root.field("Parameters").fields, root.field("Mappings").fields, root.field("Conditions").fields
	s.outputs, s.resources = root.field("Outputs").fields, root.field("Resources").fields
	for _, t := range root.field("Transform").blocks() {
		name := t.text
		if t.kind == object { // {Name: AWS::Include, Parameters: …}
			name = t.field("Name").text
		}
		s.transforms = append(s.transforms, name)
	}
	if part := root.field("Fn::Transform"); part.kind != absent {
		s.transforms = append(s.transforms, part.field("Name").text)
	}
	if s.serverless() {
		s.resources = expandServerless(s.resources, root.field("Globals"))
	}
}

func (s *stack) transformedBy(prefix string) bool {
	return slices.ContainsFunc(s.transforms, func(t string) bool { return strings.HasPrefix(t, prefix) })
}

func (s *stack) serverless() bool { return s.transformedBy("AWS::Serverless-") }

// index makes the resources of every stack known.
func (t *templates) index(w *world) error {
	t.w, t.naming, t.placed, t.told = w, map[string]naming{}, map[string]naming{}, map[residency.Gap]bool{}
	if t.options.Before { // a template does not say what it replaces
		return nil
	}
	for _, s := range t.roots {
		w.apart(s)
		t.take(s)
	}
	for _, s := range t.all {
		for _, id := range slices.Sorted(maps.Keys(s.resources)) {
			if th := s.thing(id); th != nil {
				t.naming[th.address] = naming{s, id, th}
				t.placed[th.address] = t.naming[th.address]
			}
		}
	}
	for _, address := range slices.Sorted(maps.Keys(t.naming)) {
		t.settled(address)
	}
	return t.err
}

// apart gives a stack an address of its own: two templates of one file name, or of one --stack, are two stacks.
func (w *world) apart(s *stack) {
	taken := func(address string) bool {
		return slices.ContainsFunc(w.stacks, func(other *stack) bool { return other.address == address })
	}
	address := s.address
	for n := 2; taken(s.address); n++ {
		s.address = address + "#" + itoa(n)
	}
}

// limits on stacks within stacks.
const (
	maxNesting = 10
	maxStacks  = 1000
)

// take takes a stack in, and those that it nests.
func (t *templates) take(s *stack) {
	if len(t.all) >= maxStacks {
		t.err = cmp.Or(t.err, fmt.Errorf("nests more than %d stacks", maxStacks))
		return
	}
	s.of, s.nested, s.judged = t, map[string]*stack{}, map[string]judgement{}
	t.all, t.w.stacks = append(t.all, s), append(t.w.stacks, s)
	for _, f := range s.foreign {
		t.gap(residency.ClassUnresolved, s.address+": "+f)
	}
	for _, name := range s.transforms {
		if name != languageExtensions && !strings.HasPrefix(name, "AWS::Serverless-") {
			t.gap(residency.ClassUnimplemented, s.address+": the template is transformed by "+orElse(name, "a macro")+
				" before it is deployed, and what that adds cannot be seen: check the processed template (aws cloudformation get-template --template-stage Processed)")
		}
	}
	s.loops()
	t.w.exports = append(t.w.exports, s.exported()...)
	for _, id := range slices.Sorted(maps.Keys(s.resources)) {
		if s.exists(id).verdict == no {
			continue
		}
		switch s.typeOf(id) {
		case "AWS::CloudFormation::Stack":
			s.nest(id)
		case "AWS::CloudFormation::StackSet":
			s.multiply(id)
		}
	}
}

func (t *templates) gap(class residency.GapClass, detail string) {
	g := residency.Gap{Call: "template", Class: class, Detail: detail}
	if !t.told[g] {
		t.told[g] = true
		t.gaps = append(t.gaps, g)
	}
}

func (s *stack) typeOf(id string) string {
	if v := s.resources[id].field("Type"); v.kind == text {
		return v.text
	}
	return ""
}

func (s *stack) addressOf(id string) string { return s.address + "/" + id }

// thing makes what others may refer to of a resource; nil for what is none: not there, or not AWS's.
func (s *stack) thing(id string) *thing {
	typ := s.typeOf(id)
	if s.exists(id).verdict == no || table[typ] == nil && !aws(typ) || readByTemplates[typ] {
		return nil
	}
	return &thing{address: s.addressOf(id), row: rowOf(typ), account: s.account, from: s.of}
}

// readByTemplates are the types that the reader itself understands, or that hold nothing whatever they are.
var readByTemplates = map[string]bool{"AWS::CloudFormation::Stack": true, "AWS::CloudFormation::StackSet": true, "AWS::CloudFormation::CustomResource": true}

// settled is the thing at an address, with its name. While the name is being found there is none.
func (t *templates) settled(address string) *thing {
	n, open := t.naming[address]
	if open {
		delete(t.naming, address)
		n.stack.settle(n.id, n.thing)
		t.w.add(n.thing)
	}
	return t.w.things[address]
}

// settle gives a thing its row's variant, its place and its name.
func (s *stack) settle(id string, t *thing) {
	properties := s.resources[id].field("Properties")
	if t.row.variant != nil {
		t.row = t.row.with(s.eval(properties))
	}
	if !t.row.global {
		t.region, t.unsaid = s.region, s.unsaid
		if t.region == "" && t.row.zone != "" {
			t.region = s.of.w.regionOfZone(s.eval(properties.field(t.row.zone)).text)
		}
	}
	t.name = s.nameOf(id, t)
}

// load evaluates the properties of one thing, out of turn.
func (t *templates) load(th *thing) (Value, error) {
	n := t.placed[th.address]
	return n.stack.eval(n.stack.resources[n.id].field("Properties")), nil
}

// nameOf is the name that the template gives, a token where AWS makes one up.
func (s *stack) nameOf(id string, t *thing) string {
	if t.row.name == "" {
		return tokenFor(t.address)
	}
	at := s.resources[id].field("Properties")
	for _, name := range strings.Split(t.row.name, ".") {
		at = at.field(name)
	}
	switch v := s.eval(at); v.kind {
	case text:
		if v.text != "" {
			return v.text
		}
	case unknown:
		return tokenBecause(v.text)
	}
	return tokenFor(t.address)
}

// readJSON reads one JSON text. A name that stands twice in one object is refused, as in YAML.
func readJSON(data []byte) (Value, error) {
	d := jsontext.NewDecoder(strings.NewReader(string(data)))
	v, err := value(d)
	if err == nil {
		err = atEnd(d)
	}
	return v, err
}
