package config

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
)

//go:embed schema.json
var schema []byte

// noRegions is where the shipped schema has place for the regions.
var noRegions = []byte(`"region": {"type": "string", "enum": []}`)

// Schema is a JSON schema (draft 2020-12) of domicile.yaml, for editors and pipelines. It refuses nothing that Parse reads; what
// hangs together over several keys, Parse alone refuses.
func Schema() ([]byte, error) {
	regions, err := json.Marshal(allRegions())
	if err != nil {
		return nil, fmt.Errorf("write the schema: %w", err)
	}
	whole := bytes.Replace(schema, noRegions, []byte(`"region": {"type": "string", "enum": `+string(regions)+`}`), 1)
	return whole, nil
}
