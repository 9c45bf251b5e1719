package scanners

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/smithy-go/middleware"
)

// errRepeats is what a list gives that leads back to a page already seen: going on would never end, and stopping silently
// would lose what is behind it.
var errRepeats = errors.New("the list leads back to a page that was already read")

// tokens are the input fields by which AWS's lists go on.
var tokens = []string{"NextToken", "PaginationToken", "NextMarker", "Marker", "ContinuationToken", "Token", "ExclusiveStartTableName", "ExclusiveStartGlobalTableName",
	"ExclusiveStartTagKey", "ExclusiveStartDeliveryStreamName", "ExclusiveStartBackupArn", "ExclusiveStartStreamName"}

// pages remembers which later pages one task asked for.
type pages struct {
	mu   sync.Mutex
	seen map[string]bool
}

// once refuses to ask for the same later page twice: no scanner needs to, and the SDK's paginators never stop by themselves.
func (p *pages) once() middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("domicile.Pages", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		if !continues(in.Parameters) {
			return next.HandleInitialize(ctx, in)
		}
		data, err := json.Marshal(in.Parameters)
		if err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, fmt.Errorf("read the list's place: %w", err)
		}
		key := awsmiddleware.GetRegion(ctx) + awsmiddleware.GetServiceID(ctx) + awsmiddleware.GetOperationName(ctx) + string(data)
		p.mu.Lock()
		again := p.seen[key]
		if p.seen == nil {
			p.seen = map[string]bool{}
		}
		p.seen[key] = true
		p.mu.Unlock()
		if again {
			return middleware.InitializeOutput{}, middleware.Metadata{}, errRepeats
		}
		return next.HandleInitialize(ctx, in)
	})
}

// continues reports whether an input asks for a later page of a list.
func continues(input any) bool {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return false
	}
	for i := range v.NumField() { // every call comes by here: names are looked at only of what is set
		if f := v.Field(i); f.Kind() == reflect.Pointer && !f.IsNil() && slices.Contains(tokens, v.Type().Field(i).Name) {
			return true
		}
	}
	return false
}
