package config

import "github.com/goccy/go-yaml/token"

// The limits are far above what the contract has a use for. Beyond them the parser's time and stack grow faster than the
// file: a mapping's keys and values that are left out each cost it as much time as there are others.
const (
	maxDepth  = 16
	maxKeys   = 1000
	maxBlanks = 100
)

// refused are the features of YAML that a configuration has no use for. Anchors are refused because a line must mean what it
// says to the auditor who reads it.
var refused = map[token.Type]string{
	token.AnchorType:     "anchors and aliases (& and *) are not read here: write the value out, or quote a value that starts with & or *",
	token.AliasType:      "anchors and aliases (& and *) are not read here: write the value out, or quote a value that starts with & or *",
	token.MergeKeyType:   "merge keys (<<) are not read here: write the keys out",
	token.TagType:        "YAML tags (!) are not read here: drop it, or quote a value that starts with !",
	token.MappingKeyType: "keys that start with ? are not read here: write key: value",
	token.DirectiveType:  "YAML directives (%) are not read here: drop the line, or quote a value that starts with %",
}

// screen walks the tokens before the parser spends stack and time on them.
type screen struct {
	before   *token.Token // nil at the start
	key      *token.Token // of the last colon
	brackets []bracket
	blocks   []block
	blanks   int
}

// bracket is an open [ or {; pair says whether a colon came since the last comma.
type bracket struct{ mapping, pair bool }

// block is a mapping outside brackets while its keys are counted.
type block struct{ column, keys int }

// screen refuses what a configuration has no use for.
func (r *reader) screen(tokens token.Tokens) {
	s := &screen{}
	for _, t := range tokens {
		if t.Type == token.CommentType {
			continue
		}
		if t.Type == token.InvalidType {
			r.syntax(&invalid{t})
		}
		if words, ok := refused[t.Type]; ok {
			r.fail(tokenPlace(t), "%s", words)
		}
		s.blank(t)
		s.nest(t)
		s.follow(r, t)
		if r.err != nil {
			return
		}
		s.before = t
	}
}

// blank counts a key or list item that ends at t without a value.
func (s *screen) blank(t *token.Token) {
	if s.before == nil {
		return
	}
	last := s.before.Type
	switch t.Type {
	case token.CollectEntryType, token.MappingEndType, token.SequenceEndType:
		empty := last == token.MappingValueType || t.Type == token.CollectEntryType &&
			(last == token.CollectEntryType || last == token.SequenceStartType || last == token.MappingStartType)
		if n := len(s.brackets); n > 0 && s.brackets[n-1].mapping && !s.brackets[n-1].pair && t.Type != token.SequenceEndType {
			empty = true
		}
		if empty {
			s.blanks++
		}
	case token.SequenceEntryType: // a list may stand at its key's own column
		if last == token.MappingValueType && t.Position.Column < s.key.Position.Column {
			s.blanks++
		}
	default:
		if last == token.MappingValueType && len(s.brackets) == 0 && t.Position.Line > s.before.Position.Line && t.Position.Column <= s.key.Position.Column {
			s.blanks++
		}
	}
}

// nest keeps the open brackets.
func (s *screen) nest(t *token.Token) {
	n := len(s.brackets)
	switch t.Type {
	case token.SequenceStartType, token.MappingStartType:
		s.brackets = append(s.brackets, bracket{mapping: t.Type == token.MappingStartType})
	case token.SequenceEndType, token.MappingEndType:
		s.brackets = s.brackets[:max(n-1, 0)]
	case token.CollectEntryType, token.MappingValueType:
		if n > 0 {
			s.brackets[n-1].pair = t.Type == token.MappingValueType
		}
	}
}

// follow counts keys and refuses what is beyond the limits.
func (s *screen) follow(r *reader, t *token.Token) {
	at := tokenPlace(t)
	switch t.Type {
	case token.SequenceEntryType:
		if s.before != nil && s.before.Type == token.SequenceEntryType {
			r.fail(tokenPlace(s.before), "this - has no value: give each list item one")
		}
		s.leave(at.column)
	case token.MappingValueType:
		s.key = t
		if s.before != nil {
			s.key = s.before
		}
		if len(s.brackets) == 0 && s.count(s.key.Position.Column) > maxKeys {
			r.fail(at, "a mapping of more than %d keys: take some away, nothing here has so many", maxKeys)
		}
	}
	if len(s.brackets) > maxDepth {
		r.fail(at, "brackets nested more than %d deep: take some away, nothing here is so deep", maxDepth)
	}
	if s.blanks > maxBlanks {
		r.fail(at, "more than %d keys and list items without a value: give them one, or take them away", maxBlanks)
	}
}

// leave drops the mappings that a list item at column ends.
func (s *screen) leave(column int) {
	for n := len(s.blocks); n > 0 && s.blocks[n-1].column > column; n-- {
		s.blocks = s.blocks[:n-1]
	}
}

// count adds a key at column to its mapping, which ends those further in, and returns how many keys that has.
func (s *screen) count(column int) int {
	s.leave(column)
	if n := len(s.blocks); n == 0 || s.blocks[n-1].column < column {
		s.blocks = append(s.blocks, block{column: column})
	}
	last := &s.blocks[len(s.blocks)-1]
	last.keys++
	return last.keys
}
