# The same in plain HCL, one cluster. Nothing here needs CDK for Terraform.
terraform {
  required_providers {
    dct = { source = "terraform.local/cdktf-dct/dct" }
  }
}

variable "registry" {
  description = "Host address of the central DTR"
  default     = "dtr.example.com"
}

variable "digest" {
  description = "Digest of admin/trustdemo:1"
}

provider "dct" {
  registry = {
    host_address = var.registry
    ca_bundle    = file("${path.module}/ca.pem")
    username     = "admin" # password: DCT_REGISTRY_PASSWORD
  }
  clusters = {
    cluster2 = { client_bundle_path = "${path.module}/bundles/cluster2" }
  }
  trust_store = {
    directory       = "${path.module}/trust"
    create_root_key = true # only to try it
  }
  signing_keys = {
    cluster2admin = { private_key = file("${path.module}/bundles/cluster2/key.pem") }
  }
}

resource "dct_trusted_registry" "cluster2" {
  cluster = "cluster2"
}

resource "dct_repository" "trustdemo" {
  name = "admin/trustdemo"
}

resource "dct_signer_delegation" "cluster2admin" {
  repository  = dct_repository.trustdemo.name
  signer      = "cluster2admin"
  public_keys = [file("${path.module}/bundles/cluster2/cert.pem")]
  depends_on  = [dct_trusted_registry.cluster2]
}

resource "dct_signed_tag" "one" {
  repository = dct_repository.trustdemo.name
  tag        = "1"
  signer     = dct_signer_delegation.cluster2admin.signer
  digest     = var.digest
}

resource "dct_enforcement" "cluster2" {
  cluster                = "cluster2"
  require_signature_from = ["docker-datacenter/release"]
  depends_on             = [dct_signed_tag.one]
}

output "signed_by" {
  value = dct_signed_tag.one.key_ids
}
