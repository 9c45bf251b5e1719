package main

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"github.com/spf13/cobra"
)

// TestManPages: a page for each command that help shows, in which roff obeys nothing that a text says.
func TestManPages(t *testing.T) {
	s := inProcess(&bytes.Buffer{}, &bytes.Buffer{})
	pages := documented(newRoot(&s))
	if len(pages) < 20 {
		t.Fatalf("%d pages", len(pages))
	}
	request := regexp.MustCompile(`^\.(TH "[^"]+" 1 "" "domicile [0-9.]+" "User Commands"|SH [A-Z ]+|TP|PP|nf|fi)$`)
	for _, cmd := range pages {
		var b bytes.Buffer
		if err := manPage(&b, cmd); err != nil {
			t.Fatal(err)
		}
		for line := range strings.SplitSeq(b.String(), "\n") {
			if strings.HasPrefix(line, "'") || strings.HasPrefix(line, ".") && !request.MatchString(line) {
				t.Errorf("%s: roff obeys %q", cmd.CommandPath(), line)
			}
		}
		if strings.Count(b.String(), ".nf\n") != strings.Count(b.String(), "\n.fi\n") {
			t.Errorf("%s: .nf and .fi do not match", cmd.CommandPath())
		}
	}
}

func TestRoff(t *testing.T) {
	cmd := &cobra.Command{Use: "x", Short: "Say", Long: ".so /etc/passwd\n'br\na \\fB - b\n\n  kept\n  as is\nend"}
	var b bytes.Buffer
	if err := manPage(&b, cmd); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(b.String(), ".SH DESCRIPTION\n")
	text, _, _ = strings.Cut(text, ".SH")
	if want := "\\&.so /etc/passwd\n\\&'br\na \\efB \\- b\n.PP\n.nf\n  kept\n  as is\n.fi\nend\n"; text != want {
		t.Errorf("%q, want %q", text, want)
	}
}
