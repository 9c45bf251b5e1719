package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-1578181b/domicile/internal/audit"
	"github.com/seed-1578181b/domicile/internal/evidence"
)

// verifyFlags are those of verify alone.
type verifyFlags struct{ key, checkpoint string }

func newVerify(c *common) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify RUN",
		Short: "Prove a run, a package or a whole store untouched, and judge it again, offline",
		Long: "verify checks every hash, the signature and the log's proof, and judges the stored snapshot again with the stored policies: the same\n" +
			"verdicts must come out. RUN is a run folder, a package, a run's id below --out, latest, or a store with its log. It needs no\n" +
			"credentials and no network, and exits 1 when anything does not verify.",
		Args: exactly(1, "RUN: a run folder, a package, a run's id, latest, or a store"),
		RunE: func(cmd *cobra.Command, args []string) error { return c.verify(cmd.Context(), args[0], f) },
	}
	cmd.Flags().StringVar(&f.key, "key", "", "public key to check with (PEM), from elsewhere than the run")
	cmd.Flags().StringVar(&f.checkpoint, "checkpoint", "", "a checkpoint of the log that was kept elsewhere: finds a log that was rolled back or built anew")
	return cmd
}

func (c *common) verify(ctx context.Context, arg string, f verifyFlags) error {
	v := verifier{common: c}
	if f.key != "" {
		var err error
		if v.key, err = evidence.ReadKey(f.key); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
	}
	if f.checkpoint != "" {
		data, err := os.ReadFile(f.checkpoint)
		if err != nil {
			return fmt.Errorf("--checkpoint: %w", err)
		}
		v.witness = string(data)
	}
	path, err := v.find(arg)
	if err != nil {
		return err
	}
	switch info, err := os.Stat(path); {
	case err != nil:
		return err
	case !info.IsDir():
		err = v.archive(ctx, path)
		return errors.Join(err, v.end())
	case evidence.IsStore(path):
		err = v.store(ctx, path)
		return errors.Join(err, v.end())
	}
	return errors.Join(v.single(ctx, path, path), v.end())
}

// verifier checks and says so, a line for each thing.
type verifier struct {
	*common
	key      *evidence.Key // nil: the run's own
	witness  string
	packed   bool // what is checked came out of a package
	problems int
}

func (v *verifier) say(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	indent := text[:len(text)-len(strings.TrimLeft(text, " "))]
	fmt.Fprintln(v.stdout, indent+oneLine(text))
}

func (v *verifier) tell(problems []evidence.Problem) {
	v.problems += len(problems)
	for _, p := range problems {
		v.say("DOES NOT VERIFY: %s", p)
	}
}

func (v *verifier) find(arg string) (string, error) {
	if _, err := os.Stat(arg); err == nil {
		return arg, nil
	}
	path, err := evidence.Find(v.out, arg)
	if err != nil {
		return "", fmt.Errorf("verify %q: %w", arg, err)
	}
	return path, nil
}

// run checks one run and says what it found.
func (v *verifier) run(ctx context.Context, dir, name string) (*evidence.Checked, error) {
	checked, err := audit.Verify(ctx, dir, v.key, version)
	if err != nil {
		return nil, fmt.Errorf("verify %s: %w", name, err)
	}
	for _, file := range checked.Unsigned {
		if !v.packed { // a package has a readme, a run none
			checked.Problems = append(checked.Problems, evidence.Problem{File: file, Reason: "is in no list: it was added"})
		}
	}
	for _, p := range checked.Problems {
		v.tell([]evidence.Problem{{File: filepath.Join(name, p.File), Reason: p.Reason}})
	}
	if len(checked.Problems) > 0 {
		return checked, nil
	}
	m, s := checked.Manifest, checked.Seal
	v.say("%s verifies; it concluded: %s", m.Run, strings.ReplaceAll(string(m.Conclusion), "_", " "))
	v.say("  sealed with %s (%s) on %s as number %d of its log", s.Key, s.Algorithm, m.End.Format("2006-01-02 15:04:05 MST"), m.Sequence)
	v.say("  %d files are as they were sealed; the judgement was performed again and gave the same verdicts", len(m.Files))
	for _, r := range checked.Receipts {
		if r.Problem != "" {
			v.say("  %s to %s did not succeed: %s", r.What, r.Where, r.Problem)
		}
	}
	parts, err := audit.Parts(os.DirFS(dir))
	if err != nil {
		return nil, err
	}
	if m.Zone != "" {
		v.say("  it holds the evidence of zone %s alone", m.Zone)
	}
	for _, p := range parts {
		v.say("  the evidence of zone %s (%d resources) is a run of its own in %s, to be verified there; manifest sha256:%s", p.Zone, p.Resources, p.Store, p.Manifest)
	}
	if !checked.Stamped.IsZero() {
		v.say("  time stamp: %s had the manifest on %s; whose certificate signed it, compare with the authority's own", s.TimeStamped, checked.Stamped.Format("2006-01-02 15:04:05 MST"))
	}
	for _, p := range append(slices.Clone(m.Problems), checked.Notes...) {
		v.say("  %s", p)
	}
	for _, name := range checked.Unsigned {
		v.say("  %s is for people, and no signature covers it", name)
	}
	return checked, nil
}

