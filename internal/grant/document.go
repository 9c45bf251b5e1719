package grant

import (
	"encoding/json"
	"errors"
	"strings"
)

// Document is a resource policy. IAM compares the names of its elements without regard to case, as encoding/json does.
type Document struct {
	Statement OneOrMany[statement]
}

type statement struct {
	Sid          string
	Effect       string
	Principal    principals
	NotPrincipal principals
	Action       OneOrMany[string]
	NotAction    OneOrMany[string]
	Resource     OneOrMany[string]
	NotResource  OneOrMany[string]
	Condition    map[string]map[string]OneOrMany[string] // by operator and key
}

// Parse reads a policy. A text that is no policy is an error and never an empty policy.
func Parse(policy string) (Document, error) {
	var doc Document
	if err := json.Unmarshal([]byte(policy), &doc); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return doc, errors.New("the policy is not JSON")
		}
		return doc, errors.New("the policy is not written as IAM writes them")
	}
	if len(doc.Statement) == 0 && strings.TrimSpace(policy) != "{}" {
		return doc, errors.New("the policy has no statement")
	}
	return doc, nil
}

// holds reports whether the statement's actions hold this one, given in lower case.
func (s statement) holds(action string) bool {
	matches := func(patterns []string) bool {
		for _, p := range patterns {
			if glob(strings.ToLower(p), action) {
				return true
			}
		}
		return false
	}
	return matches(s.Action) || len(s.NotAction) > 0 && !matches(s.NotAction)
}

// resources are the patterns of what the statement is about; "*" where it leaves that open.
func (s statement) resources() (patterns []string) {
	for _, p := range s.Resource {
		patterns = append(patterns, p)
	}
	if len(patterns) == 0 {
		return []string{"*"}
	}
	return patterns
}

// OneOrMany reads what IAM allows to be a single value or a list, and numbers and booleans where strings belong.
type OneOrMany[T any] []T

func (o *OneOrMany[T]) UnmarshalJSON(b []byte) error {
	raw := []json.RawMessage{b}
	if b[0] == '[' {
		if err := json.Unmarshal(b, &raw); err != nil {
			return err
		}
	}
	*o = make(OneOrMany[T], len(raw))
	for i, one := range raw {
		if word, ok := any(&(*o)[i]).(*string); ok && (one[0] >= '0' && one[0] <= '9' || one[0] == 't' || one[0] == 'f') {
			*word = string(one) // as it is written: a float would spoil an account's number
		} else if err := json.Unmarshal(one, &(*o)[i]); err != nil {
			return err
		}
	}
	return nil
}

// principals reads "*" and {"AWS": …, "Service": …}, by kind.
type principals map[string]OneOrMany[string]

func (p *principals) UnmarshalJSON(b []byte) error {
	var all string
	if json.Unmarshal(b, &all) == nil {
		*p = principals{"AWS": {all}}
		return nil
	}
	var m map[string]OneOrMany[string]
	if err := json.Unmarshal(b, &m); err != nil {
		return err
	}
	*p = principals{}
	for kind, names := range m {
		if strings.EqualFold(kind, "AWS") || kind == "*" {
			kind = "AWS"
		}
		(*p)[kind] = append((*p)[kind], names...)
	}
	return nil
}

// foldKeys lowers the condition keys, which IAM compares without regard to case.
func foldKeys(conditions map[string]OneOrMany[string]) map[string][]string {
	folded := map[string][]string{}
	for k, v := range conditions {
		folded[strings.ToLower(k)] = append(folded[strings.ToLower(k)], v...)
	}
	return folded
}

// glob matches s against pattern's * and ?. A * in s, which may itself be a pattern, is a character that only a * covers: so a
// pattern that matches another matches all that the other does.
func glob(pattern, s string) bool {
	p, i, star, mark := 0, 0, -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark, p = p, i, p+1
		case p < len(pattern) && (pattern[p] == s[i] || pattern[p] == '?' && s[i] != '*'):
			p, i = p+1, i+1
		case star >= 0:
			mark++
			p, i = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
