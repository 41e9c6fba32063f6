terraform import dct_repository.trustdemo dtr.example.com/admin/trustdemo
