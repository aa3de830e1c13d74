// Package kube tests the Kubernetes manifests of examples/istio and
// examples/envoy-gateway against what their kinds' own projects publish:
//
//	document_test.go   the files, one document at a time
//	kind_test.go       every kind by its Go type, decoded strictly
//	enum_test.go       the values of Kubernetes' own enumerations
//	schema_test.go     the published CustomResourceDefinitions: patterns, enums,
//	                   required fields and CEL rules
//	mesh_test.go       Istio's mesh configuration, which is no resource
//	agreement_test.go  what one document says of another
//	broken_test.go     that all of these refuse what is broken
//
// It is a module of its own, so that nobody who builds Sallyport builds
// Kubernetes' types. It imports nothing of ours; `make kube` runs it. Whether the
// configuration in the ConfigMaps is one that the program takes, and what Envoy
// does with the filters, is tested by test/system.
//
// Not checked: what only a controller knows, as whether an installed Istio or
// Envoy Gateway supports a setting, and what the Kubernetes API server checks in
// code for its own kinds (that an image is named, that a port is below 65536).
package kube
