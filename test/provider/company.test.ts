import { Activity } from '../../src/provider/connection/activity';
import { Company } from '../../src/provider/connection/company';

describe('Company', () => {
  it('waits for one that comes later', async () => {
    const company = new Company(new Activity());
    const comes = company.comes(company.arrived);
    company.arrive();
    expect(await comes).toBe(true);
  });

  it('has already come what came while somebody failed', async () => {
    const company = new Company(new Activity());
    const before = company.arrived;
    company.arrive();
    expect(await company.comes(before)).toBe(true);
  });

  it('loses patience', async () => {
    const company = new Company(new Activity());
    expect(await company.comes(company.arrived)).toBe(false);
  });
});
