// Package snapshot writes an inventory down as one file and reads it back: one JSON object a line, a header, then resources
// and coverage in any order, then a trailer that counts them. A file that ends early, or whose counts disagree, is refused.
// Verdict files are lines of the same kind without header and trailer. It is the only package that knows zstd.
//
// Reading is strict where a mistake could hide a placement: a name that stands twice in one object, an unknown role, status or
// class, a kind of line that this version does not know. It is lax where the format may grow: unknown names beside the known
// ones are skipped. A null is the same as an absent name everywhere but in facts, so "placements":null is "not read".
//
// What may be kept: see [Decoder] for the values of resources; coverage lines and verdicts are the caller's for good.
package snapshot

// The sizes that keep reading in bounded memory.
const (
	MaxLine   = 16 << 20 // bytes of one line without its line end
	ChunkSize = 96 << 10 // bytes of a chunk where the caller names none
	maxChunk  = 4 << 20
	maxDepth  = 64 // objects and lists within each other
)

// The names of the files in a run folder.
const (
	FileName         = "snapshot.ndjson.zst"
	PlainFileName    = "snapshot.ndjson"
	VerdictsFileName = "verdicts.ndjson.zst"
	plainVerdicts    = "verdicts.ndjson"
)
