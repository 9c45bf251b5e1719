// Package sbom lists what a program is made of: a software bill of materials in CycloneDX, read from what the Go linker wrote into the program
// itself. The same program gives the same bytes.
package sbom

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// Write writes the bill of the program that info describes, as CycloneDX 1.6 in JSON. version is the program's own. Every module that is linked in
// stands under the program, since the linker does not say which of them asks for which, and the standard library among them.
func Write(w io.Writer, info *debug.BuildInfo, version string) error {
	if info == nil || info.Main.Path == "" {
		return errors.New("the program does not say what it was built from: build it with modules")
	}
	bom := billOf(info, version)
	var unnumbered bytes.Buffer
	if err := encode(&unnumbered, bom); err != nil {
		return err
	}
	sum := sha256.Sum256(unnumbered.Bytes())
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80 // a UUID of version 8: one that its maker defines, here by what the bill says
	bom.SerialNumber = fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	return encode(w, bom)
}

func encode(w io.Writer, bom *cdx.BOM) error {
	if err := cdx.NewBOMEncoder(w, cdx.BOMFileFormatJSON).SetPretty(true).SetEscapeHTML(false).EncodeVersion(bom, cdx.SpecVersion1_6); err != nil {
		return fmt.Errorf("write the bill of materials: %w", err)
	}
	return nil
}

func billOf(info *debug.BuildInfo, version string) *cdx.BOM {
	program := component(cdx.ComponentTypeApplication, info.Main.Path, version)
	program.Properties = properties(info)
	bom := cdx.NewBOM()
	bom.Metadata = &cdx.Metadata{Component: &program, Timestamp: setting(info, "vcs.time")}
	components := []cdx.Component{component(cdx.ComponentTypeLibrary, "std", strings.TrimPrefix(info.GoVersion, "go"))}
	for _, m := range info.Deps {
		if m.Replace != nil {
			m = m.Replace
		}
		c := component(cdx.ComponentTypeLibrary, m.Path, m.Version)
		if m.Sum != "" {
			c.Properties = &[]cdx.Property{{Name: "go:sum", Value: m.Sum}} // as in go.sum; it is a hash of hashes and none of a file
		}
		components = append(components, c)
	}
	slices.SortFunc(components, func(a, b cdx.Component) int { return cmp.Compare(a.BOMRef, b.BOMRef) })
	var refs []string
	for _, c := range components {
		refs = append(refs, c.BOMRef)
	}
	bom.Components = &components
	bom.Dependencies = &[]cdx.Dependency{{Ref: program.BOMRef, Dependencies: &refs}}
	return bom
}

// component is a module under its package URL.
func component(kind cdx.ComponentType, path, version string) cdx.Component {
	url := "pkg:golang/" + path
	if version != "" {
		url += "@" + strings.ReplaceAll(version, "+", "%2B")
	}
	return cdx.Component{BOMRef: url, Type: kind, Name: path, Version: version, PackageURL: url}
}

// properties are the settings of the build that change what it does.
func properties(info *debug.BuildInfo) *[]cdx.Property {
	all := []cdx.Property{{Name: "go:version", Value: info.GoVersion}}
	for _, key := range []string{"-tags", "-trimpath", "CGO_ENABLED", "GOARCH", "GOOS", "vcs.modified", "vcs.revision"} {
		if v := setting(info, key); v != "" {
			all = append(all, cdx.Property{Name: "go:" + strings.TrimPrefix(key, "-"), Value: v})
		}
	}
	return &all
}

func setting(info *debug.BuildInfo, key string) string {
	for _, s := range info.Settings {
		if s.Key == key {
			return s.Value
		}
	}
	return ""
}
