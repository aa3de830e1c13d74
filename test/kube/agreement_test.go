package kube_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	egv1a1 "github.com/envoyproxy/gateway/api/v1alpha1"
	istionetworking "istio.io/api/networking/v1"
	istiosecurity "istio.io/api/security/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	gwapiv1 "sigs.k8s.io/gateway-api/apis/v1"
)

const (
	istioFolder   = "../../examples/istio"
	gatewayFolder = "../../examples/envoy-gateway"
)

// find decodes the one document of a kind and name.
func find[T any](t *testing.T, folder, kind, name string) *T {
	t.Helper()
	for _, d := range documents(t, folder) {
		if d.Kind != kind || d.Metadata.Name != name {
			continue
		}
		decoded, err := kinds()[d.key()].decode(d.text)
		if err != nil {
			t.Fatal(err)
		}
		typed, ok := decoded.(*T)
		if !ok {
			t.Fatalf("%s %s is a %T", kind, name, decoded)
		}
		return typed
	}
	t.Fatalf("%s has no %s %s", folder, kind, name)
	return nil
}

// names are those of all documents of a kind.
func names(t *testing.T, folder, kind string) []string {
	t.Helper()
	var found []string
	for _, d := range documents(t, folder) {
		if d.Kind == kind {
			found = append(found, d.Metadata.Name)
		}
	}
	return found
}

// TestWorkload: Deployment, Service, budget and volumes mean the same pods.
func TestWorkload(t *testing.T) {
	for _, folder := range folders() {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			deployment := find[appsv1.Deployment](t, folder, "Deployment", "sallyport")
			service := find[corev1.Service](t, folder, "Service", "sallyport")
			budget := find[policyv1.PodDisruptionBudget](t, folder, "PodDisruptionBudget", "sallyport")
			pod := deployment.Spec.Template
			for who, selector := range map[string]map[string]string{
				"Deployment": deployment.Spec.Selector.MatchLabels, "Service": service.Spec.Selector, "budget": budget.Spec.Selector.MatchLabels,
			} {
				if !covers(pod.Labels, selector) {
					t.Errorf("%s selects %v, the pods are %v", who, selector, pod.Labels)
				}
			}
			if *deployment.Spec.Replicas < 2 {
				t.Errorf("%d replicas", *deployment.Spec.Replicas)
			}
			if !slices.Contains(names(t, folder, "ServiceAccount"), pod.Spec.ServiceAccountName) {
				t.Errorf("no ServiceAccount %q", pod.Spec.ServiceAccountName)
			}
			sealed(t, pod.Spec)
			mounted(t, folder, pod.Spec)
			probed(t, folder, pod.Spec.Containers[0])
			if service.Spec.ClusterIP != "" || service.Spec.Ports[0].TargetPort.IntVal != pod.Spec.Containers[0].Ports[0].ContainerPort {
				t.Errorf("Service %v does not lead to port %d", service.Spec, pod.Spec.Containers[0].Ports[0].ContainerPort)
			}
		})
	}
}

func covers(labels, selector map[string]string) bool {
	for name, value := range selector {
		if labels[name] != value {
			return false
		}
	}
	return len(selector) > 0
}

// sealed: what keeps a process that was broken into from getting further.
func sealed(t *testing.T, pod corev1.PodSpec) {
	t.Helper()
	c := pod.Containers[0].SecurityContext
	if !*pod.SecurityContext.RunAsNonRoot || *pod.SecurityContext.RunAsUser == 0 || *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem ||
		len(c.Capabilities.Add) > 0 || pod.SecurityContext.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault || *pod.AutomountServiceAccountToken {
		t.Errorf("the pod is not sealed: %v %v", pod.SecurityContext, c)
	}
	for _, v := range pod.Containers[0].Env {
		if v.Name == "GOMEMLIMIT" || v.Name == "GOGC" {
			t.Errorf("%s switches off what Sallyport settles itself", v.Name)
		}
	}
	if pod.Containers[0].Resources.Limits.Memory().IsZero() || pod.Containers[0].Resources.Limits.Cpu().IsZero() {
		t.Error("no limits to settle by")
	}
}

// mounted: every ConfigMap is here, no Secret is, and nobody but their owner may
// write either (Sallyport refuses such files).
func mounted(t *testing.T, folder string, pod corev1.PodSpec) {
	t.Helper()
	volumes := map[string]bool{}
	for _, v := range pod.Volumes {
		volumes[v.Name] = true
		var mode *int32
		switch {
		case v.ConfigMap != nil && slices.Contains(names(t, folder, "ConfigMap"), v.ConfigMap.Name):
			mode = v.ConfigMap.DefaultMode
		case v.Secret != nil:
			mode = v.Secret.DefaultMode
		default:
			t.Errorf("volume %s leads nowhere", v.Name)
		}
		if mode == nil || *mode != 0o440 {
			t.Errorf("volume %s has mode %v", v.Name, mode)
		}
	}
	for _, m := range pod.Containers[0].VolumeMounts {
		if !volumes[m.Name] || !m.ReadOnly {
			t.Errorf("mount %s is of no volume, or can be written", m.Name)
		}
	}
	if secrets := names(t, folder, "Secret"); len(secrets) > 0 {
		t.Errorf("secrets in the repository: %v", secrets)
	}
}

