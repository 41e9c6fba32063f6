resource "dct_repository" "trustdemo" {
  name = "admin/trustdemo"
}

resource "dct_signer_delegation" "cluster2admin" {
  repository  = dct_repository.trustdemo.name
  signer      = "cluster2admin"
  public_keys = [file("${path.module}/bundles/cluster2/cert.pem")]
}

# Signed with the key in the provider's signing_keys, or in the trust store.
resource "dct_signed_tag" "one" {
  repository = dct_repository.trustdemo.name
  tag        = "1"
  signer     = dct_signer_delegation.cluster2admin.signer
  digest     = "sha256:0000000000000000000000000000000000000000000000000000000000000000"
}
