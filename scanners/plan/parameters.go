package plan

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// ReadParameters reads the values of a template's parameters in the forms that the AWS CLI takes, as JSON or YAML: a list of
// ParameterKey and ParameterValue, a list of KEY=VALUE, an object under Parameters (CodePipeline), or the values by their names. A value
// that the file says is to be kept from the last deployment is refused, since the file does not hold it.
func ReadParameters(data []byte) (map[string]string, error) {
	in, err := Input{Data: strings.NewReader(string(data)), Size: int64(len(data))}.utf8()
	if err != nil {
		return nil, err
	}
	plain := make([]byte, in.Size)
	if n, err := in.Data.ReadAt(plain, 0); int64(n) < in.Size {
		return nil, err
	}
	var v Value
	switch firstByte(plain) {
	case '{', '[':
		v, err = readJSON(plain)
	default:
		v, _, err = readYAML(plain)
	}
	if err != nil {
		return nil, in.oneLine(err)
	}
	if inner := v.field("Parameters"); v.kind == object && inner.kind == object {
		v = inner
	}
	out := map[string]string{}
	switch v.kind {
	case object:
		for key, given := range v.fields {
			if err := addParameter(out, key, given); err != nil {
				return nil, err
			}
		}
		return out, nil
	case list:
		for i, one := range v.list {
			key, given := one.field("ParameterKey").text, one.field("ParameterValue")
			if name, rest, ok := strings.Cut(one.text, "="); one.kind == text && ok {
				key, given = name, textOf(rest)
			}
			switch {
			case key == "":
				return nil, fmt.Errorf("entry %d of the list has no ParameterKey", i+1)
			case one.field("UsePreviousValue").text == "true":
				return nil, fmt.Errorf("parameter %s keeps its previous value, which is not in the file: give its ParameterValue", key)
			}
			if err := addParameter(out, key, given); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, errors.New("holds no parameters: give a list of ParameterKey and ParameterValue, or an object of names and values")
}

func addParameter(out map[string]string, key string, v Value) error {
	if _, twice := out[key]; twice {
		return fmt.Errorf("parameter %s is given twice", key)
	}
	switch v.kind {
	case text:
		out[key] = v.text
	case list: // of a list parameter
		var items []string
		for _, item := range v.list {
			items = append(items, item.text)
		}
		out[key] = strings.Join(items, ",")
	default:
		return fmt.Errorf("parameter %s has a value that is neither a text nor a list", key)
	}
	return nil
}

// unused notes the given parameters that no template declares: a name that is spelled wrong would leave the default.
func (w *world) unused(given map[string]string) {
	for _, key := range slices.Sorted(maps.Keys(given)) {
		declared := slices.ContainsFunc(w.stacks, func(s *stack) bool {
			_, ok := s.parameters[strings.TrimPrefix(key, s.address+":")]
			return ok && s.parent == nil
		})
		if !declared {
			w.notes = append(w.notes, "parameter "+key+" is given, and no template of this check declares it")
		}
	}
}
