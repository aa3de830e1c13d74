package kube_test

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
)

// enums are Kubernetes' own types of text and the values that these examples may
// use. The API server knows more of some; a type that is not here is refused, so
// that a new field gets its row.
func enums() map[reflect.Type][]string {
	return map[reflect.Type][]string{
		reflect.TypeFor[appsv1.DeploymentStrategyType]():           {"RollingUpdate", "Recreate"},
		reflect.TypeFor[corev1.Capability]():                       {"ALL"},
		reflect.TypeFor[corev1.Protocol]():                         {"TCP", "UDP", "SCTP"},
		reflect.TypeFor[corev1.ResourceName]():                     {"cpu", "memory"},
		reflect.TypeFor[corev1.SeccompProfileType]():               {"RuntimeDefault"},
		reflect.TypeFor[corev1.ServiceType]():                      {"ClusterIP"},
		reflect.TypeFor[corev1.UnsatisfiableConstraintAction]():    {"ScheduleAnyway", "DoNotSchedule"},
		reflect.TypeFor[networkingv1.PolicyType]():                 {"Ingress", "Egress"},
		reflect.TypeFor[policyv1.UnhealthyPodEvictionPolicyType](): {"AlwaysAllow", "IfHealthyBudget"},
		reflect.TypeFor[corev1.URIScheme]():                        {"HTTP", "HTTPS"},
		reflect.TypeFor[corev1.PullPolicy]():                       {"Always", "IfNotPresent", "Never"},
	}
}

// refuseEnums walks all that is set.
func refuseEnums(v reflect.Value, at string) error {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return nil
		}
		return refuseEnums(v.Elem(), at)
	case reflect.Struct:
		return refuseFields(v, at)
	case reflect.Slice:
		var errs []error
		for i := range v.Len() {
			errs = append(errs, refuseEnums(v.Index(i), fmt.Sprintf("%s[%d]", at, i)))
		}
		return errors.Join(errs...)
	case reflect.Map:
		var errs []error
		for _, name := range v.MapKeys() {
			errs = append(errs, refuseEnums(name, at), refuseEnums(v.MapIndex(name), fmt.Sprintf("%s[%v]", at, name)))
		}
		return errors.Join(errs...)
	case reflect.String:
		return refuseText(v, at)
	default:
		return nil
	}
}

func refuseFields(v reflect.Value, at string) error {
	var errs []error
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() {
			errs = append(errs, refuseEnums(v.Field(i), at+"."+field.Name))
		}
	}
	return errors.Join(errs...)
}

func refuseText(v reflect.Value, at string) error {
	if v.String() == "" || !strings.HasPrefix(v.Type().PkgPath(), "k8s.io/api/") {
		return nil
	}
	allowed, ok := enums()[v.Type()]
	if !ok {
		return fmt.Errorf("%s: %v has no row in enums", at, v.Type())
	}
	if !slices.Contains(allowed, v.String()) {
		return fmt.Errorf("%s: %q is none of %v", at, v.String(), allowed)
	}
	return nil
}
