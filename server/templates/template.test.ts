/** What is in a template, beyond its archive: seal, manifest, flow and tests fit together, or it is refused with the place. */
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import fc from '../../test/property.ts'
import { readArchive } from './archive/read-archive.ts'
import { writeArchive } from './archive/write-archive.ts'
import { readFolder } from './folder.ts'
import { compareVersions } from './needs.ts'
import { openArchive, packFolder } from './open.ts'
import { drawFlow } from './picture.ts'
import { readTemplate } from './read-template.ts'
import { checkSeal, fingerprintOf, seal, signingKey } from './seal.ts'

const files = await readFolder(join(import.meta.dirname, '..', '..', 'flows', 'cut-a-part'))
const key = signingKey({ derive: () => '11'.repeat(32) }, 'Shop A')
const json = (path: string) => JSON.parse(String(files.get(path))) as Record<string, unknown> & Record<string, unknown>[]
const withFile = (path: string, value: unknown) => new Map([...files, [path, Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))]])
const without = (path: string) => new Map([...files].filter(([name]) => name !== path))
const whyOf = (work: Promise<unknown>) =>
  work.then(
    () => 'taken',
    (error: { details?: { why?: string } }) => error.details?.why ?? String(error),
  )

test('a signed file says who packed it; unpacked and packed again it is the same', async () => {
  const packed = await writeArchive(await seal(files, key))
  const { content, sealed } = await openArchive(packed)
  expect(sealed.signedBy).toEqual({ name: 'Shop A', fingerprint: fingerprintOf(key.publicKey) })
  expect(content.manifest.id).toBe('cut-a-part')
  expect(await writeArchive(await readArchive(Readable.from([packed])))).toEqual(packed)
  expect((await openArchive(await packFolder(files))).sealed.signedBy).toBeUndefined()
})

test('the key of an installation is the same at every start, and another one elsewhere', () => {
  const other = signingKey({ derive: () => '22'.repeat(32) }, 'Shop B')
  expect(signingKey({ derive: () => '11'.repeat(32) }, 'Shop A').publicKey).toEqual(key.publicKey)
  expect(other.publicKey).not.toEqual(key.publicKey)
})

test('a seal that does not fit is told with the file', async () => {
  const sealed = await seal(files, key)
  const changed = (path: string, value: Buffer) => new Map([...sealed, [path, value]])
  expect(await whyOf(checkSeal(files))).toBe('seal-missing')
  expect(await whyOf(checkSeal(changed('README.md', Buffer.from('other'))))).toBe('hash-wrong')
  expect(await whyOf(checkSeal(changed('samples/new.csv', Buffer.from('x'))))).toBe('hash-missing')
  expect(await whyOf(checkSeal(new Map([...sealed].filter(([path]) => path !== 'README.md'))))).toBe('file-missing')
  // hashes made to fit by somebody who has not the key
  const forged = await seal(new Map([...sealed, ['README.md', Buffer.from('other')]]))
  const own = JSON.parse(String(sealed.get('signature.json'))) as { signature: object }
  const both = { ...(JSON.parse(String(forged.get('signature.json'))) as object), signature: own.signature }
  expect(await whyOf(checkSeal(new Map([...forged, ['signature.json', Buffer.from(JSON.stringify(both))]])))).toBe('signature-wrong')
  expect(await whyOf(checkSeal(changed('signature.json', Buffer.from(JSON.stringify({ ...both, more: 1 })))))).toBe('seal-invalid')
})

