import { serve } from '../plugin';
import { dctProvider } from './provider';

void serve(dctProvider);
