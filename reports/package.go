package reports

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seed-1578181b/domicile/internal/residency"
)

var _ = register(Format{Name: "package", Ext: ".zip", MediaType: "application/zip", Binary: true, Write: writePackage})

// readMeName is the file of a package that tells an auditor how to verify it.
const readMeName = "VERIFY.md"

// writePackage writes everything of a kept run as one zip.
func writePackage(w io.Writer, r residency.Report) error {
	if r.Dossier == nil || r.Dossier.Archive == nil {
		return errors.New("write package: it is made of a kept run: domicile report RUN -o package=FILE")
	}
	if err := r.Dossier.Archive(w, map[string][]byte{readMeName: []byte(readMe(r))}); err != nil {
		return fmt.Errorf("write package: %w", err)
	}
	return nil
}

// readMe says in plain words what the package is and how to check it.
func readMe(r residency.Report) string {
	m, seal := r.Dossier.Manifest, r.Dossier.Seal
	var b strings.Builder
	fmt.Fprintf(&b, "# Evidence of one run of domicile\n\n")
	if o := strings.TrimSpace(r.Dossier.Organization + " " + r.Dossier.System); o != "" {
		fmt.Fprintf(&b, "Of: %s\n", cell(o))
	}
	fmt.Fprintf(&b, "Run: %s\nObserved: %s\nConclusion: %s\n\n", m.Run, m.Observed.UTC().Format("2006-01-02 15:04:05 MST"), saidOf(r.Summary.Conclusion))
	fmt.Fprintf(&b, `This package holds everything that the run saw and concluded. You can check it without trusting whoever gave it to you, without a
network and without credentials.

## How to verify

1. Get the program domicile from a source of your own, version %s or later, and the organisation's public key from a person or place
   other than this package. Compare the key's fingerprint:

       %s (%s)

2. Run

       domicile verify PACKAGE.zip --key PUBLIC-KEY.pem

   It checks the SHA-256 of every file against manifest.json, the signature over the manifest, the proof that the log holds this run as
   number %d of %d, and the signed list of reports. Then it judges the stored snapshot again with the stored policies, configuration and
   waivers, and demands the same verdicts, byte for byte. It exits with 0 when everything verifies, and otherwise names each file that does
   not and exits with 1.

3. Ask for a checkpoint of the log that was kept outside the organisation (checkpoint.note is the one of this run). %s

By hand: the SHA-256 of manifest.json is

    %s

and manifest.dsse.json is a DSSE envelope (in-toto Statement v1) over that digest.

## What is in it

- snapshot.ndjson.zst: the inventory, one JSON object a line
- verdicts.ndjson.zst: every verdict, passes included
- summary.json: the conclusion, counts, coverage and gaps
- calls.ndjson.zst: each answered call with time, AWS request id and SHA-256 of the redacted answer; look request ids up in CloudTrail
- events.json: since when CloudTrail was asked what happened, where there was a run before
- config.yaml, waivers.yaml, policies/: what it was judged with
- manifest.json, manifest.dsse.json, key.pub, checkpoint.note, inclusion.proof: the seal
- reports/, reports.json, reports.dsse.json: what was rendered for people, with its own signed list, where it was rendered

## What it does not say

It says where data is kept and where it is sent, as far as the run could see. It cannot show that nobody in another country reads the data.
What was not examined is listed in summary.json under coverage; it is never counted as a pass.
`, m.Tool, seal.Key, seal.Algorithm, m.Sequence, seal.LogSize, witnessed(seal), seal.Manifest)
	return b.String()
}

func witnessed(s residency.Seal) string {
	if s.Published == "" {
		return "No\n   outside witness exists for this run: nobody can tell from the package alone whether the log was built anew."
	}
	return "Checkpoints\n   are published at " + cell(s.Published) + "."
}

// saidOf is a conclusion as reports say it.
func saidOf(c residency.Conclusion) string {
	switch c {
	case residency.ConcludePass:
		return "no exceptions noted in the population examined"
	case residency.ConcludeFail:
		return "exceptions noted"
	}
	return "not concluded: not everything could be examined or proved"
}
