# dtr.example.com/admin/trustdemo
output "gun" {
  value = provider::dct::gun("dtr.example.com", "admin/trustdemo")
}
