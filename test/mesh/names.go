package mesh

import (
	"fmt"
	"net"
	"strconv"
)

// Names are what an Envoy bootstrap calls its parts.
type Names struct {
	Clusters []string
	// Addresses are where the file has them, "host:port" by name; a socket has none.
	Addresses map[string]string
	// Ports are those of its listeners, by name, as the file has them.
	Ports map[string]int
}

// BootstrapNames reads them.
func BootstrapNames(path string) (Names, error) {
	d, err := readDocument(path)
	if err != nil {
		return Names{}, fmt.Errorf("read bootstrap: %w", err)
	}
	names := Names{Addresses: map[string]string{}, Ports: map[string]int{}}
	resources := d.table("static_resources")
	for _, cluster := range resources.list("clusters") {
		name, _ := cluster["name"].(string)
		names.Clusters = append(names.Clusters, name)
		if address := cluster.address(); address != "" {
			names.Addresses[name] = address
		}
	}
	for _, listener := range resources.list("listeners") {
		name, _ := listener["name"].(string)
		names.Ports[name], _ = listener.table("address").table("socket_address")["port_value"].(int)
	}
	return names, nil
}

// address is that of a cluster's first endpoint.
func (d document) address() string {
	for _, locality := range d.table("load_assignment").list("endpoints") {
		for _, one := range locality.list("lb_endpoints") {
			place := one.table("endpoint").table("address").table("socket_address")
			host, _ := place["address"].(string)
			if port, ok := place["port_value"].(int); ok {
				return net.JoinHostPort(host, strconv.Itoa(port))
			}
		}
	}
	return ""
}
