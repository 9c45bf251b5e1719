package scanners

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"
	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"
)

// Settings are those of the AWS SDK, under a name that a caller can use without importing it.
type Settings = aws.Config

// LoadConfig reads the caller's credentials and settings from every standard source, as the AWS CLI does.
func LoadConfig(ctx context.Context) (aws.Config, error) {
	// A BuildableClient, since a plain http.Client is refused as soon as AWS_CA_BUNDLE is set.
	client := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = 512, 128
		t.ResponseHeaderTimeout = time.Minute // an endpoint that accepts and never answers must not hang the night
	})
	cfg, err := config.LoadDefaultConfig(ctx, config.WithHTTPClient(client),
		config.WithDefaultRegion("us-east-1"), // only the first identity call needs one, and a profile's role; every other call names its own
		config.WithLogger(logging.Nop{}))      // stderr is the command's alone
	if err != nil {
		return aws.Config{}, fmt.Errorf("load aws settings: %w", err)
	}
	return cfg, nil
}

// OfflineConfig is a configuration without credentials or settings of this machine, for answers that were recorded.
func OfflineConfig(region string) aws.Config {
	return aws.Config{Region: region, Credentials: credentials.NewStaticCredentialsProvider("RECORDED", "RECORDED", "")}
}

// Transport puts itself between the SDK and the network: to record answers, or to give recorded ones.
type Transport interface {
	// Client answers the calls of one account; next is the client that would reach the network.
	Client(account string, next aws.HTTPClient) aws.HTTPClient
	// Register adds what the transport must see of a call to its middleware.
	Register(*middleware.Stack) error
}

// Limits bound what a run asks of an account.
type Limits struct {
	Rate        float64       // requests a second for each account × region × service; 0: 25
	Accounts    int           // accounts at once; 0: 8
	Tasks       int           // scanners at once in an account; 0: 16
	Requests    int           // requests in flight in an account; 0: 32
	MaxAttempts int           // tries of one call; 0: 8
	MaxBackoff  time.Duration // the longest pause between two tries; 0: 20 s
	Steady      bool          // do not slow down after throttling: for answers that nobody waits for

	services map[string]float64 // requests a second of the scanners and operations that state their own: "s3", "cloudtrail.LookupEvents"
}

// rates are those that scanners state for their own service, and for single operations.
func rates(all []Scanner) map[string]float64 {
	services := map[string]float64{}
	for _, s := range all {
		if s.Rate > 0 {
			services[s.Service] = s.Rate
		}
		for _, c := range s.Calls {
			if c.Rate > 0 {
				services[orDefault(c.Package, s.Service)+"."+c.Operation] = c.Rate
			}
		}
	}
	return services
}

// bucket is the name of the token bucket that a call takes from: its service's, but for an operation with a rate of its own.
func (l Limits) bucket(service, operation string) string {
	if own := service + "." + operation; l.services[own] > 0 {
		return own
	}
	return service
}

// rate is the requests a second for a service, or such an operation, whichever scanner asks it.
func (l Limits) rate(service string) float64 {
	if l.Rate > 0 {
		return l.Rate
	}
	if r := l.services[service]; r > 0 {
		return r
	}
	return 25
}

func (l Limits) withDefaults() Limits {
	set := func(v *int, d int) {
		if *v <= 0 {
			*v = d
		}
	}
	set(&l.Accounts, 8)
	set(&l.Tasks, 16)
	set(&l.Requests, 32)
	set(&l.MaxAttempts, 8)
	if l.MaxBackoff <= 0 {
		l.MaxBackoff = 20 * time.Second
	}
	return l
}

// session is one account that answers: its credentials, its place in the queue.
type session struct {
	account  string
	base     aws.Config
	limits   Limits
	inFlight chan struct{} // one token for each request in flight
	renew    func()        // forgets the session's credentials, so that new ones are fetched; nil for the caller's own

	mu       sync.Mutex
	limiters map[string]*rate.Limiter // region × service
}

func newSession(account string, base aws.Config, limits Limits) *session {
	return &session{account: account, base: base, limits: limits, inFlight: make(chan struct{}, limits.Requests), limiters: map[string]*rate.Limiter{}}
}

// limiter is the token bucket of a region and service of the account.
func (s *session) limiter(region, service string) *rate.Limiter {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := region + "\x00" + service
	l := s.limiters[key]
	if l == nil {
		perSecond := s.limits.rate(service)
		l = rate.NewLimiter(rate.Limit(perSecond), max(1, int(2*perSecond)))
		s.limiters[key] = l
	}
	return l
}

