package rego

import (
	"fmt"
	"math"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/sallyport-authz/sallyport/authz"
)

// newDocument builds what policies see as input. Every member of the schema is
// always there, so that a rule can tell empty from misspelt.
func newDocument(in *authz.Input) (ast.Value, error) {
	caller, err := callerDocument(in.Caller)
	if err != nil {
		return nil, err
	}
	envoy, err := envoyDocument(in.Envoy)
	if err != nil {
		return nil, err
	}
	return ast.NewObject(
		item("caller", caller),
		item("route", routeDocument(in.Route)),
		item("tenant", ast.String(in.Tenant)),
		item("request", requestDocument(in.Request)),
		item("peer", ast.NewObject(
			item("address", ast.String(in.Peer.Address)),
			item("principal", ast.String(in.Peer.Principal)),
			item("sni", ast.String(in.Peer.SNI)),
		)),
		item("envoy", envoy),
	), nil
}

func callerDocument(caller authz.Caller) (ast.Value, error) {
	claims, err := open("caller.claims", caller.Claims)
	if err != nil {
		return nil, err
	}
	return ast.NewObject(
		item("authenticator", ast.String(caller.Authenticator)),
		item("kind", ast.String(caller.Kind)),
		item("subject", ast.String(caller.Subject)),
		item("tenant", ast.String(caller.Tenant)),
		item("role", ast.String(caller.Role)),
		item("scopes", texts(caller.Scopes)),
		item("user", ast.String(caller.User)),
		item("token_id", ast.String(caller.TokenID)),
		item("claims", claims),
		item("downgraded", ast.Boolean(caller.Downgraded)),
	), nil
}

func routeDocument(route authz.InputRoute) ast.Value {
	params := ast.NewObject()
	for _, param := range route.Params {
		params.Insert(ast.StringTerm(param.Name), ast.StringTerm(param.Value))
	}
	return ast.NewObject(
		item("id", ast.String(route.ID)),
		item("method", ast.String(route.Method)),
		item("template", ast.String(route.Template)),
		item("params", params),
		item("scopes", texts(route.Scopes)),
	)
}

func requestDocument(request authz.InputRequest) ast.Value {
	return ast.NewObject(
		item("method", ast.String(request.Method)),
		item("path", ast.String(request.Path)),
		item("host", ast.String(request.Host)),
		item("scheme", ast.String(request.Scheme)),
		item("secure", ast.Boolean(request.Secure)),
		item("query", lists(request.Query)),
		item("headers", lists(headerValues(request.Headers))),
		item("body", ast.String(request.Body)),
		item("body_state", ast.String(request.BodyState.String())),
		item("client_ip", ast.String(request.ClientIP)),
	)
}

func envoyDocument(envoy authz.InputEnvoy) (ast.Value, error) {
	extensions := ast.NewObject()
	for name, value := range envoy.ContextExtensions {
		extensions.Insert(ast.StringTerm(name), ast.StringTerm(value))
	}
	metadata, err := open("envoy.metadata", envoy.Metadata)
	if err != nil {
		return nil, err
	}
	routeMetadata, err := open("envoy.route_metadata", envoy.RouteMetadata)
	if err != nil {
		return nil, err
	}
	return ast.NewObject(
		item("context_extensions", extensions),
		item("metadata", metadata),
		item("route_metadata", routeMetadata),
	), nil
}

// headerValues collects the values of equal names in their order.
func headerValues(headers []authz.Header) map[string][]string {
	values := make(map[string][]string, len(headers))
	for _, h := range headers {
		values[h.Name] = append(values[h.Name], h.Value)
	}
	return values
}

// open translates a map whose members nobody declared; none is an empty object.
// A number that JSON has no form for is an error: Envoy's metadata may hold one,
// and comparing it in Rego means nothing.
func open(name string, members map[string]any) (ast.Value, error) {
	if len(members) == 0 {
		return ast.NewObject(), nil
	}
	if !finite(members) {
		return nil, fmt.Errorf("build input.%s: holds a number that is not finite", name)
	}
	value, err := ast.InterfaceToValue(members)
	if err != nil {
		return nil, fmt.Errorf("build input.%s: %w", name, err)
	}
	return value, nil
}

func finite(value any) bool {
	switch v := value.(type) {
	case float64:
		return !math.IsNaN(v) && !math.IsInf(v, 0)
	case []any:
		return !slices.ContainsFunc(v, func(inner any) bool { return !finite(inner) })
	case map[string]any:
		for _, inner := range v {
			if !finite(inner) {
				return false
			}
		}
	}
	return true
}

func item(name string, value ast.Value) [2]*ast.Term {
	return ast.Item(ast.InternedTerm(name), ast.NewTerm(value))
}

func texts(list []string) ast.Value {
	terms := make([]*ast.Term, 0, len(list))
	for _, text := range list {
		terms = append(terms, ast.StringTerm(text))
	}
	return ast.NewArray(terms...)
}

func lists(members map[string][]string) ast.Value {
	object := ast.NewObject()
	for name, values := range members {
		object.Insert(ast.StringTerm(name), ast.NewTerm(texts(values)))
	}
	return object
}
