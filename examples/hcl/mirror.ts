// Lays the provider into ./mirror, where terraform.rc tells Terraform to look for it.
import { layProvider, providerPackage } from 'cdktf-dct';

layProvider('mirror', providerPackage());
