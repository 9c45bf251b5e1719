package plan

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// open tells what an input is, and refuses in one line what this package does not read.
func open(in Input, o Options) (source, error) {
	if in.Dir != nil {
		return openAssembly(in, o)
	}
	var err error
	if in, err = in.utf8(); err != nil {
		return nil, err
	}
	head := make([]byte, min(in.Size, 4096))
	if _, err := in.Data.ReadAt(head, 0); err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	switch first := firstByte(head); {
	case bytes.HasPrefix(head, []byte("PK\x03\x04")):
		return nil, errors.New("is a binary plan: give what terraform show -json PLANFILE prints")
	case bytes.IndexByte(head, 0) >= 0:
		return nil, errNoTemplate
	case first == 0 && in.Size <= int64(len(head)):
		return nil, errors.New("is empty")
	case first == '{':
		switch kind, err := sniff(decoder(io.NewSectionReader(in.Data, 0, in.Size))); {
		case err != nil:
			return nil, err
		case kind == isPlan:
			return &terraform{name: in.Name, file: in.Data, size: in.Size, options: o}, nil
		}
	case first == '[':
		return nil, errNoTemplate
	}
	if ext := filepath.Ext(in.Name); ext == ".tf" || ext == ".hcl" || ext == ".tofu" {
		return nil, errors.New("is Terraform's own language: give what terraform show -json PLANFILE prints")
	}
	return openTemplate(in, o)
}

func openTemplate(in Input, o Options) (source, error) {
	if in.Size > maxTemplate {
		return nil, fmt.Errorf("has %d MB: a CloudFormation template has 1 MB at most", in.Size>>20)
	}
	data, err := io.ReadAll(io.NewSectionReader(in.Data, 0, in.Size))
	if err != nil {
		return nil, err
	}
	root, foreign, err := readTemplate(data)
	if err != nil {
		return nil, err
	}
	base := filepath.Base(in.Name)
	if in.Name == "-" {
		base = "stdin"
	}
	s := &stack{address: orElse(o.Stack, strings.TrimSuffix(base, filepath.Ext(base))), name: o.Stack, account: o.Account, region: o.Region, foreign: foreign}
	if s.region == "" {
		s.unsaid = "a template does not say its region: give --region"
	}
	s.given = o.given(s.address, nil)
	s.fill(root)
	return &templates{options: o, roots: []*stack{s}}, nil
}

// given are the values for the parameters of a stack: the user's, else those that come with the stack.
func (o Options) given(stack string, own map[string]Value) func(string) (Value, bool) {
	return func(parameter string) (Value, bool) {
		for _, key := range []string{stack + ":" + parameter, parameter} {
			if v, ok := o.Parameters[key]; ok {
				return textOf(clean(v)), true
			}
		}
		v, ok := own[parameter]
		return v, ok
	}
}

// firstByte is the first byte that is no white space, 0 where there is none.
func firstByte(data []byte) byte {
	data = bytes.TrimLeft(data, " \t\r\n")
	if len(data) == 0 {
		return 0
	}
	return data[0]
}

// what a JSON object is, by the names in it.
type jsonKind uint8

const (
	isPlan jsonKind = iota
	isTemplate
)

// sniff looks at the names of a JSON object until one decides what it is.
func sniff(d *jsontext.Decoder) (kind jsonKind, err error) {
	found := errors.New("found")
	var formatted, versioned bool
	err = members(d, func(name string) error {
		switch name {
		case "planned_values", "resource_changes", "prior_state", "configuration":
			kind = isPlan
			return found
		case "Resources", "AWSTemplateFormatVersion":
			kind = isTemplate
			return found
		case "format_version":
			version, err := word(d)
			if major, _, _ := strings.Cut(version, "."); err == nil && version != "" && major != "0" && major != "1" {
				return fmt.Errorf("is of format_version %q: this version reads plans of 0.1 to 1.2", clean(version))
			}
			formatted = version != ""
			return err
		case "values":
			if formatted {
				return errors.New("is a Terraform state, not a plan: give what terraform show -json PLANFILE prints")
			}
		case "serial", "lineage", "terraform_version":
			versioned = versioned || name != "terraform_version"
			if versioned && !formatted {
				return errors.New("is a Terraform state, not a plan: give what terraform show -json PLANFILE prints")
			}
		case "@level":
			return errors.New("is the log of terraform plan -json, not the plan: give what terraform show -json PLANFILE prints")
		case "artifacts":
			return errors.New("is part of a cloud assembly: give the folder that it lies in")
		}
		return d.SkipValue()
	})
	switch {
	case errors.Is(err, found):
		return kind, nil
	case err != nil:
		return kind, err
	case formatted:
		return kind, errors.New("holds no plan, only its format_version: give what terraform show -json PLANFILE prints")
	}
	return kind, errNoTemplate
}

// atEnd reports what follows the one JSON text of a file.
func atEnd(d *jsontext.Decoder) error {
	if _, err := d.ReadToken(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("more follows after the end of the JSON, at byte %d", d.InputOffset())
	}
	return nil
}

// oneLine makes a message of a reader's error that names the line of the file.
func (in Input) oneLine(err error) error {
	var syntax *jsontext.SyntacticError
	switch {
	case errors.As(err, &syntax):
		what := strings.TrimPrefix(syntax.Err.Error(), "jsontext: ")
		if errors.Is(syntax.Err, io.ErrUnexpectedEOF) {
			what = "it ends in the middle: is it cut off?"
		}
		if at := syntax.JSONPointer.LastToken(); strings.Contains(what, "duplicate") && at != "" {
			what = fmt.Sprintf("%q stands twice in one object", at)
		}
		return fmt.Errorf("line %d: no valid JSON: %s", in.lineOf(syntax.ByteOffset), what)
	case errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("no valid JSON: it ends in the middle: is it cut off?")
	}
	return errors.New(strings.Join(strings.Fields(err.Error()), " "))
}

// lined is oneLine for a text of its own.
func lined(data []byte, err error) error {
	return Input{Data: bytes.NewReader(data), Size: int64(len(data))}.oneLine(err)
}

// lineOf is the line at a byte of the text.
func (in Input) lineOf(offset int64) int {
	if in.Dir != nil {
		return 0
	}
	if text, err := in.utf8(); err == nil {
		in = text
	}
	line := 1
	buffer := make([]byte, 64<<10)
	for at := int64(0); at < offset; {
		n, err := in.Data.ReadAt(buffer[:min(int64(len(buffer)), offset-at)], at)
		line += bytes.Count(buffer[:n], []byte("\n"))
		if at += int64(n); err != nil || n == 0 {
			break
		}
	}
	return line
}
