terraform {
  required_providers {
    dct = { source = "terraform.local/cdktf-dct/dct" }
  }
}

provider "dct" {
  registry = {
    host_address = "dtr.example.com"
    ca_bundle    = file("${path.module}/ca.pem")
    username     = "admin" # password: DCT_REGISTRY_PASSWORD
  }
  clusters = {
    cluster2 = {
      client_bundle_path = "${path.module}/bundles/cluster2"
      # No change that would make cluster2 refuse this image is sent.
      must_admit = ["dtr.example.com/admin/trustdemo:1"]
    }
  }
  # Passphrases: DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE, DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE
  trust_store = { directory = "${path.module}/trust" }
  signing_keys = {
    cluster2admin = { private_key = file("${path.module}/bundles/cluster2/key.pem") }
  }
}
