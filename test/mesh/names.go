package mesh

import "fmt"

// Names are what an Envoy bootstrap calls its parts.
type Names struct {
	Clusters []string
	// Ports are those of its listeners, by name, as the file has them.
	Ports map[string]int
}

// BootstrapNames reads them.
func BootstrapNames(path string) (Names, error) {
	d, err := readDocument(path)
	if err != nil {
		return Names{}, fmt.Errorf("read bootstrap: %w", err)
	}
	names := Names{Ports: map[string]int{}}
	resources := d.table("static_resources")
	for _, cluster := range resources.list("clusters") {
		name, _ := cluster["name"].(string)
		names.Clusters = append(names.Clusters, name)
	}
	for _, listener := range resources.list("listeners") {
		name, _ := listener["name"].(string)
		names.Ports[name], _ = listener.table("address").table("socket_address")["port_value"].(int)
	}
	return names, nil
}
