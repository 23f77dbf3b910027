import { outputOf, parseFlatted } from '../../../tools/n8n/executionData';

it('reads shared, circular and plain values', () => {
  const parsed = parseFlatted(
    '[{"name":"1","self":"0","list":"2","count":3,"none":null},"Ada",["1","0",true]]',
  ) as any;
  expect(parsed.name).toBe('Ada');
  expect(parsed.count).toBe(3);
  expect(parsed.none).toBeNull();
  expect(parsed.self).toBe(parsed);
  expect(parsed.list).toEqual(['Ada', parsed, true]);
});

it("collects a node's items over all its runs", () => {
  const run = (...outputs: number[][]) => ({
    startTime: 0,
    executionTime: 0,
    data: { main: outputs.map((items) => items.map((n) => ({ json: { n } }))) },
  });
  const data = { resultData: { runData: { A: [run([1, 2], [3]), run([4])] } } };
  expect(outputOf({ data }, 'A')).toEqual([{ n: 1 }, { n: 2 }, { n: 4 }]);
  expect(outputOf({ data }, 'A', 1)).toEqual([{ n: 3 }]);
  expect(outputOf({ data }, 'B')).toEqual([]);
});
