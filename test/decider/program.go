package decider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	authv3 "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/sallyport-authz/sallyport/test/mesh"
)

// askingTime is for a machine that has much else to do.
const askingTime = 2 * time.Minute

// program is the real one, and a connection to it. The zero program does not run.
type program struct {
	running *mesh.Sallyport
	checks  *grpc.ClientConn
	seen    seen
	again   later
}

// config is the name of the configuration, in which DIR stands for its folder.
const config = "sallyport.yaml"

// start writes the files into the folder, the configuration among them, and starts the program. It runs until Close, also where there is an error.
func (p *program) start(ctx context.Context, file, dir string, files map[string]string) (err error) {
	for name, text := range files {
		if name == config {
			text = strings.ReplaceAll(text, "DIR", dir)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			return fmt.Errorf("prepare: %w", err)
		}
	}
	if p.running, err = mesh.StartSallyport(ctx, file, filepath.Join(dir, config)); err != nil {
		return fmt.Errorf("start the program: %w", err)
	}
	if p.checks, err = grpc.NewClient(p.running.Socket(), grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// Close ends the program.
func (p *program) Close() error {
	var errs []error
	if p.checks != nil {
		errs = append(errs, p.checks.Close())
	}
	if p.running != nil {
		errs = append(errs, p.running.Kill())
	}
	return errors.Join(errs...)
}

// ask asks as Envoy does, from an address.
func (p *program) ask(ctx context.Context, http *authv3.AttributeContext_HttpRequest, address string) (*authv3.CheckResponse, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), askingTime) // an end of ours is no answer
	defer cancel()
	from := &corev3.Address{Address: &corev3.Address_SocketAddress{SocketAddress: &corev3.SocketAddress{Address: address}}}
	answer, err := authv3.NewAuthorizationClient(p.checks).Check(ctx, &authv3.CheckRequest{Attributes: &authv3.AttributeContext{
		Source:  &authv3.AttributeContext_Peer{Address: from},
		Request: &authv3.AttributeContext_Request{Http: http},
	}})
	switch {
	case err != nil:
		return nil, fmt.Errorf("check: %w", err)
	case answer.GetStatus() == nil:
		return nil, errors.New("check: an answer without a status, which Envoy takes for an allow")
	default:
		return answer, nil
	}
}

// outcomeOf reads what came of a request.
func outcomeOf(answer *authv3.CheckResponse) Outcome {
	if answer.GetStatus().GetCode() != 0 {
		return Outcome{Status: int(answer.GetDeniedResponse().GetStatus().GetCode()), Reason: answer.GetStatus().GetMessage()}
	}
	outcome := Outcome{Status: 200}
	for _, h := range answer.GetOkResponse().GetHeaders() {
		value := h.GetHeader().GetValue() + string(h.GetHeader().GetRawValue())
		switch strings.ToLower(h.GetHeader().GetKey()) {
		case "x-authz-kind":
			outcome.Word = value
		case "x-authz-subject":
			outcome.Subject = value
		case "x-authz-tenant":
			outcome.Tenant = value
		}
	}
	return outcome
}
