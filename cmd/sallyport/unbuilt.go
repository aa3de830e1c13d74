package main

// refuseUnbuilt refuses what the configuration's schema has and no room reads
// yet. A setting that is taken and does nothing would let an operator believe in
// a mask, a bound or a listener that is not there.
func (c *compiler) refuseUnbuilt() {
	unbuilt := []cursor{
		c.root.field("outbound"),
	}
	for _, at := range unbuilt {
		if at.written() {
			c.refuse(at, fault{"this release does not read the field", "the configuration without it", "take it out: it would do nothing"})
		}
	}
}
