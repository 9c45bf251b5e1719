package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/gowebpki/jcs"
)

// canonical is a value as JSON by RFC 8785, with a line end.
func canonical(v any) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	if data, err = jcs.Transform(data); err != nil {
		return nil, err
	}
	return append(data, '\n'), nil
}

var errNotCanonical = errors.New("not in the form in which it was written: it was changed")

// decodeCanonical reads what canonical wrote and nothing else: a byte more, a member more or another spelling is a change.
func decodeCanonical(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w (%w)", errNotCanonical, err)
	}
	again, err := canonical(v)
	if err != nil || !bytes.Equal(again, data) {
		return errNotCanonical
	}
	return nil
}
