/** Files of promotions from strangers: taken whole, or refused whole with the reason. */
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import type { FlowNode, PromotionManifest } from '../../api/index.ts'
import { writeArchive } from '../../templates/archive/write-archive.ts'
import { fingerprintOf, seal, signingKey } from '../../templates/seal.ts'
import { installationOf, readPromotion, writePromotion } from './file.ts'

const key = signingKey({ derive: () => '3'.repeat(64) }, 'Bench')
const other = signingKey({ derive: () => '4'.repeat(64) }, 'Somebody')
const flow: FlowNode[] = [
  { id: 't', type: 'tab', label: 'Warm up' },
  { id: 'm', type: 'cw-machine', machineId: 'mill' },
]
const manifest = (more: Partial<PromotionManifest> = {}): PromotionManifest => ({
  format: 1,
  from: { id: installationOf(fingerprintOf(key.publicKey)), name: 'Bench', environment: 'test', product: '1.0.0' },
  version: { number: 3, rev: 'a'.repeat(64), author: 'Ada', at: '2026-05-04T08:00:00Z' },
  scope: 'all',
  by: 'Ada',
  at: '2026-05-04T09:00:00Z',
  references: [{ kind: 'machine', value: 'mill', places: [{ nodeId: 'm', path: 'machineId' }] }],
  ...more,
})
const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const packed = async (files: Record<string, unknown>, by = key, purpose = 'promotion') =>
  writeArchive(
    await seal(
      new Map(Object.entries({ 'README.md': Buffer.from('x'), ...files }).map(([path, value]) => [path, Buffer.isBuffer(value) ? value : json(value)])),
      by,
      purpose,
    ),
  )
const whyOf = (archive: Buffer) =>
  readPromotion(archive).then(
    () => 'taken',
    (error: { code: string; details: { why: string } }) => `${error.code} ${error.details.why}`,
  )

test('what is written is read, with who signed it', async () => {
  const { archive, content } = await writePromotion({ manifest: manifest(), flow, tests: [], panels: [] }, key)
  expect(content).toMatchObject({ flow, manifest: manifest(), signer: { name: 'Bench', fingerprint: fingerprintOf(key.publicKey) } })
  expect((await readPromotion(archive)).id).toBe(content.id)
})

const good = { 'promotion.json': manifest(), 'flow.json': flow }
const cases: [string, string, () => Promise<Buffer>][] = [
  [
    'one byte that was changed',
    'hash-wrong',
    async () => {
      const tar = gunzipSync(await packed(good))
      tar.write('Cold up', tar.indexOf('Warm up'))
      return gzipSync(tar)
    },
  ],
  [
    'one that is not signed',
    'signature-missing',
    async () => writeArchive(await seal(new Map(Object.entries(good).map(([path, value]) => [path, json(value)])))),
  ],
  ['one that speaks for another installation', 'from', () => packed(good, other)],
  ['the seal of a template', 'signature-wrong', () => packed(good, key, 'template')],
  ['credentials', 'secret', () => packed({ ...good, 'flow.json': [...flow, { id: 'c', type: 'x', credentials: { a: 'b' } }] })],
  ['a secret in a property', 'secret', () => packed({ ...good, 'flow.json': [...flow, { id: 'c', type: 'x', password: 'openSesame' }] })],
  [
    'a place that does not hold what it says',
    'references',
    () => packed({ ...good, 'promotion.json': manifest({ references: [{ kind: 'machine', value: 'lathe', places: [{ nodeId: 'm', path: 'machineId' }] }] }) }),
  ],
  [
    'a place that would change the wires',
    'references',
    () =>
      packed({
        ...good,
        'flow.json': [...flow, { id: 'w', type: 'x', z: 't' }],
        'promotion.json': manifest({ references: [{ kind: 'program', value: 't', places: [{ nodeId: 'w', path: 'z' }] }] }),
      }),
  ],
  ['a node twice', 'flow', () => packed({ ...good, 'flow.json': [...flow, flow[0]] })],
  ['a file that no promotion has', 'path-unknown', () => packed({ ...good, 'programs/x.nc': Buffer.from('G1') })],
  ['a program that none of its flows names', 'programs', () => packed({ ...good, [`programs/${'a'.repeat(64)}.nc`]: Buffer.from('G1') })],
  [
    'a program with another content than it is called by',
    'hash-wrong',
    () =>
      packed({
        'flow.json': [...flow, { id: 'r', type: 'cw-run-program', z: 't', program: 'plate.nc' }],
        'promotion.json': manifest({
          references: [{ kind: 'program', value: 'plate.nc', sha256: 'a'.repeat(64), places: [{ nodeId: 'r', path: 'program' }] }],
        }),
        [`programs/${'a'.repeat(64)}.nc`]: Buffer.from('G1'),
      }),
  ],
  ['unknown keys', 'invalid', () => packed({ ...good, 'promotion.json': { ...manifest(), more: 1 } })],
  ['no flow', 'flow', () => packed({ ...good, 'flow.json': [flow[1]] })],
  ['nonsense', 'not-an-archive', async () => Buffer.from('nonsense')],
  ['zeros packed to nothing', 'ratio', () => packed({ ...good, 'flow.json': Buffer.alloc(7_900_000) })],
]
test.each(cases)('%s is refused', async (_, why, make) => {
  expect(await whyOf(await make())).toBe(`promotion-refused ${why}`)
})
