package kube_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"

	"google.golang.org/protobuf/encoding/protojson"
	meshv1alpha1 "istio.io/api/mesh/v1alpha1"
)

// mesh reads the values of Istio's chart: meshConfig and nothing else.
func mesh(text []byte) (*meshv1alpha1.MeshConfig, error) {
	var values map[string]json.RawMessage
	if err := json.Unmarshal(text, &values); err != nil {
		return nil, fmt.Errorf("read values: %w", err)
	}
	if len(values) != 1 || values["meshConfig"] == nil {
		return nil, errors.New("want meshConfig and nothing else")
	}
	var config meshv1alpha1.MeshConfig
	if err := protojson.Unmarshal(values["meshConfig"], &config); err != nil {
		return nil, fmt.Errorf("decode meshConfig: %w", err)
	}
	return &config, nil
}

// refuseMesh adds what istiod checks in code: its validation is not published as
// a type. A provider that it does not take denies everything.
func refuseMesh(text []byte) error {
	config, err := mesh(text)
	if err != nil {
		return err
	}
	if len(config.GetExtensionProviders()) == 0 {
		return errors.New("no extensionProviders")
	}
	var errs []error
	for _, provider := range config.GetExtensionProviders() {
		errs = append(errs, refuseProvider(provider))
	}
	return errors.Join(errs...)
}

func refuseProvider(provider *meshv1alpha1.MeshConfig_ExtensionProvider) error {
	grpc := provider.GetEnvoyExtAuthzGrpc()
	if grpc == nil {
		return fmt.Errorf("provider %q is not envoyExtAuthzGrpc", provider.GetName())
	}
	_, host, _ := strings.Cut(grpc.GetService(), "/")
	code, err := strconv.Atoi(grpc.GetStatusOnError())
	switch {
	case !regexp.MustCompile(`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`).MatchString(provider.GetName()):
		return fmt.Errorf("provider name %q", provider.GetName())
	case !strings.HasSuffix(host, ".svc.cluster.local") || net.ParseIP(host) != nil:
		return fmt.Errorf("service %q is not namespace/host", grpc.GetService())
	case grpc.GetPort() == 0 || grpc.GetPort() > 65535:
		return fmt.Errorf("port %d", grpc.GetPort())
	case err != nil || http.StatusText(code) == "":
		return fmt.Errorf("statusOnError %q is no HTTP status", grpc.GetStatusOnError())
	default:
		return nil
	}
}
