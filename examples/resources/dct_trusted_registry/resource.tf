# Address and CA are those of the provider's registry.
resource "dct_trusted_registry" "cluster2" {
  cluster = "cluster2"
}
