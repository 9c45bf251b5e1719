package plan

import "fmt"

// judgement is whether a condition holds.
type judgement struct {
	verdict verdict
	why     string // it is not known
}

type verdict uint8

const (
	maybe verdict = iota
	yes
	no
)

func truth(b bool) judgement {
	if b {
		return judgement{verdict: yes}
	}
	return judgement{verdict: no}
}

// exists is whether a resource will be there.
func (s *stack) exists(id string) judgement {
	if c := s.resources[id].field("Condition"); c.kind == text {
		return s.condition(c.text)
	}
	return judgement{verdict: yes}
}

// condition is a condition by its name.
func (s *stack) condition(name string) judgement {
	if j, ok := s.judged[name]; ok {
		return j
	}
	declared, ok := s.conditions[name]
	if !ok {
		return judgement{why: fmt.Sprintf("condition %q is not in the template", name)}
	}
	s.judged[name] = judgement{why: "condition " + name + " refers to itself"}
	j := s.holds(declared)
	if j.verdict == maybe {
		j.why = orElse(j.why, "condition "+name+" is not known before the deployment")
	}
	s.judged[name] = j
	return j
}

// holds evaluates an expression of conditions.
func (s *stack) holds(v Value) judgement {
	s.of.depth++
	defer func() { s.of.depth-- }()
	if s.of.depth > 2*maxDepth {
		return judgement{why: "its conditions lead in a circle"}
	}
	for name, argument := range v.fields {
		if len(v.fields) != 1 {
			break
		}
		switch name {
		case "Condition":
			return s.condition(argument.text)
		case "Fn::Equals":
			if argument.kind == list && len(argument.list) == 2 {
				return equal(s.eval(argument.list[0]), s.eval(argument.list[1]))
			}
		case "Fn::Not":
			j := s.holds(first(argument))
			switch j.verdict {
			case yes:
				return truth(false)
			case no:
				return truth(true)
			}
			return j
		case "Fn::And":
			return s.combine(argument, no)
		case "Fn::Or":
			return s.combine(argument, yes)
		}
		return judgement{why: name + " is not known before the deployment"}
	}
	return judgement{why: "a condition is written in a way that this version does not know"}
}

// combine is And or Or: one member that decides is enough, else all must be known.
func (s *stack) combine(argument Value, decides verdict) judgement {
	out := truth(decides == no)
	for _, member := range argument.blocks() {
		switch j := s.holds(member); j.verdict {
		case decides:
			return j
		case maybe:
			out = j
		}
	}
	return out
}

func first(v Value) Value {
	if len(v.list) > 0 {
		return v.list[0]
	}
	return Value{}
}

// equal compares two values as far as they are known.
func equal(a, b Value) judgement {
	switch {
	case a.kind == text && b.kind == text && (a.text == b.text || known(a.text) && known(b.text)):
		return truth(a.text == b.text)
	case a.kind == reference && b.kind == reference && a.text == b.text && a.attr == b.attr:
		return truth(true)
	case a.kind == absent || b.kind == absent:
		return truth(a.kind == b.kind)
	}
	for _, v := range []Value{a, b} {
		switch {
		case v.kind == unknown:
			return judgement{why: v.text}
		case v.kind == text && !known(v.text):
			return judgement{why: orElse(missing(v.text), shown(v.text)+" is not known before the deployment")}
		}
	}
	return judgement{why: "what it compares is known only after the deployment"}
}
