package policies

import (
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// refused names the built-ins, exactly or by the group before the dot, that a policy must not call. Policies run beside
// cloud credentials and their outcomes must be reproducible: no network, no environment, no clock, no chance, no output. The
// two json functions fetch remote schemas.
var refused = []string{
	"http.", "net.", "opa.", "rego.", "rand.", "uuid.", "providers.", "internal.print", "print", "trace", "time.now_ns",
	"json.match_schema", "json.verify_schema",
}

// capabilities are those of the library less what is refused and all that is not deterministic.
func capabilities() *ast.Capabilities {
	caps := ast.CapabilitiesForThisVersion()
	caps.Builtins = slices.DeleteFunc(slices.Clone(caps.Builtins), func(b *ast.Builtin) bool {
		return b.IsNondeterministic() || slices.ContainsFunc(refused, func(r string) bool {
			return b.Name == r || strings.HasSuffix(r, ".") && strings.HasPrefix(b.Name, r)
		})
	})
	caps.AllowNet = []string{} // nil would allow every host
	return caps
}
