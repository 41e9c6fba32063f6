data "dct_cluster" "cluster2" {
  name = "cluster2"
}

output "registries" {
  value = [for registry in data.dct_cluster.cluster2.registries : registry.host_address]
}
