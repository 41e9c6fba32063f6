terraform import dct_trusted_registry.cluster2 cluster2/dtr.example.com
