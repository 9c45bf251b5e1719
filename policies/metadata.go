package policies

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/util"

	"github.com/seed-1578181b/domicile/internal/residency"
)

const (
	anyKind          = residency.AnyKind
	placementsPrefix = "placements."
)

var (
	idPattern   = regexp.MustCompile(`^[A-Z]{2,12}-[0-9]{3}$`)
	kindPattern = regexp.MustCompile(`^[a-z0-9]+\.[a-z0-9_]+$`)
)

// metadata is the METADATA block of a control's package. Its keys are the library's; those of custom are ours.
type metadata struct {
	Scope       string              `json:"scope"`
	Title       string              `json:"title"`
	Description string              `json:"description"`
	Related     []string            `json:"related_resources"` // https addresses of what a reader may want besides
	Schemas     []map[string]string `json:"schemas"`
	Custom      struct {
		ID          string             `json:"id"`
		Severity    residency.Severity `json:"severity"`
		Kinds       []string           `json:"kinds"`
		Needs       []residency.Fact   `json:"needs"`
		Remediation string             `json:"remediation"`
	} `json:"custom"`
}

// readMetadata decodes the block once more from the source: the library's own reader drops keys that it does not know.
func readMetadata(m module) (residency.Control, error) {
	var block *ast.Annotations
	for _, a := range m.Annotations {
		if a.Scope == "package" {
			block = a
		}
	}
	if block == nil {
		return residency.Control{}, m.problem(m.Package.Location.Row, errors.New("no METADATA before the package"))
	}
	var text bytes.Buffer
	for _, line := range strings.Split(string(m.data), "\n")[block.Location.Row:block.EndLoc().Row] {
		text.WriteString(strings.TrimPrefix(strings.TrimPrefix(line, "#"), " ") + "\n")
	}
	var meta metadata
	if err := decodeStrict(text.Bytes(), &meta); err != nil {
		return residency.Control{}, m.problem(block.Location.Row, fmt.Errorf("METADATA: %w", err))
	}
	if err := meta.check(); err != nil {
		return residency.Control{}, m.problem(block.Location.Row, fmt.Errorf("METADATA: %w", err))
	}
	needs := slices.Clone(meta.Custom.Needs)
	slices.Sort(needs)
	kinds := slices.Clone(meta.Custom.Kinds)
	slices.Sort(kinds)
	return residency.Control{
		ID: meta.Custom.ID, Title: meta.Title, Description: meta.Description, Severity: meta.Custom.Severity,
		Kinds: kinds, Needs: needs, Remediation: meta.Custom.Remediation, Own: m.folder > 0,
	}, nil
}

// decodeStrict reads YAML into v and refuses fields that v does not have.
func decodeStrict(data []byte, v any) error {
	var raw any
	if err := util.Unmarshal(data, &raw); err != nil {
		return err
	}
	plain, err := json.Marshal(raw)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(plain))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	return nil
}

func (m *metadata) check() error {
	switch {
	case m.Title == "" || strings.HasSuffix(m.Title, ".") || strings.Contains(m.Title, "\n"):
		return fmt.Errorf("title %q: want one sentence, true when the control passes, without a full stop", m.Title)
	case !idPattern.MatchString(m.Custom.ID):
		return fmt.Errorf("id %q: want capitals, a hyphen and three digits, as in RES-001", m.Custom.ID)
	case m.Custom.Severity.Rank() < 0:
		return fmt.Errorf("severity %q: want info, low, medium, high or critical", m.Custom.Severity)
	case m.Custom.Remediation == "":
		return errors.New("remediation is missing: say what to do about a violation")
	case len(m.Schemas) != 1 || m.Schemas[0]["input"] != "schema.input":
		return errors.New("schemas: want the one line \"- input: schema.input\", without which no field name is checked")
	}
	for _, address := range m.Related {
		if !strings.HasPrefix(address, "https://") {
			return fmt.Errorf("related resource %q: want an https address", address)
		}
	}
	return errors.Join(checkKinds(m.Custom.Kinds), checkNeeds(m.Custom.Needs))
}

func checkKinds(kinds []string) error {
	if len(kinds) == 0 {
		return errors.New(`kinds is missing: list them by name, or ["*"]`)
	}
	for i, k := range kinds {
		switch {
		case k == anyKind && len(kinds) > 1:
			return errors.New(`kind "*" is every kind: list it alone`)
		case k != anyKind && !kindPattern.MatchString(k):
			return fmt.Errorf("kind %q: want a service and a noun, as in s3.bucket", k)
		case slices.Contains(kinds[:i], k):
			return fmt.Errorf("kind %q is listed twice", k)
		}
	}
	return nil
}

func checkNeeds(needs []residency.Fact) error {
	if len(needs) == 0 {
		return errors.New("needs is missing: a control is given only the facts that it names")
	}
	for i, n := range needs {
		role, ok := strings.CutPrefix(string(n), placementsPrefix)
		known := ok && residency.Role(role).Valid() || n == residency.FactSharing || n == residency.FactAssignment
		switch {
		case !known:
			return fmt.Errorf("need %q: want placements.<role>, sharing or assignment", n)
		case slices.Contains(needs[:i], n):
			return fmt.Errorf("need %q is listed twice", n)
		}
	}
	return nil
}
