data "dct_image" "one" {
  repository = "admin/trustdemo"
  tag        = "1"
}

# To look at before it is signed: what a tag points at is what somebody pushed.
output "digest" {
  value = data.dct_image.one.digest
}
