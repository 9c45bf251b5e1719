package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// maxValues bounds what the aliases of one YAML document may expand to: more than any template within CloudFormation's own limit of
// 1 MB can hold, and little enough to be refused at once.
const maxValues = 500_000

// readYAML reads one YAML document. CloudFormation's short tags become the long form: !Ref X is {"Ref": "X"}. foreign are the tags that
// are not CloudFormation's own, each with its line; what stands under one is not known.
func readYAML(data []byte) (v Value, foreign []string, err error) {
	if line, ok := notUTF8(data); ok {
		return v, nil, fmt.Errorf("line %d: not UTF-8", line)
	}
	d := yaml.NewDecoder(bytes.NewReader(data))
	var doc, more yaml.Node
	switch err := d.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return v, nil, errors.New("is empty")
	case err != nil:
		return v, nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	switch err := d.Decode(&more); {
	case err == nil:
		return v, nil, fmt.Errorf("line %d: a second YAML document: one file is one template", more.Line)
	case !errors.Is(err, io.EOF):
		return v, nil, errors.New(strings.TrimPrefix(err.Error(), "yaml: "))
	}
	r := &yamlReader{open: map[*yaml.Node]bool{}}
	v, err = r.value(&doc, 0)
	return v, r.foreign, err
}

// notUTF8 is the line of the first byte that is no UTF-8.
func notUTF8(data []byte) (line int, found bool) {
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return 1 + bytes.Count(data[:i], []byte("\n")), true
		}
		i += n
	}
	return 0, false
}

type yamlReader struct {
	open    map[*yaml.Node]bool // anchors that are being read
	seen    int
	foreign []string
}

func (r *yamlReader) value(n *yaml.Node, depth int) (Value, error) {
	r.seen++
	switch {
	case depth > maxDepth:
		return Value{}, fmt.Errorf("line %d: %w", n.Line, errDepth)
	case r.seen > maxValues:
		return Value{}, fmt.Errorf("line %d: its aliases expand to more than %d values", n.Line, maxValues)
	}
	if name, short := strings.CutPrefix(n.Tag, "!"); short && !strings.HasPrefix(name, "!") && name != "" && n.Kind != yaml.AliasNode {
		return r.short(n, name, depth)
	}
	return r.plain(n, depth)
}

// plain reads a node without regard to its tag.
func (r *yamlReader) plain(n *yaml.Node, depth int) (Value, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) == 1 {
			return r.value(n.Content[0], depth)
		}
	case yaml.AliasNode:
		if r.open[n.Alias] {
			return Value{}, fmt.Errorf("line %d: alias *%s lies in what it stands for", n.Line, n.Value)
		}
		r.open[n.Alias] = true
		v, err := r.value(n.Alias, depth+1)
		delete(r.open, n.Alias)
		return v, err
	case yaml.SequenceNode:
		return r.sequence(n, depth)
	case yaml.MappingNode:
		return r.mapping(n, depth)
	case yaml.ScalarNode:
		switch n.Tag {
		case "!!null":
			return Value{}, nil
		case "!!bool":
			return textOf(strings.ToLower(n.Value)), nil
		}
		return textOf(clean(n.Value)), nil
	}
	return Value{}, nil
}

func (r *yamlReader) sequence(n *yaml.Node, depth int) (Value, error) {
	defer r.enter(n)()
	v := Value{kind: list}
	for _, c := range n.Content {
		item, err := r.value(c, depth+1)
		if err != nil {
			return v, err
		}
		v.list = append(v.list, item)
	}
	return v, nil
}

func (r *yamlReader) mapping(n *yaml.Node, depth int) (Value, error) {
	defer r.enter(n)()
	v := Value{kind: object, fields: make(map[string]Value, len(n.Content)/2)}
	var merged []Value
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode && key.Alias != nil {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			return v, fmt.Errorf("line %d: a key that is not a plain text", n.Content[i].Line)
		}
		member, err := r.value(n.Content[i+1], depth+1)
		if err != nil {
			return v, err
		}
		if key.Tag == "!!merge" {
			merged = append(merged, member.blocks()...)
			continue
		}
		name := clean(key.Value)
		if _, twice := v.fields[name]; twice {
			return v, fmt.Errorf("line %d: %s stands twice in one mapping", n.Content[i].Line, name)
		}
		v.fields[name] = member
	}
	for _, m := range merged {
		for name, member := range m.fields {
			if _, own := v.fields[name]; !own {
				v.fields[name] = member
			}
		}
	}
	return v, nil
}

// enter marks a collection as being read, so that an alias inside it to itself is seen. It returns what ends it.
func (r *yamlReader) enter(n *yaml.Node) func() {
	if r.open[n] {
		return func() {}
	}
	r.open[n] = true
	return func() { delete(r.open, n) }
}

// shortTags are those that CloudFormation understands, besides !Ref and !Condition, which have no Fn:: in front.
var shortTags = map[string]bool{"GetAtt": true, "Sub": true, "Join": true, "Select": true, "Split": true, "FindInMap": true, "If": true, "Equals": true,
	"And": true, "Or": true, "Not": true, "Base64": true, "Cidr": true, "GetAZs": true, "ImportValue": true, "Transform": true,
	"Length": true, "ToJsonString": true, "GetStackOutput": true}

func (r *yamlReader) short(n *yaml.Node, name string, depth int) (Value, error) {
	v, err := r.plain(n, depth+1)
	switch {
	case err != nil:
		return v, err
	case name == "Ref" || name == "Condition":
	case shortTags[name]:
		name = "Fn::" + name
	default:
		r.foreign = append(r.foreign, fmt.Sprintf("line %d: tag !%s is not CloudFormation's own: what it stands for cannot be seen", n.Line, name))
		return unknownBecause(fmt.Sprintf("it is written with tag !%s (line %d), which is not CloudFormation's own", name, n.Line)), nil
	}
	return Value{kind: object, fields: map[string]Value{name: v}}, nil
}
