# The name of the key's file below ~/.docker/trust/private.
output "key_id" {
  value = provider::dct::key_id(file("${path.module}/bundles/cluster2/cert.pem"))
}