// probed: kubelet asks the port of the ops listener.
func probed(t *testing.T, folder string, c corev1.Container) {
	t.Helper()
	config := find[corev1.ConfigMap](t, folder, "ConfigMap", "sallyport-config").Data["sallyport.yaml"]
	for path, probe := range map[string]*corev1.Probe{"/readyz": c.ReadinessProbe, "/livez": c.LivenessProbe} {
		if got := probe.HTTPGet; got.Path != path || !strings.Contains(config, fmt.Sprintf("\n  address: 127.0.0.1:%d\n", got.Port.IntVal)) &&
			!strings.Contains(config, fmt.Sprintf("\n  address: 0.0.0.0:%d\n  insecure: true\n", got.Port.IntVal)) {
			t.Errorf("probe %v, want %s of the ops listener", got, path)
		}
	}
}

// TestLifetime: kubelet waits for drain, stop_timeout and the decision log's five
// seconds, and the sidecar too.
func TestLifetime(t *testing.T) {
	for _, folder := range folders() {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			config := find[corev1.ConfigMap](t, folder, "ConfigMap", "sallyport-config").Data["sallyport.yaml"]
			pod := find[appsv1.Deployment](t, folder, "Deployment", "sallyport").Spec.Template
			ends := seconds(t, config, "drain: ") + seconds(t, config, "stop_timeout: ") + 5
			if grace := *pod.Spec.TerminationGracePeriodSeconds; grace <= ends {
				t.Errorf("killed after %ds, needs %ds", grace, ends)
			}
			if sidecar, ok := pod.Annotations["proxy.istio.io/config"]; ok {
				if drain := seconds(t, sidecar, "terminationDrainDuration: "); drain < ends || drain >= *pod.Spec.TerminationGracePeriodSeconds {
					t.Errorf("the sidecar ends after %ds, Sallyport after %ds", drain, ends)
				}
			}
		})
	}
}

// seconds reads the one setting that a text has of that name.
func seconds(t *testing.T, text, name string) int64 {
	t.Helper()
	_, rest, found := strings.Cut(text, name)
	var number int64
	if _, err := fmt.Sscanf(rest, "%ds", &number); err != nil || !found {
		t.Fatalf("no %q in %s", name, text)
	}
	return number
}

// TestIstioAgrees: the policy's provider, the provider's Service, and who may ask.
func TestIstioAgrees(t *testing.T) {
	service := find[corev1.Service](t, istioFolder, "Service", "sallyport")
	host := service.Name + "." + service.Namespace + ".svc.cluster.local"
	var provider string
	for _, d := range documents(t, istioFolder) {
		if filepath.Base(d.file) == meshFile {
			config, err := mesh(d.text)
			if err != nil {
				t.Fatal(err)
			}
			one := config.GetExtensionProviders()[0]
			provider = one.GetName()
			grpc := one.GetEnvoyExtAuthzGrpc()
			if grpc.GetService() != service.Namespace+"/"+host || int32(grpc.GetPort()) != service.Spec.Ports[0].Port {
				t.Errorf("provider leads to %s:%d", grpc.GetService(), grpc.GetPort())
			}
			if grpc.GetFailOpen() || grpc.GetStatusOnError() != "503" || grpc.GetTimeout().AsDuration() <= 0 {
				t.Errorf("provider %v", grpc)
			}
		}
	}
	ask := find[istiosecurity.AuthorizationPolicy](t, istioFolder, "AuthorizationPolicy", "sallyport")
	if ask.GetAction() != istiosecurity.AuthorizationPolicy_CUSTOM || ask.GetProvider().GetName() != provider || len(ask.GetRules()) != 1 ||
		len(ask.GetRules()[0].GetTo())+len(ask.GetRules()[0].GetFrom())+len(ask.GetRules()[0].GetWhen()) > 0 {
		t.Errorf("not every request is asked about, of %s: %v", provider, ask)
	}
	if port := service.Spec.Ports[0]; *port.AppProtocol != "grpc" {
		t.Errorf("appProtocol %s is not HTTP/2 to Istio", *port.AppProtocol)
	}
	if rule := find[istionetworking.DestinationRule](t, istioFolder, "DestinationRule", "sallyport"); rule.GetHost() != host {
		t.Errorf("DestinationRule is for %s, want %s", rule.GetHost(), host)
	}
	pod := find[appsv1.Deployment](t, istioFolder, "Deployment", "sallyport").Spec.Template.Labels
	if sidecar := find[istionetworking.Sidecar](t, istioFolder, "Sidecar", "sallyport"); !covers(pod, sidecar.GetWorkloadSelector().GetLabels()) ||
		sidecar.GetIngress()[0].GetDefaultEndpoint() != "127.0.0.1:9191" {
		t.Errorf("Sidecar %v", sidecar)
	}
	if who := find[istiosecurity.AuthorizationPolicy](t, istioFolder, "AuthorizationPolicy", "who-may-ask"); !covers(pod, who.GetSelector().GetMatchLabels()) {
		t.Errorf("who-may-ask selects %v", who.GetSelector())
	}
}

