// Package document reads a YAML file into a message and knows where each field
// stands, so that whatever is wrong with one, now or when it is compiled, is told with
// file, line and column, what was expected and how to mend it.
//
//	read.go      file to message; document.go and shape.go refuse what a YAML reader
//	             would pass in silence: duplicates, anchors, unknown fields, no value
//	cursor.go    where a field stands
//	problem.go   what is wrong there; Report collects it, so that all is told at once
//
// It knows no field of any configuration.
package document
