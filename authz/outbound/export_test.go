package outbound

// Printable lets tests see what is left of a server's words.
func Printable(text string) string { return printable(text) }