test.each<[string, string, () => ReadonlyMap<string, Buffer>]>([
  ['an unknown key', 'invalid', () => withFile('template.json', { ...json('template.json'), postinstall: 'rm -rf' })],
  ['a manifest that is too large', 'json-large', () => withFile('template.json', { ...json('template.json'), summary: 'x'.repeat(300_000) })],
  ['JSON that is too deep', 'json-deep', () => withFile('flow.json', Buffer.from('['.repeat(100) + ']'.repeat(100)))],
  ['text that is not UTF-8', 'not-utf8', () => withFile('README.md', Buffer.from([0xff, 0xfe, 0x00]))],
  ['JSON that is not UTF-8', 'not-utf8', () => withFile('tests.json', Buffer.from([0x22, 0xff, 0x22]))],
  ['JSON that is none', 'not-json', () => withFile('flow.json', Buffer.from('[{'))],
  ['a way into prototypes', 'json-proto', () => withFile('flow.json', Buffer.from('[{"id":"a","type":"tab","__proto__":{"x":1}}]'))],
  ['a version that is none', 'invalid', () => withFile('template.json', { ...json('template.json'), version: '1.0' })],
  ['no manual', 'file-missing', () => without('README.md')],
  ['no flow', 'file-missing', () => without('flow.json')],
  [
    'a flow without a tab',
    'flow',
    () =>
      withFile(
        'flow.json',
        json('flow.json').filter(({ type }) => type !== 'tab'),
      ),
  ],
  ['a node twice', 'flow', () => withFile('flow.json', [...json('flow.json'), { id: 'cap-job', type: 'comment', z: 'cap-tab' }])],
  ['a node of an id that the engine knows', 'flow', () => withFile('flow.json', [...json('flow.json'), { id: 'constructor', type: 'comment', z: 'cap-tab' }])],
  ['credentials in a node', 'secret', () => withFile('flow.json', [...json('flow.json'), { id: 'x', type: 'mqtt-broker', credentials: { user: 'a' } }])],
  [
    'a secret in a node',
    'secret',
    () => withFile('flow.json', [...json('flow.json'), { id: 'x', type: 'comment', z: 'cap-tab', info: 'ghp_0123456789abcdefghijklmnopqrstuvwxyzAB' }]),
  ],
  ['a parameter that nothing uses', 'flow', () => withFile('template.json', withParameter(json('template.json')))],
  ['a default that does not fit', 'parameters', () => withFile('template.json', withParameter(json('template.json'), { default: 'text' }))],
  ['a test of a node that is not there', 'tests', () => withFile('tests.json', [{ ...json('tests.json')[0], flowId: 'nowhere' }])],
  [
    'a test with a message of another shop',
    'tests',
    () => withFile('tests.json', [{ ...json('tests.json')[0], answers: { 'cap-good': [{ from: 'recorded', runId: 'run_1', seq: 1 }] } }]),
  ],
  [
    'a picture that is something else',
    'picture',
    () => new Map([...withFile('template.json', { ...json('template.json'), pictures: ['pictures/a.png'] }), ['pictures/a.png', Buffer.from('<html>')]]),
  ],
  ['a picture that is not named', 'not-named', () => withFile('pictures/a.svg', Buffer.from('<svg></svg>'))],
])('refused: %s', async (_, why, make) => {
  expect(await whyOf(readTemplate(make()))).toBe(why)
})

function withParameter(manifest: Record<string, unknown>, more: object = {}): object {
  const parameters = manifest.parameters as { properties: object }
  return {
    ...manifest,
    parameters: { ...parameters, properties: { ...parameters.properties, unused: { title: 'Unused', type: 'number', widget: 'number', ...more } } },
  }
}

test('the drawn picture shows nodes and wires, and no text of a flow becomes markup', async () => {
  const { flow } = await readTemplate(files)
  const svg = drawFlow([...flow, { id: 'x', type: 'comment', z: 'cap-tab', x: 100, y: 500, name: '<script>alert(1)</script>' }])
  expect(svg).toContain('Run the program')
  expect(svg.match(/<path /g)?.length).toBeGreaterThan(8)
  expect(svg).not.toContain('<script')
})

test('versions are compared by their numbers', () => {
  expect(['1.10.0', '1.9.3', '2.0.0', '1.9.10'].toSorted(compareVersions)).toEqual(['1.9.3', '1.9.10', '1.10.0', '2.0.0'])
})

test('whatever is changed in the files, the answer is a template or a refusal', async () => {
  const path = fc.constantFrom('template.json', 'flow.json', 'tests.json')
  const piece = fc.oneof(
    fc.constantFrom('"', '{', '}', '[', ']', ',', ':', 'null', '{{', '__proto__', '1e999', '\\u0000'),
    fc.string({ unit: 'binary', maxLength: 4 }),
  )
  await fc.assert(
    fc.asyncProperty(path, fc.nat(4000), fc.nat(20), piece, async (name, at, cut, text) => {
      const before = String(files.get(name))
      const from = at % before.length
      const changed = withFile(name, Buffer.from(before.slice(0, from) + text + before.slice(from + cut)))
      const why = await whyOf(readTemplate(changed))
      expect(why).toMatch(/^[a-z0-9-]+$/)
    }),
    { numRuns: 200 },
  )
})
