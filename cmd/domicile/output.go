package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
	"github.com/seed-1578181b/domicile/reports"
)

// output is one -o.
type output struct {
	format reports.Format
	file   string // empty: stdout
}

func formatNames() []string {
	var names []string
	for _, f := range reports.All() {
		names = append(names, f.Name)
	}
	return names
}

// outputs reads -o before any work is done, so that a slip costs no scan.
func (c *common) outputs() ([]output, error) {
	if len(c.formats) == 0 {
		c.formats = []string{"table"}
	}
	var outs []output
	seen := map[string]bool{}
	for _, arg := range c.formats {
		o, err := parseOutput(arg)
		if err != nil {
			return nil, err
		}
		path := filepath.Clean(o.file)
		_, isTerminal := c.terminal(c.stdout)
		switch {
		case o.file == "" && o.format.Siblings != nil:
			return nil, fmt.Errorf("-o %s: writes several files that link to each other: name the first (-o %s=FILE%s)", arg, arg, o.format.Ext)
		case o.file == "" && o.format.Binary && isTerminal:
			return nil, fmt.Errorf("-o %s: is nothing for a terminal: name a file (-o %s=FILE%s)", arg, arg, o.format.Ext)
		case o.file == "" && seen[""]:
			return nil, errors.New("-o: two formats to stdout: give all but one a file (-o csv=FILE)")
		case o.file != "" && seen[path]:
			return nil, fmt.Errorf("-o %q: a second format for the same file: name another", arg)
		case o.file == "":
			path = ""
		}
		seen[path] = true
		outs = append(outs, o)
	}
	return outs, nil
}

// parseOutput reads FORMAT or FORMAT=FILE, and looks whether the file can be written.
func parseOutput(arg string) (output, error) {
	name, file, named := strings.Cut(arg, "=")
	format, ok := reports.ByName(name)
	switch {
	case !ok:
		return output{}, fmt.Errorf("-o %q: unknown format: one of %s", arg, strings.Join(formatNames(), ", "))
	case named && file == "":
		return output{}, fmt.Errorf("-o %q: no file after =", arg)
	case !named:
		return output{format: format}, nil
	}
	if info, err := os.Stat(filepath.Dir(file)); err != nil || !info.IsDir() {
		return output{}, fmt.Errorf("-o %q: there is no folder %q: make it first", arg, filepath.Dir(file))
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return output{}, fmt.Errorf("-o %q: %q is a folder: name a file", arg, file)
	}
	return output{format, file}, nil
}

// write renders a report once for each -o.
func (c *common) write(outs []output, report func() residency.Report) error {
	for _, o := range outs {
		r := report()
		r.Passes = c.passes
		if err := c.render(o, r); err != nil {
			return err
		}
	}
	return nil
}

func (c *common) render(o output, r residency.Report) error {
	if o.file == "" {
		width, isTerminal := c.terminal(c.stdout)
		r.Width, r.Color = width, isTerminal && !c.noColor && c.getenv("NO_COLOR") == ""
		return buffered(c.stdout, func(w io.Writer) error { return o.format.Write(w, r) })
	}
	r.Base = base(o)
	err := toFile(o.file, func(w io.Writer) error { return o.format.Write(w, r) })
	if err != nil || o.format.Siblings == nil {
		return err
	}
	for _, s := range o.format.Siblings(r) {
		if err := toFile(filepath.Join(filepath.Dir(o.file), r.Base+s.Suffix), s.Write); err != nil {
			return err
		}
	}
	return nil
}

// base is the file's name without its folder, and without the extension if that is the format's.
func base(o output) string { return strings.TrimSuffix(filepath.Base(o.file), o.format.Ext) }

func toFile(path string, write func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return buffered(f, write)
}

func buffered(w io.Writer, write func(io.Writer) error) error {
	b := bufio.NewWriterSize(w, 1<<16)
	if err := write(b); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("write the report: %w", err)
	}
	return nil
}
