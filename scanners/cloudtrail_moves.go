package scanners

import "strings"

// moves is every event that copies or sends data. The names and where each is recorded are those of testdata/egress-events.csv; the
// members are those of the SDK's inputs and outputs, in the case in which CloudTrail writes them.
// Sources: AWS's API references, its user guides' chapters "Logging … API calls with CloudTrail", and the SDK's types.
var moves = indexed(moveTables()...)

func moveTables() [][]move {
	return [][]move{databaseMoves, volumeMoves, bucketMoves, backupMoves, logMoves, streamMoves, keyMoves, modelMoves, accountMoves}
}

type eventKey struct{ source, name string }

func indexed(tables ...[]move) map[eventKey]*move {
	all := map[eventKey]*move{}
	for _, table := range tables {
		for i := range table {
			for _, name := range strings.Split(table[i].name, "|") {
				all[eventKey{table[i].source, name}] = &table[i]
			}
		}
	}
	return all
}

// moveOf is what an event would move, nil for one that moves nothing.
func moveOf(source, operation string) *move { return moves[eventKey{source, operation}] }