// store checks the log and every run that it holds.
func (v *verifier) store(ctx context.Context, dir string) error {
	if v.key == nil {
		key, err := evidence.ReadKey(evidence.PublicKeyPath(dir))
		if err != nil {
			return fmt.Errorf("verify %s: %w: name the public key with --key", dir, err)
		}
		v.key = key
	}
	checked, err := evidence.VerifyStore(ctx, dir, v.key, v.witness)
	if err != nil {
		return err
	}
	v.tell(checked.Problems)
	for _, note := range checked.Notes {
		v.say("%s", note)
	}
	for _, run := range checked.Runs {
		one, err := v.run(ctx, run, run)
		if err != nil {
			return err
		}
		if len(one.Problems) > 0 {
			continue
		}
		before := len(checked.Problems)
		checked.Match(evidence.RunOf(run), one)
		v.tell(checked.Problems[before:])
	}
	entries := len(checked.Log.Entries())
	v.say("entries of the log: %d, runs among them: %d", entries, len(checked.Runs))
	if v.witness == "" {
		v.say("no outside witness: without a checkpoint from elsewhere (--checkpoint) nobody can tell whether store and log were built anew with the same key")
	}
	return nil
}

// single checks one run, by itself and against the witness, and says what a run by itself cannot show.
func (v *verifier) single(ctx context.Context, dir, name string) error {
	checked, err := v.run(ctx, dir, name)
	if err != nil || v.problems > 0 {
		return err
	}
	if v.witness != "" {
		before := len(checked.Problems)
		if err := checked.Witness(evidence.Folder(dir), v.witness); err != nil {
			return fmt.Errorf("--checkpoint: %w", err)
		}
		for _, p := range checked.Problems[before:] {
			v.tell([]evidence.Problem{{File: filepath.Join(name, p.File), Reason: p.Reason}})
		}
	}
	if v.key == nil {
		v.say("  checked with the run's own public key: compare its fingerprint with one from elsewhere, or give it with --key")
	}
	switch {
	case v.problems > 0:
	case v.witness != "":
		v.say("  the log agrees with the checkpoint from elsewhere")
	default:
		v.say("  no outside witness: give a checkpoint that was kept elsewhere with --checkpoint, to find a log that was rolled back or built anew")
	}
	return nil
}

// end is the exit: 1 when anything does not verify.
func (v *verifier) end() error {
	if v.problems == 0 {
		return nil
	}
	return fmt.Errorf("%d problem(s): the evidence is not as it was sealed, or not by this key", v.problems)
}

func (v *verifier) archive(ctx context.Context, path string) error {
	dir, err := os.MkdirTemp("", "domicile-")
	if err != nil {
		return fmt.Errorf("make a temporary folder: %w", err)
	}
	v.packed = true
	same, err := evidence.Unpack(path, dir)
	if err == nil && !same {
		v.tell([]evidence.Problem{{File: path, Reason: "the zip is not in the form in which it was written: bytes outside of its files were changed or added, or it was packed anew"}})
	}
	if err == nil {
		err = v.single(ctx, dir, path)
	}
	return errors.Join(err, os.RemoveAll(dir))
}
