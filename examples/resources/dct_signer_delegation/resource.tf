resource "dct_repository" "trustdemo" {
  name = "admin/trustdemo"
}

resource "dct_signer_delegation" "cluster2admin" {
  repository  = dct_repository.trustdemo.name
  signer      = "cluster2admin"
  public_keys = [file("${path.module}/bundles/cluster2/cert.pem")]
}
