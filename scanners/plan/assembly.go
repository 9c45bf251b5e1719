package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
)

// openAssembly reads the manifest of a CDK cloud assembly, and the template of each of its stacks.
func openAssembly(in Input, o Options) (source, error) {
	t := &templates{options: o}
	if _, err := fs.Stat(in.Dir, "manifest.json"); errors.Is(err, fs.ErrNotExist) {
		return nil, errors.New("is a folder without manifest.json, so no cloud assembly: give cdk.out as cdk synth writes it, or single files")
	}
	if err := t.assembly(in.Dir, ".", 0); err != nil {
		return nil, err
	}
	return t, nil
}

// assembly takes in the stacks of one manifest and those of the assemblies inside it (CDK's stages).
func (t *templates) assembly(dir fs.FS, folder string, depth int) error {
	file := path.Join(folder, "manifest.json")
	data, err := fs.ReadFile(dir, file)
	if err != nil {
		return fmt.Errorf("the assembly is not complete: %w: run cdk synth again", err)
	}
	manifest, err := readJSON(data)
	if err != nil {
		return fmt.Errorf("%s: %w", file, lined(data, err))
	}
	artifacts := manifest.field("artifacts")
	if artifacts.kind != object {
		if manifest.field("version").kind != text {
			return fmt.Errorf("%s is not the manifest of a cloud assembly: give cdk.out as cdk synth writes it", file)
		}
		return nil // an app without stacks
	}
	for _, id := range slices.Sorted(maps.Keys(artifacts.fields)) {
		artifact := artifacts.fields[id]
		properties := artifact.field("properties")
		switch artifact.field("type").text {
		case "aws:cloudformation:stack":
			if err := t.deployed(dir, folder, id, artifact); err != nil {
				return err
			}
		case "cdk:cloud-assembly":
			inner := path.Join(folder, properties.field("directoryName").text)
			if depth >= maxNesting || !fs.ValidPath(inner) || inner == folder {
				return fmt.Errorf("%s: assembly %s lies in a folder that is not inside", file, id)
			}
			if err := t.assembly(dir, inner, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// deployed takes in one stack of an assembly.
func (t *templates) deployed(dir fs.FS, folder, id string, artifact Value) error {
	properties := artifact.field("properties")
	s := &stack{name: orElse(properties.field("stackName").text, id), folder: dir, path: path.Join(folder, properties.field("templateFile").text)}
	s.address = s.name
	environment, _ := strings.CutPrefix(artifact.field("environment").text, "aws://")
	account, region, _ := strings.Cut(environment, "/")
	if s.account = accountOnly(account); s.account == "" {
		s.account = t.options.Account
	}
	if s.region = region; region == "" || region == "unknown-region" {
		s.region = t.options.Region
	}
	if s.region == "" {
		s.unsaid = "stack " + s.name + " has no region in its app: give env there, or --region"
	}
	// Where an app deploys one stack to several places under one name, the place tells them apart.
	if slices.ContainsFunc(t.roots, func(other *stack) bool { return other.address == s.address }) {
		s.address += "@" + orElse(s.region, "?")
		for n := 2; slices.ContainsFunc(t.roots, func(other *stack) bool { return other.address == s.address }); n++ {
			s.address = s.name + "@" + orElse(s.region, "?") + "#" + itoa(n)
		}
	}
	s.tags = map[string]string{}
	addTags(s.tags, properties.field("tags"))
	s.given = t.options.given(s.name, properties.field("parameters").fields)
	if err := s.read(); err != nil {
		return fmt.Errorf("stack %s: %w", s.name, err)
	}
	t.roots = append(t.roots, s)
	return nil
}
