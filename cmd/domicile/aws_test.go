package main

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// fakeAWS answers for an account with one enabled region and no streams. It is enough for scan --services kinesis.
type fakeAWS struct {
	stop    string        // operation that is not answered before the client gives up
	asked   chan struct{} // closed when that operation was asked for
	once    sync.Once
	failing func(w http.ResponseWriter) // answers everything, where it is set
}

func newFakeAWS() *fakeAWS { return &fakeAWS{asked: make(chan struct{})} }

func (f *fakeAWS) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.failing != nil {
		f.failing(w)
		return
	}
	operation := operationOf(r)
	if operation == f.stop {
		if _, err := io.Copy(io.Discard, r.Body); err != nil { // a server notices that the client is gone only after the body
			return
		}
		f.once.Do(func() { close(f.asked) })
		<-r.Context().Done()
		return
	}
	switch operation {
	case "GetCallerIdentity":
		answer(w, 200, "text/xml", `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>`+
			`<Arn>arn:aws:iam::111111111111:user/auditor</Arn><UserId>AIDAEXAMPLE</UserId><Account>111111111111</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`)
	case "ListRegions":
		answer(w, 200, "application/json", `{"Regions":[{"RegionName":"eu-west-1","RegionOptStatus":"ENABLED_BY_DEFAULT"}]}`)
	case "ListStreams":
		answer(w, 200, "application/x-amz-json-1.1", `{"StreamNames":[],"StreamSummaries":[],"HasMoreStreams":false}`)
	case "ListAccounts":
		answer(w, 400, "application/x-amz-json-1.1", `{"__type":"AWSOrganizationsNotInUseException","message":"none"}`)
	default:
		answer(w, 400, "application/x-amz-json-1.1", `{"__type":"UnknownOperationException","message":"`+operation+`"}`)
	}
}

// operationOf reads the operation from the header of the JSON protocols, the path or the form.
func operationOf(r *http.Request) string {
	if _, operation, ok := strings.Cut(r.Header.Get("X-Amz-Target"), "."); ok {
		return operation
	}
	if r.URL.Path == "/listRegions" {
		return "ListRegions"
	}
	return r.FormValue("Action")
}

func answer(w http.ResponseWriter, status int, contentType, body string) {
	w.Header().Set("Content-Type", contentType)
	w.WriteHeader(status)
	fmt.Fprint(w, body)
}

func failure(status int, contentType, body string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) { answer(w, status, contentType, body) }
}

func queryError(code, text string) string {
	return `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>` + code + `</Code><Message>` + text + `</Message></Error></ErrorResponse>`
}

// endpoints are the modes of the script command aws.
var endpoints = map[string]func(http.ResponseWriter){
	"works":    nil,
	"expired":  failure(403, "text/xml", queryError("ExpiredToken", "The security token included in the request is expired")),
	"invalid":  failure(403, "text/xml", queryError("InvalidClientTokenId", "The security token included in the request is invalid.")),
	"page":     failure(200, "text/html; charset=utf-8", "<!doctype html><title>Welcome</title>"),
	"notfound": failure(404, "text/html", "<html>404</html>"),
	"blocked":  failure(403, "text/html", "<html>blocked by the proxy</html>"),
	"json":     failure(200, "application/json", "{}"),
	"down":     failure(503, "text/xml", "<busy/>"),
}

// startAWS MODE starts an endpoint for the rest of the script and gives the environment its address and credentials. The mode tls
// is one that works, whose certificate is written to ca.pem; closed is a port that nobody listens on.
func startAWS(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: aws MODE")
	}
	fake := newFakeAWS()
	server := httptest.NewUnstartedServer(fake)
	switch mode := args[0]; mode {
	case "tls":
		server.Config.ErrorLog = log.New(io.Discard, "", 0) // a client without the authority breaks off, as it should
		server.StartTLS()
		ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
		ts.Check(os.WriteFile(ts.MkAbs("ca.pem"), ca, 0o644))
	case "closed":
		server.Listener.Close()
		server.URL = "http://" + server.Listener.Addr().(*net.TCPAddr).String()
	default:
		failing, known := endpoints[mode]
		if !known {
			ts.Fatalf("aws: unknown mode %q", mode)
		}
		fake.failing = failing
		server.Start()
	}
	ts.Defer(server.Close)
	ts.Setenv("AWS_ENDPOINT_URL", server.URL)
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}
