data "dct_admission" "cluster2" {
  cluster = "cluster2"
  images  = ["dtr.example.com/admin/trustdemo:1"]
}

# What would not run, or might not, and what to do.
output "not_admitted" {
  value = {
    for image, verdict in data.dct_admission.cluster2.verdicts :
    image => "${verdict.explanation} ${coalesce(verdict.cure, "-")}" if verdict.outcome != "admitted"
  }
}
