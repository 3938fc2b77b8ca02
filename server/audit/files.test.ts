/** An exported file is verified by itself: what was done to it after it was written is found. */
import { expect, test } from 'vitest'
import { type AuditContent, atText, CHAIN_BEGIN, chained } from './chain.ts'
import { CSV_HEAD, csvLine, entryLine, headerLine, verifyFile } from './files.ts'
import { auditKey, fingerprintOf, headText } from './signing.ts'
import { testSecrets } from './testing.ts'

const key = auditKey(testSecrets())
const entry = (n: number): AuditContent => ({
  id: `aud_${n}`,
  at: atText(new Date(Date.UTC(2026, 0, 1, 0, n))),
  who: 'ann',
  whoId: 'u-ann',
  via: 'session',
  origin: { address: '192.0.2.7' },
  action: 'flows.deploy',
  target: n % 2 ? `ver_${n}` : null,
  detail: n % 3 ? { n } : null,
})
const links = chained(
  Array.from({ length: 9 }, (_, n) => entry(n + 1)),
  { seq: 0, hash: CHAIN_BEGIN },
)
const end = links.at(-1) as (typeof links)[number]
const header = (more: object = {}) =>
  headerLine({
    isWhole: true,
    exportedAt: '2026-01-02T00:00:00.000Z',
    by: 'Ann',
    publicKey: key.publicKey,
    head: { seq: end.seq, hash: end.hash, signature: key.sign(headText(end)) },
    checkpoints: [],
    ...more,
  })
const file = [header(), ...links.map(entryLine)]
async function* lines(all: readonly string[]) {
  for (const one of all) yield one.trimEnd()
}
const verify = (all: readonly string[], options = {}) => verifyFile(lines(all), options)

test('a file as it was written is whole', async () => {
  expect(await verify(file)).toMatchObject({ isWhole: true, checked: 9, isSelection: false, fingerprint: fingerprintOf(key.publicKey) })
  expect(await verify(file, { key: fingerprintOf(key.publicKey) })).toMatchObject({ isWhole: true })
})

test.each<[string, string[], string]>([
  ['a changed entry', file.with(4, (file[4] ?? '').replace('"ann"', '"eve"')), 'changed'],
  ['a removed entry', file.toSpliced(4, 1), 'missing'],
  ['a removed end', file.slice(0, -2), 'cut-off'],
  ['a doubled entry', file.toSpliced(4, 0, file[4] ?? ''), 'unlinked'],
  ['exchanged entries', file.with(4, file[5] ?? '').with(5, file[4] ?? ''), 'missing'],
  [
    'an end that was cut off in the head as well',
    [header({ head: { seq: 8, hash: links[7]?.hash ?? '', signature: key.sign(headText(end)) } }), ...file.slice(1, -1)],
    'head-signature',
  ],
  [
    'a forged checkpoint',
    [
      header({
        checkpoints: [
          {
            upTo: 3,
            hash: links[2]?.hash ?? '',
            removed: 3,
            firstAt: end.at,
            lastAt: end.at,
            by: 'eve',
            byId: null,
            reason: '',
            at: end.at,
            signature: key.sign('x'),
          },
        ],
      }),
      ...file.slice(4),
    ],
    'checkpoint-signature',
  ],
])('%s is found', async (_, all, kind) => {
  expect(await verify(all)).toMatchObject({ isWhole: false, problem: { kind } })
})

test('a whole log that another installation signed is not the one that was asked for', async () => {
  const other = auditKey(testSecrets('2'))
  const forged = [header({ publicKey: other.publicKey, head: { seq: end.seq, hash: end.hash, signature: other.sign(headText(end)) } }), ...file.slice(1)]
  expect(await verify(forged)).toMatchObject({ isWhole: true })
  expect(await verify(forged, { key: fingerprintOf(key.publicKey) })).toMatchObject({ isWhole: false, problem: { kind: 'other-key' } })
})

test('a selection vouches for each entry, not for what is between them', async () => {
  const some = [header({ isWhole: false }), file[2] ?? '', file[7] ?? '']
  expect(await verify(some)).toMatchObject({ isWhole: true, isSelection: true, checked: 2 })
  expect(await verify(some.with(1, (file[2] ?? '').replace('ann', 'eve')))).toMatchObject({ isWhole: false, problem: { kind: 'changed', seq: 2 } })
})

test('what is no exported log is refused in words', async () => {
  await expect(verify(['{"hello":1}'])).rejects.toThrow(/not an exported audit log/)
  await expect(verify([])).rejects.toThrow(/empty/)
  await expect(verify([...file.slice(0, 3), '{"seq":'])).rejects.toThrow(/Line 4 .* not JSON/)
})

test('a spreadsheet takes nothing in the CSV for a formula', () => {
  const [odd] = chained([{ ...entry(1), who: '=1+1', target: 'a,"b"\r\nc' }], { seq: 0, hash: CHAIN_BEGIN })
  if (!odd) throw new Error('no entry')
  expect(csvLine(odd)).toContain(`,'=1+1,session,192.0.2.7,,,,flows.deploy,"a,""b""\r\nc",`)
  expect(CSV_HEAD.split(',')).toHaveLength(12)
})
