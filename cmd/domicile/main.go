// Command domicile audits where data lives in AWS and where it goes. See the README.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // named zones also where the machine has no table of them, as in an empty container

	"golang.org/x/term"
)

// version is the tool's own; the release script sets it.
var version = "0.1.0"

func main() { os.Exit(program(time.Now)) }

// program is all of it, with the clock that it goes by.
func program(now func() time.Time) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the process at once
	code := run(ctx, system{args: os.Args[1:], stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, now: now, getenv: os.Getenv,
		terminal: func(f any) (int, bool) { return terminalWidth(f) }})
	stop()
	return code
}

// system is all that a command knows of the machine that it runs on.
type system struct {
	args     []string
	stdin    io.Reader
	stdout   io.Writer
	stderr   io.Writer
	now      func() time.Time
	getenv   func(string) string
	terminal func(any) (width int, is bool)
}

// run runs one command line and returns its exit code.
func run(ctx context.Context, s system) int {
	root := newRoot(&s)
	root.SetArgs(s.args)
	root.SetOut(s.stdout)
	root.SetErr(s.stderr)
	err := root.ExecuteContext(ctx)
	if text := message(ctx, err); text != "" {
		fmt.Fprintln(s.stderr, "domicile: "+oneLine(text))
	}
	return codeOf(ctx, err)
}

// oneLine keeps a message on one line, without what a terminal would obey. Errors that were joined have a line each.
func oneLine(text string) string {
	text = strings.ReplaceAll(strings.TrimSpace(text), "\n", "; ")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case r < ' ', r == 0x7f, r >= 0x80 && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return -1
		}
		return r
	}, text)
}

func terminalWidth(f any) (int, bool) {
	file, ok := f.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	return width, err == nil
}
