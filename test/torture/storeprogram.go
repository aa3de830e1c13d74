package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	healthv1 "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/sallyport-authz/sallyport/authz"
	"github.com/sallyport-authz/sallyport/authz/admin"
	"github.com/sallyport-authz/sallyport/test/mesh"
)

// storeProgram is the program in a folder with a store. It is started, killed and
// started again.
type storeProgram struct {
	file, dir string
	running   *mesh.Sallyport
	admin     *admin.Client
	checks    *grpc.ClientConn
}

// buildStoreProgram makes the program, as the others have it, or with the race
// detector where this process has it.
func buildStoreProgram(ctx context.Context, dir string) (string, error) {
	if racing() {
		return build(ctx, dir)
	}
	file, err := mesh.BuildSallyport(ctx, dir)
	if err != nil {
		return "", fmt.Errorf("build: %w", err)
	}
	return file, nil
}

// newStoreProgram writes a configuration, in which DIR is the folder, and its server
// key.
func newStoreProgram(file, dir, configuration string) (*storeProgram, error) {
	p := &storeProgram{file: file, dir: dir}
	err := errors.Join(
		put(p.config(), strings.ReplaceAll(configuration, "DIR", dir)),
		put(filepath.Join(dir, "server.key"), strings.Repeat("0123456789abcdef", 4)),
	)
	return p, err
}

func (p *storeProgram) config() string { return filepath.Join(p.dir, "sallyport.yaml") }

func (p *storeProgram) data() string { return filepath.Join(p.dir, "data") }

func (p *storeProgram) database() string { return filepath.Join(p.data(), "sallyport.db") }

// command is the program with a command of its own. The race detector would wait a
// second for other threads before it ends.
func (p *storeProgram) command(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, p.file, append(args, "--config", p.config())...)
	command.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	return command
}

// start starts the server and connects to it. What it tells is how long that took
// until health says SERVING.
func (p *storeProgram) start(ctx context.Context) (took time.Duration, err error) {
	begun := time.Now()
	if p.running, err = mesh.StartSallyport(ctx, p.file, p.config()); err != nil {
		return 0, fmt.Errorf("start: %w", err)
	}
	if p.checks, err = grpc.NewClient(p.running.Socket(), grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return 0, fmt.Errorf("connect: %w", err)
	}
	answer, err := healthv1.NewHealthClient(p.checks).Check(ctx, &healthv1.HealthCheckRequest{})
	took = time.Since(begun)
	if err != nil || answer.GetStatus() != healthv1.HealthCheckResponse_SERVING {
		return took, fmt.Errorf("health is %s: %w", answer.GetStatus(), err)
	}
	if p.admin, err = admin.Dial(ctx, p.data()); err != nil {
		return took, fmt.Errorf("reach administration: %w", err)
	}
	return took, nil
}

// kill is kill -9. Nothing happens where nothing runs.
func (p *storeProgram) kill() error {
	if p.running == nil {
		return nil
	}
	err := p.running.Kill()
	for _, hangUp := range []func() error{p.checks.Close, p.admin.Close} {
		err = errors.Join(err, hangUp())
	}
	p.running = nil
	return err
}

// allows asks whether whoever shows this in the header authorization may pass. Who is
// told to come back, as a Check is that ends at its deadline on a busy machine, does so
// for a while.
func (p *storeProgram) allows(ctx context.Context, authorization string) (bool, error) {
	const patience = 10 * time.Second
	for begun := time.Now(); ; time.Sleep(patience / 100) {
		switch got, err := p.ask(ctx, question{shows: authorization}); {
		case err != nil:
			return false, err
		case got.status == 200:
			return true, nil
		case got.status == 401:
			return false, nil
		case got.status == 503 && got.retry != "" && time.Since(begun) < patience:
			continue
		default:
			return false, fmt.Errorf("check: neither allowed nor refused but %+v", got)
		}
	}
}

// question is who asks for what.
type question struct {
	// host and path are those that most ask for where they are "".
	host, path string
	// shows is what stands in the header authorization; "" is no such header.
	shows   string
	address string
}

// reply is what of an answer Envoy would tell the client, if it were not to pass: then
// the status is 200.
type reply struct {
	status int
	// reason is for the operator, and stands in the answer to Envoy.
	reason authz.Reason
	retry  string
}

// ask asks, as Envoy does.
func (p *storeProgram) ask(ctx context.Context, q question) (reply, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingTime) // an end of ours is no answer
	defer cancel()
	from := &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{Address: q.address}}}
	headers := map[string]string{}
	if q.shows != "" {
		headers["authorization"] = q.shows
	}
	answer, err := authv3.NewAuthorizationClient(p.checks).Check(ctx, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source: &authv3.AttributeContext_Peer{Address: from},
		Request: &authv3.AttributeContext_Request{Http: &authv3.AttributeContext_HttpRequest{
			Method: "GET", Host: cmp.Or(q.host, "api.example.com"), Path: cmp.Or(q.path, "/key"), Scheme: "https", Protocol: "HTTP/2", Headers: headers,
		}},
	}})
	switch {
	case err != nil:
		return reply{}, fmt.Errorf("check: %w", err)
	case answer.GetStatus() == nil:
		return reply{}, errors.New("check: an answer without a status, which Envoy takes for an allow")
	case answer.GetStatus().GetCode() == 0:
		return reply{status: 200}, nil
	default:
		got := replyOf(answer.GetDeniedResponse())
		got.reason = authz.Reason(answer.GetStatus().GetMessage())
		return got, nil
	}
}

func replyOf(denied *authv3.DeniedHttpResponse) reply {
	got := reply{status: int(denied.GetStatus().GetCode())}
	for _, header := range denied.GetHeaders() {
		if strings.EqualFold(header.GetHeader().GetKey(), "retry-after") {
			got.retry = header.GetHeader().GetValue() + string(header.GetHeader().GetRawValue())
		}
	}
	return got
}

// check runs `sallyport store check`.
func (p *storeProgram) check(ctx context.Context) error {
	said, err := p.command(ctx, "store", "check").CombinedOutput()
	if err != nil || strings.TrimSpace(string(said)) != "sound" {
		return fmt.Errorf("store check: %w: %s", err, said)
	}
	return nil
}

// inherit takes over the database of one that does not run, as it lies there.
func (p *storeProgram) inherit(from *storeProgram) error {
	if err := os.RemoveAll(p.data()); err != nil {
		return fmt.Errorf("make room: %w", err)
	}
	for _, suffix := range []string{"", "-wal"} {
		text, err := os.ReadFile(from.database() + suffix)
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read the remains: %w", err)
		}
		if err := put(p.database()+suffix, string(text)); err != nil {
			return err
		}
	}
	return nil
}
