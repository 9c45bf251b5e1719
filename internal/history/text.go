package history

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// A name in AWS may hold what a database's text cannot: PostgreSQL takes no NUL. outside writes text from outside so that it can be kept
// anywhere, and inside gives it back as it was. Text without the two characters, all that anybody has seen, is kept as it is. (What is no
// text at all, as the words of an error may be, loses the bytes that are none.)
func outside(s string) string { return escape.Replace(strings.ToValidUTF8(s, "\uFFFD")) }

func inside(s string) string { return unescaped.Replace(s) }

var (
	escape    = strings.NewReplacer("\x1a", "\x1a1", "\x00", "\x1a0")
	unescaped = strings.NewReplacer("\x1a1", "\x1a", "\x1a0", "\x00")
)

// digest identifies a few texts in their order.
func digest(texts ...string) string {
	data, _ := json.Marshal(texts) // strings always can be
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:16]) // half of it tells any number of violations apart, and it is kept twice: in row and index
}
