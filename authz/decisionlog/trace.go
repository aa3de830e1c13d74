package decisionlog

import "strings"

// trace reads a traceparent (W3C Trace Context section 3.2). Anything that does
// not have its form gives two empty ids.
func trace(parent string) (traceID, spanID string) {
	parts := strings.Split(parent, "-")
	if len(parts) < 4 || !isLowerHex(parts[0], 2) || parts[0] == "ff" || !isLowerHex(parts[3], 2) {
		return "", ""
	}
	if parts[0] == "00" && len(parts) != 4 {
		return "", ""
	}
	if !isID(parts[1], 32) || !isID(parts[2], 16) {
		return "", ""
	}
	return parts[1], parts[2]
}

func isID(text string, length int) bool {
	return isLowerHex(text, length) && strings.Trim(text, "0") != ""
}

func isLowerHex(text string, length int) bool {
	return len(text) == length && strings.Trim(text, "0123456789abcdef") == ""
}
