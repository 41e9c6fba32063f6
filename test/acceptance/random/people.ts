import { makeCertificate, type Made } from '../../notary/certificates';

export const signers = ['alice', 'bob', 'carol'] as const;
export type Signer = (typeof signers)[number];

/** Ways to give a signer's key; `next` is another key, the same for all. */
export const forms = ['certificate', 'crlf', 'renewed', 'bare', 'next'] as const;
export type Form = (typeof forms)[number];

export interface Person {
  readonly pems: Readonly<Record<Form, string>>;
  /** Private keys, PEM. */
  readonly keys: readonly string[];
}
export type People = Readonly<Record<Signer, Person>>;

/** Certificates that outlive every test. */
export async function makePeople(): Promise<People> {
  const notAfter = new Date('2090-01-01T00:00:00Z');
  const next = await makeCertificate({ notAfter });
  const [alice, bob, carol] = await Promise.all([person(next), person(next), person(next)]);
  return { alice, bob, carol };
}

async function person(next: Made): Promise<Person> {
  const notAfter = new Date('2090-01-01T00:00:00Z');
  const one = await makeCertificate({ notAfter });
  const renewed: Made = await makeCertificate({ notAfter: new Date('2091-01-01T00:00:00Z'), keys: one.keys });
  return {
    pems: {
      certificate: one.certificate,
      crlf: `# again\r\n${one.certificate.replaceAll('\n', '\r\n')}`,
      renewed: renewed.certificate,
      bare: one.publicKey,
      next: next.certificate,
    },
    keys: [one.privateKey, next.privateKey],
  };
}
