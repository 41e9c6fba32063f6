resource "dct_repository" "trustdemo" {
  name = "admin/trustdemo"
}
