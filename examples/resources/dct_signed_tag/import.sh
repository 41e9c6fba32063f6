terraform import dct_signed_tag.one 'dtr.example.com/admin/trustdemo:1#cluster2admin'
