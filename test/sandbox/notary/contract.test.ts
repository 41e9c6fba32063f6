import { Authority } from '../../../src/sandbox/authority';
import { systemClock } from '../../../src/sandbox/clock';
import { Endpoint } from '../../../src/sandbox/endpoint';
import { NotaryServer } from '../../../src/sandbox/notary';
import { notaryServerContract } from '../../contract/notary-server';

notaryServerContract("the sandbox's", async () => {
  const authority = await Authority.create('test CA');
  const notary = await NotaryServer.open({ clock: systemClock });
  const endpoint = await Endpoint.start({ tls: await authority.issueServer(), routes: notary.routes });
  return {
    url: endpoint.origin,
    caBundle: authority.certificate,
    hostAddress: endpoint.host,
    close: () => endpoint.close(),
  };
});
