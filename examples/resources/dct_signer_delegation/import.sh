terraform import dct_signer_delegation.cluster2admin 'dtr.example.com/admin/trustdemo#cluster2admin'
