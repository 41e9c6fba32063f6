data "dct_team" "release" {
  cluster      = "cluster2"
  organization = "docker-datacenter"
  name         = "release"
}

output "keys" {
  value = { for member in data.dct_team.release.members : member.name => member.key_ids }
}
