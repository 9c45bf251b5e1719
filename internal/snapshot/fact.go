package snapshot

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
)

// maxFacts leaves room for the objects that the facts stand in.
const maxFacts = maxDepth - 4

func appendFacts(dst []byte, facts map[string]any, depth int) ([]byte, error) {
	if depth > maxFacts {
		return dst, fmt.Errorf("nested deeper than %d", maxFacts)
	}
	var err error
	dst = append(dst, '{')
	for i, k := range sortedKeys(facts) {
		dst = append(dst, next(i, "")...)
		dst = AppendString(dst, k)
		dst = append(dst, ':')
		if dst, err = appendFact(dst, facts[k], depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, '}'), nil
}

// appendFact appends one value. What a scanner commonly hands over is written here, anything else by encoding/json.
func appendFact(dst []byte, value any, depth int) ([]byte, error) {
	switch v := value.(type) {
	case nil:
		return append(dst, "null"...), nil
	case string:
		return AppendString(dst, v), nil
	case bool:
		return strconv.AppendBool(dst, v), nil
	case int:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int32:
		return strconv.AppendInt(dst, int64(v), 10), nil
	case int64:
		return strconv.AppendInt(dst, v, 10), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return dst, errors.New("a number that is not finite")
		}
		return appendFloat(dst, v), nil
	case []string:
		if v == nil {
			return append(dst, "null"...), nil
		}
		if len(v) == 0 {
			return append(dst, "[]"...), nil
		}
		return appendTexts(dst, "", v), nil
	case map[string]string:
		if v == nil {
			return append(dst, "null"...), nil
		}
		return appendTags(dst, v), nil
	case map[string]any:
		if v == nil {
			return append(dst, "null"...), nil
		}
		return appendFacts(dst, v, depth)
	case []any:
		return appendList(dst, v, depth)
	case time.Time:
		return appendMarshalled(dst, v.UTC())
	}
	return appendOther(dst, value, depth)
}

// appendOther leaves a value to encoding/json, and checks that the reader will take what comes of it.
func appendOther(dst []byte, value any, depth int) ([]byte, error) {
	start := len(dst)
	dst, err := appendMarshalled(dst, value)
	if err != nil {
		return dst, err
	}
	p := parser{text: string(dst[start:]), depth: depth}
	p.value(skipped)
	return dst, p.err
}

func appendList(dst []byte, values []any, depth int) ([]byte, error) {
	if values == nil {
		return append(dst, "null"...), nil
	}
	if depth > maxFacts {
		return dst, fmt.Errorf("nested deeper than %d", maxFacts)
	}
	var err error
	dst = append(dst, '[')
	for i, v := range values {
		dst = append(dst, next(i, "")...)
		if dst, err = appendFact(dst, v, depth+1); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}
