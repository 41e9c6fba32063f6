data "dct_trust_data" "trustdemo" {
  repository = "admin/trustdemo"
}

output "signers" {
  value = [for signer in data.dct_trust_data.trustdemo.signers : signer.name]
}

# A warning, a month ahead. The server renews the timestamp by itself.
check "trust_data_lasts" {
  assert {
    condition = alltrue([
      for role, end in data.dct_trust_data.trustdemo.expiries :
      role == "timestamp" || timecmp(end, timeadd(plantimestamp(), "720h")) > 0
    ])
    error_message = "Trust data of admin/trustdemo ends soon."
  }
}
