import { checkClusterNames, clusterVariable } from '../../../src/provider/configuration/environment';

describe('clusterVariable', () => {
  it.each([
    ['cluster2', 'DCT_CLUSTER_CLUSTER2'],
    ['eu-west.1', 'DCT_CLUSTER_EU_WEST_1'],
    ['Zürich', 'DCT_CLUSTER_Z_RICH'],
  ])('of %s is %s', (name, variable) => {
    expect(clusterVariable(name)).toBe(variable);
  });

  it('refuses names that share it, and takes others', () => {
    expect(() => {
      checkClusterNames(['a', 'eu-1', 'eu_1']);
    }).toThrow('"eu-1" and "eu_1"');
    expect(() => {
      checkClusterNames(['a', 'b']);
    }).not.toThrow();
  });
});