// config is the account's configuration for one region, for calls that allowed declares and no others.
func (s *session) config(region string, allowed func(service, operation string) bool, answered *counter) aws.Config {
	cfg := s.base.Copy()
	cfg.Region = region
	cfg.Retryer = func() aws.Retryer { return newRetryer(s.limits) }
	cfg.APIOptions = append(cfg.APIOptions[:len(cfg.APIOptions):len(cfg.APIOptions)], func(stack *middleware.Stack) error {
		// After, where service and operation stand in the context; still before a request is built.
		if err := stack.Initialize.Add(guard(allowed), middleware.After); err != nil {
			return err
		}
		if err := stack.Initialize.Add(count(answered), middleware.After); err != nil {
			return err
		}
		if answered != nil {
			if err := stack.Initialize.Add(answered.pages.once(), middleware.After); err != nil {
				return err
			}
		}
		if err := stack.Initialize.Add(s.renewal(), middleware.After); err != nil {
			return err
		}
		if err := stack.Deserialize.Add(spoken(), middleware.After); err != nil {
			return err
		}
		if err := stack.Finalize.Insert(reachable(), "Signing", middleware.Before); err != nil {
			return err
		}
		// After Retry: each try waits for its turn, so that retries do not overrun the rate either.
		return stack.Finalize.Insert(s.queue(), "Retry", middleware.After)
	})
	return cfg
}

// guard refuses what no scanner declared, before a request is built: the audit is read-only by construction.
func guard(allowed func(service, operation string) bool) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("domicile.Guard", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		service, operation := packageName(awsmiddleware.GetServiceID(ctx)), awsmiddleware.GetOperationName(ctx)
		if !allowed(service, operation) {
			return middleware.InitializeOutput{}, middleware.Metadata{}, errUndeclared{service, operation}
		}
		return next.HandleInitialize(ctx, in)
	})
}

// packageName turns a service id ("CloudWatch Logs") into the name of its SDK package.
func packageName(serviceID string) string {
	return strings.ToLower(joined.Replace(serviceID))
}

// joined is made once: a new one for each call was a quarter of all that a scan allocated.
var joined = strings.NewReplacer(" ", "", "-", "")

// counter counts the calls of one task that got an answer, an error of the service's own among them where it is declared.
type counter struct {
	mu    sync.Mutex
	n     int
	pages pages
}

func (c *counter) add() {
	c.mu.Lock()
	c.n++
	c.mu.Unlock()
}

func count(answered *counter) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("domicile.Count", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleInitialize(ctx, in)
		if err == nil && answered != nil {
			answered.add()
		}
		return out, meta, err
	})
}

// renewal asks once more with new credentials where they expired on the way: the SDK takes them before the first try, and many
// tries may outlast a short session.
func (s *session) renewal() middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("domicile.Renewal", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		out, meta, err := next.HandleInitialize(ctx, in)
		var api smithy.APIError
		if s.renew == nil || !errors.As(err, &api) || !expiredCodes[api.ErrorCode()] {
			return out, meta, err
		}
		s.renew()
		return next.HandleInitialize(ctx, in)
	})
}

// queue makes each try wait for the token bucket of its account × region × service and for a place among the requests in flight.
func (s *session) queue() middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("domicile.Queue", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		bucket := s.limits.bucket(packageName(awsmiddleware.GetServiceID(ctx)), awsmiddleware.GetOperationName(ctx))
		if err := s.limiter(awsmiddleware.GetRegion(ctx), bucket).Wait(ctx); err != nil {
			return middleware.FinalizeOutput{}, middleware.Metadata{}, fmt.Errorf("wait for the rate limit: %w", err)
		}
		select {
		case s.inFlight <- struct{}{}:
			defer func() { <-s.inFlight }()
		case <-ctx.Done():
			return middleware.FinalizeOutput{}, middleware.Metadata{}, ctx.Err()
		}
		return next.HandleFinalize(ctx, in)
	})
}

// newRetryer is the SDK's adaptive retryer; it also gives up at once on a host that does not exist, and on a web page, which no
// AWS service answers with: an emulator or a gateway that does not know the operation.
func newRetryer(limits Limits) aws.Retryer {
	standard := func(so *retry.StandardOptions) {
		so.MaxAttempts, so.MaxBackoff = limits.MaxAttempts, limits.MaxBackoff
		so.Retryables = append([]retry.IsErrorRetryable{retry.IsErrorRetryableFunc(hopeless)}, so.Retryables...)
	}
	if limits.Steady {
		return retry.NewStandard(standard)
	}
	return retry.NewAdaptiveMode(func(o *retry.AdaptiveModeOptions) { o.StandardOptions = append(o.StandardOptions, standard) })
}

func hopeless(err error) aws.Ternary {
	status, html := response(err)
	var dns *net.DNSError
	if html && (status == http.StatusInternalServerError || status == http.StatusNotImplemented || status < 500) || errors.As(err, &dns) && dns.IsNotFound {
		return aws.FalseTernary
	}
	return aws.UnknownTernary
}
