/** The log as a file: JSON lines that can be verified anywhere, or CSV for a spreadsheet. Browser-safe it is not: it hashes. */
import { type Static, Type } from 'typebox'
import { UserError } from '../../base/errors.ts'
import { checker } from '../../base/schema.ts'
import { AuditCheckpoint, AuditHead, AuditOrigin, type AuditVerdict } from '../api/audit.ts'
import { type ChainedEntry, hashOfEntry } from './chain.ts'
import { fingerprintOf } from './signing.ts'
import { checkChain, type Remembered } from './verify.ts'

const Header = Type.Object({
  format: Type.Literal('cellwright-audit'),
  version: Type.Literal(1),
  /** False: somebody has searched, and the rest is not in the file. */
  isWhole: Type.Boolean(),
  exportedAt: Type.String(),
  by: Type.String(),
  /** 32 bytes, base64: who signs. */
  publicKey: Type.String(),
  head: AuditHead,
  checkpoints: Type.Array(AuditCheckpoint),
})
export type AuditFileHeader = Static<typeof Header>
const header = checker(Header)
const Line = Type.Object({
  seq: Type.Integer(),
  id: Type.String(),
  at: Type.String(),
  who: Type.String(),
  whoId: Type.Union([Type.String(), Type.Null()]),
  via: Type.String(),
  origin: Type.Union([Type.Object(AuditOrigin.properties, { additionalProperties: true }), Type.Null()]),
  action: Type.String(),
  target: Type.Union([Type.String(), Type.Null()]),
  detail: Type.Unknown(),
  prev: Type.String(),
  hash: Type.String(),
})
const line = checker(Line)

export const headerLine = (facts: Omit<AuditFileHeader, 'format' | 'version'>): string =>
  `${JSON.stringify({ format: 'cellwright-audit', version: 1, ...facts } satisfies AuditFileHeader)}\n`
export const entryLine = ({ seq, id, at, who, whoId, via, origin, action, target, detail, prev, hash }: ChainedEntry): string =>
  `${JSON.stringify({ seq, id, at, who, whoId, via, origin, action, target, detail: detail ?? null, prev, hash })}\n`

/** RFC 4180; a spreadsheet must not take what a person typed for a formula. */
function cell(value: unknown): string {
  const raw = value === null || value === undefined ? '' : typeof value === 'string' ? value : JSON.stringify(value)
  const text = /^[=+\-@\t\r]/.test(raw) ? `'${raw}` : raw
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
export const CSV_HEAD = 'seq,at,who,via,address,token,panel,client,action,target,detail,hash\r\n'
export const csvLine = ({ seq, at, who, via, origin, action, target, detail, hash }: ChainedEntry): string =>
  `${[String(seq), at, who, via, origin?.address, origin?.token, origin?.panel, origin?.client, action, target, detail, hash].map(cell).join(',')}\r\n`

const notAFile = (message: string) => new UserError({ code: 'audit-file-invalid', message })
function parsed(text: string, number: number): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw notAFile(`Line ${number} of the file is not JSON. It was cut off or changed; export it again.`)
  }
}

/**
 * Verifies an exported file, without a server.
 * @param key the fingerprint that the key in the file must have; without it the file vouches for itself only
 * @throws UserError audit-file-invalid
 */
export async function verifyFile(
  lines: AsyncIterable<string>,
  { key, remembered = [] }: { key?: string; remembered?: readonly Remembered[] } = {},
): Promise<AuditVerdict & { isSelection: boolean }> {
  let number = 0
  let facts: AuditFileHeader | undefined
  let check: ReturnType<typeof checkChain> | undefined
  let checked = 0
  let problem: AuditVerdict['problem']
  for await (const text of lines) {
    number += 1
    if (text.trim() === '') continue
    const value = parsed(text, number)
    if (!facts) {
      if (!header.is(value)) throw notAFile('This is not an exported audit log: its first line has to say so. "cellwright audit export" makes one.')
      facts = value
      check = checkChain(facts, remembered)
      continue
    }
    if (!line.is(value)) throw notAFile(`Line ${number} of the file is not an entry of an audit log.`)
    const entry = value as ChainedEntry
    if (facts.isWhole) {
      if (!check?.take(entry)) break
    } else {
      if (hashOfEntry(entry, entry.seq, entry.prev) !== entry.hash) {
        problem = {
          kind: 'changed',
          seq: entry.seq,
          id: entry.id,
          message: `Entry ${entry.seq} was changed: what stands in it is not what its hash was made of.`,
          params: { at: entry.at },
        }
        break
      }
      checked += 1
    }
  }
  if (!facts || !check) throw notAFile('The file is empty.')
  const fingerprint = fingerprintOf(facts.publicKey)
  const found = facts.isWhole ? check.end() : { checked, ...(problem ? { problem } : {}) }
  const isOther = key !== undefined && key.replaceAll(/\s/g, '').toLowerCase() !== fingerprint.replaceAll(' ', '')
  const wrong: AuditVerdict['problem'] = isOther
    ? { kind: 'other-key', seq: 0, message: `The file is signed by the key ${fingerprint}, not by ${key}.`, params: { fingerprint } }
    : found.problem
  return {
    ...found,
    isWhole: wrong === undefined,
    ...(wrong ? { problem: wrong } : {}),
    checkpoints: facts.checkpoints.length,
    fingerprint,
    at: new Date().toISOString(),
    isSelection: !facts.isWhole,
  }
}
