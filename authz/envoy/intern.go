package envoy

// nameOf gives text for bytes, without a copy for the names that nearly every
// request has.
func nameOf(name []byte) string {
	switch string(name) {
	case ":authority":
		return ":authority"
	case ":method":
		return ":method"
	case ":path":
		return ":path"
	case ":scheme":
		return ":scheme"
	case "accept":
		return "accept"
	case "accept-encoding":
		return "accept-encoding"
	case "accept-language":
		return "accept-language"
	case "authorization":
		return "authorization"
	case "cache-control":
		return "cache-control"
	case "content-length":
		return "content-length"
	case "content-type":
		return "content-type"
	case "cookie":
		return "cookie"
	case "origin":
		return "origin"
	case "referer":
		return "referer"
	case "sec-fetch-dest":
		return "sec-fetch-dest"
	case "sec-fetch-mode":
		return "sec-fetch-mode"
	case "sec-fetch-site":
		return "sec-fetch-site"
	case "traceparent":
		return "traceparent"
	case "user-agent":
		return "user-agent"
	case "x-api-key":
		return "x-api-key"
	case "x-envoy-internal":
		return "x-envoy-internal"
	case "x-forwarded-for":
		return "x-forwarded-for"
	case "x-forwarded-proto":
		return "x-forwarded-proto"
	case "x-request-id":
		return "x-request-id"
	default:
		return string(name)
	}
}
