// Package html writes HTML and SVG in which nothing from outside can become markup: a page is a tree of elements, attributes and texts,
// and each is escaped where it is written. (templ's runtime imports html/template, which swells the binary fourfold.)
package html

import (
	"bufio"
	"strings"
)

// Node is a part of a page: Text, Attr, Element, Nodes, Func or Trusted.
type Node interface{ join(e *Element) }

type (
	// Text is shown as it is.
	Text string
	// Attr is an attribute. Key is ours, Value may be anybody's.
	Attr struct{ Key, Value string }
	// Nodes are several in a row; none at all adds nothing.
	Nodes []Node
	// Trusted is written without escapes: the embedded style sheet and script, nothing else.
	Trusted string
	// Func writes what is too much to be kept. It escapes for itself.
	Func func(w *bufio.Writer) error
)

// Element is one element of HTML or SVG.
type Element struct {
	Name  string
	Attrs []Attr
	Kids  []Node
}

func (t Text) join(e *Element)    { e.Kids = append(e.Kids, t) }
func (a Attr) join(e *Element)    { e.Attrs = append(e.Attrs, a) }
func (t Trusted) join(e *Element) { e.Kids = append(e.Kids, t) }
func (f Func) join(e *Element)    { e.Kids = append(e.Kids, f) }
func (c Element) join(e *Element) { e.Kids = append(e.Kids, c) }
func (s Nodes) join(e *Element) {
	for _, n := range s {
		n.join(e)
	}
}

// Tag makes an element of its attributes and content, in any order.
func Tag(name string, parts ...Node) Element {
	e := Element{Name: name}
	Nodes(parts).join(&e)
	return e
}

// Class is the attribute class.
func Class(names string) Attr { return Attr{"class", names} }

// Code is a name that may break after a colon or a slash, as long ARNs must.
func Code(name string) Element {
	c := Tag("code")
	for name != "" {
		end := strings.IndexAny(name, ":/") + 1
		if end == 0 || end == len(name) {
			c.Kids = append(c.Kids, Text(name))
			break
		}
		c.Kids = append(c.Kids, Text(name[:end]), Tag("wbr"))
		name = name[end:]
	}
	return c
}

// void are the elements that have no end tag in HTML.
var void = map[string]bool{"meta": true, "wbr": true, "input": true, "br": true}

var (
	inText = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")
	inAttr = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;")
)

// Write writes n. Visible makes the hostile runes of each text and attribute visible before it is escaped. The error is that of a Func:
// w keeps its own until Flush.
func Write(w *bufio.Writer, visible func(string) string, n Node) error {
	switch n := n.(type) {
	case Text:
		w.WriteString(inText.Replace(visible(string(n))))
	case Trusted:
		w.WriteString(string(n))
	case Func:
		return n(w)
	case Nodes:
		return writeAll(w, visible, n)
	case Element:
		return n.write(w, visible)
	}
	return nil
}

func writeAll(w *bufio.Writer, visible func(string) string, all []Node) error {
	for _, n := range all {
		if err := Write(w, visible, n); err != nil {
			return err
		}
	}
	return nil
}

func (c Element) write(w *bufio.Writer, visible func(string) string) error {
	w.WriteString("<" + c.Name)
	for _, a := range c.Attrs {
		w.WriteString(" " + a.Key + `="` + inAttr.Replace(visible(a.Value)) + `"`)
	}
	if void[c.Name] {
		w.WriteString("/>")
		return nil
	}
	w.WriteByte('>')
	if err := writeAll(w, visible, c.Kids); err != nil {
		return err
	}
	w.WriteString("</" + c.Name + ">")
	return nil
}
