package policies

import "embed"

// Files holds the shipped rules and their tests, below the folder sallyport.
//
//go:embed sallyport/*.rego
var Files embed.FS

// InputSchema is the JSON schema of the document that every policy sees as
// input. Every member that it names is always there.
//
//go:embed input.schema.json
var InputSchema []byte