// TestGatewayAgrees: the policy's Service, the grant for it, and its TLS.
func TestGatewayAgrees(t *testing.T) {
	service := find[corev1.Service](t, gatewayFolder, "Service", "sallyport")
	policy := find[egv1a1.SecurityPolicy](t, gatewayFolder, "SecurityPolicy", "sallyport")
	auth := policy.Spec.ExtAuth
	if backend := auth.GRPC.BackendRefs[0]; string(backend.Name) != service.Name || string(*backend.Namespace) != service.Namespace || *backend.Port != service.Spec.Ports[0].Port {
		t.Errorf("extAuth leads to %v", backend)
	}
	if *auth.FailOpen || *auth.StatusOnError != 503 || *auth.Timeout == "" || *auth.GRPC.BackendSettings.HealthCheck.PanicThreshold != 0 {
		t.Errorf("extAuth %v", auth)
	}
	client := find[egv1a1.ClientTrafficPolicy](t, gatewayFolder, "ClientTrafficPolicy", "edge").Spec
	early := client.Headers.EarlyRequestHeaders.RemoveOnMatch
	if *client.Path.EscapedSlashesAction != egv1a1.RejectRequestAction || *client.Path.DisableMergeSlashes ||
		*client.Headers.WithUnderscoresAction != egv1a1.WithUnderscoresActionRejectRequest ||
		len(early) != 1 || *early[0].Type != egv1a1.StringMatchRegularExpression || early[0].Value != "x[-_]authz[-_].*" {
		t.Errorf("the gateway lets through what it should not: %v %v", client.Path, client.Headers)
	}
	gateway := find[gwapiv1.Gateway](t, gatewayFolder, "Gateway", "edge")
	for _, target := range []gwapiv1.LocalPolicyTargetReferenceWithSectionName{
		policy.Spec.TargetRefs[0], client.TargetRefs[0],
	} {
		if string(target.Name) != gateway.Name || target.Kind != "Gateway" || policy.Namespace != gateway.Namespace {
			t.Errorf("a policy is for %v", target)
		}
	}
	for _, listener := range gateway.Spec.Listeners {
		if listener.Protocol != gwapiv1.HTTPSProtocolType {
			t.Errorf("listener %s is in clear, and a context extension says that none is", listener.Name)
		}
	}
	grant := find[gwapiv1.ReferenceGrant](t, gatewayFolder, "ReferenceGrant", "who-may-ask")
	if string(grant.Spec.From[0].Namespace) != policy.Namespace || string(*grant.Spec.To[0].Name) != service.Name || grant.Namespace != service.Namespace {
		t.Errorf("grant %v", grant.Spec)
	}
	tls := find[gwapiv1.BackendTLSPolicy](t, gatewayFolder, "BackendTLSPolicy", "sallyport")
	if target := tls.Spec.TargetRefs[0]; string(target.Name) != service.Name || string(*target.SectionName) != service.Spec.Ports[0].Name || tls.Namespace != service.Namespace {
		t.Errorf("TLS is for %v", target)
	}
}

// TestBothAlike: what both examples say, they say alike.
func TestBothAlike(t *testing.T) {
	var specs []string
	for _, folder := range folders() {
		pod := find[appsv1.Deployment](t, folder, "Deployment", "sallyport").Spec.Template.Spec
		text, err := json.Marshal([]any{pod.SecurityContext, pod.Containers[0].SecurityContext, pod.Containers[0].Resources, pod.Containers[0].Args, pod.Containers[0].ReadinessProbe, pod.Containers[0].LivenessProbe, pod.Containers[0].StartupProbe})
		if err != nil {
			t.Fatal(err)
		}
		specs = append(specs, string(text))
	}
	if specs[0] != specs[1] {
		t.Errorf("differ:\n%s\n%s", specs[0], specs[1])
	}
}
