resource "dct_trusted_registry" "cluster2" {
  cluster = "cluster2"
}

resource "dct_enforcement" "cluster2" {
  cluster                = "cluster2"
  require_signature_from = ["docker-datacenter/release"]

  # After all that the cluster's images rely on: the registration, and the signatures.
  depends_on = [dct_trusted_registry.cluster2]
}
