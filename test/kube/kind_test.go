package kube_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	istionetworking "istio.io/api/networking/v1"
	istiofilter "istio.io/api/networking/v1alpha3"
	istiosecurity "istio.io/api/security/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
	strictjson "sigs.k8s.io/json"
)

// kind decodes the JSON of one resource into its published type.
type kind struct {
	decode func([]byte) (any, error)
	// defined is true where a CustomResourceDefinition says more.
	defined bool
}

// kinds are all that the examples use; another one is refused.
func kinds() map[string]kind {
	return map[string]kind{
		"v1/Namespace":                       {resource[corev1.Namespace], false},
		"v1/ServiceAccount":                  {resource[corev1.ServiceAccount], false},
		"v1/ConfigMap":                       {resource[corev1.ConfigMap], false},
		"v1/Service":                         {resource[corev1.Service], false},
		"apps/v1/Deployment":                 {resource[appsv1.Deployment], false},
		"policy/v1/PodDisruptionBudget":      {resource[policyv1.PodDisruptionBudget], false},
		"networking.k8s.io/v1/NetworkPolicy": {resource[networkingv1.NetworkPolicy], false},

		"gateway.networking.k8s.io/v1/GatewayClass":     {resource[gwapiv1.GatewayClass], true},
		"gateway.networking.k8s.io/v1/Gateway":          {resource[gwapiv1.Gateway], true},
		"gateway.networking.k8s.io/v1/HTTPRoute":        {resource[gwapiv1.HTTPRoute], true},
		"gateway.networking.k8s.io/v1/ReferenceGrant":   {resource[gwapiv1.ReferenceGrant], true},
		"gateway.networking.k8s.io/v1/BackendTLSPolicy": {resource[gwapiv1.BackendTLSPolicy], true},

		"gateway.envoyproxy.io/v1alpha1/SecurityPolicy":      {resource[egv1a1.SecurityPolicy], true},
		"gateway.envoyproxy.io/v1alpha1/ClientTrafficPolicy": {resource[egv1a1.ClientTrafficPolicy], true},

		"security.istio.io/v1/AuthorizationPolicy": {istio(&istiosecurity.AuthorizationPolicy{}), true},
		"security.istio.io/v1/PeerAuthentication":  {istio(&istiosecurity.PeerAuthentication{}), true},
		"networking.istio.io/v1/DestinationRule":   {istio(&istionetworking.DestinationRule{}), true},
		"networking.istio.io/v1/Sidecar":           {istio(&istionetworking.Sidecar{}), true},
		"networking.istio.io/v1alpha3/EnvoyFilter": {istio(&istiofilter.EnvoyFilter{}), true},
	}
}

// resource refuses fields that the type does not have, in another case too.
func resource[T any](text []byte) (any, error) {
	into := new(T)
	strict, err := strictjson.UnmarshalStrict(text, into)
	return into, errors.Join(append(strict, err)...)
}

// istio decodes the envelope, and the spec as the message that it is.
func istio(empty proto.Message) func([]byte) (any, error) {
	type envelope struct {
		metav1.TypeMeta   `json:",inline"`
		metav1.ObjectMeta `json:"metadata"`
		Spec              json.RawMessage `json:"spec"`
	}
	return func(text []byte) (any, error) {
		decoded, err := resource[envelope](text)
		if err != nil {
			return nil, err
		}
		spec := empty.ProtoReflect().New().Interface()
		return spec, protojson.Unmarshal(decoded.(*envelope).Spec, spec)
	}
}

// judge knows every kind, and every definition of a custom one.
type judge struct {
	kinds       map[string]kind
	definitions map[string]definition
}

func newJudge(t *testing.T) judge {
	t.Helper()
	return judge{kinds(), definitions(t)}
}

// refuse says all that is wrong with a document.
func (j judge) refuse(d document) error {
	if filepath.Base(d.file) == meshFile {
		return refuseMesh(d.text)
	}
	known, ok := j.kinds[d.key()]
	if !ok {
		return fmt.Errorf("unknown kind %s", d.key())
	}
	if d.Metadata.Name == "" {
		return errors.New("no metadata.name")
	}
	decoded, err := known.decode(d.text)
	if err != nil {
		return fmt.Errorf("decode %s: %w", d.key(), err)
	}
	if !known.defined {
		if (d.Kind == "Namespace") != (d.Metadata.Namespace == "") {
			return errors.New("metadata.namespace is left to chance")
		}
		return refuseEnums(reflect.ValueOf(decoded), strings.ToLower(d.Kind))
	}
	defined, ok := j.definitions[d.key()]
	if !ok {
		return fmt.Errorf("%s is defined by no CustomResourceDefinition", d.key())
	}
	return defined.refuse(d.text)
}
