package envoy

import (
	"strconv"

	"github.com/sallyport-authz/sallyport/authz"
)

// partialHeader is Envoy's word on the body that it buffered. It drops a
// client's own header of that name from the check.
const partialHeader = "x-envoy-auth-partial-body"

// body reads the part of the body that came along. Without a body and without
// Envoy's word nothing was buffered: the body is absent, whatever its length.
func (r reader) body(from *view, headers authz.Headers) (authz.Body, error) {
	if from.body != "" && len(from.rawBody) > 0 {
		return authz.Body{}, ambiguous("body in both encodings")
	}
	bytes := from.rawBody
	if len(bytes) == 0 {
		bytes = []byte(from.body)
	}
	words := headers.Values(partialHeader)
	switch {
	case len(bytes) == 0 && len(words) == 0:
		return authz.Body{}, nil
	case cutByEnvoy(words) || r.fillsBuffer(bytes) || shorterThanSaid(bytes, headers):
		return authz.Body{State: authz.BodyTruncated, Bytes: bytes}, nil
	default:
		return authz.Body{State: authz.BodyWhole, Bytes: bytes}, nil
	}
}

// cutByEnvoy takes every word but one "false" for a cut body.
func cutByEnvoy(words []string) bool {
	return len(words) > 1 || len(words) == 1 && words[0] != "false"
}

// fillsBuffer: Envoy marks a body that fills its buffer exactly as whole,
// although more may follow.
func (r reader) fillsBuffer(bytes []byte) bool {
	return r.maxRequestBytes > 0 && len(bytes) >= r.maxRequestBytes
}

func shorterThanSaid(bytes []byte, headers authz.Headers) bool {
	lengths := headers.Values("content-length")
	if len(lengths) == 0 {
		return false
	}
	length, err := strconv.ParseUint(lengths[0], 10, 63)
	return err != nil || len(lengths) > 1 || length > uint64(len(bytes))
}
