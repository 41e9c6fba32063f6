data "dct_registry_ca" "dtr" {
  host_address    = "dtr.example.com"
  expected_sha256 = "0000000000000000000000000000000000000000000000000000000000000000"
}

resource "dct_trusted_registry" "cluster2" {
  cluster      = "cluster2"
  host_address = data.dct_registry_ca.dtr.host_address
  ca_bundle    = data.dct_registry_ca.dtr.pem
}
