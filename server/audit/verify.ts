/**
 * Goes along the chain and says the first thing that is wrong with it. Knows no database: the server gives it rows, the command line
 * the lines of an exported file.
 */
import type { AuditBreak, AuditCheckpoint, AuditHead } from '../api/audit.ts'
import { CHAIN_BEGIN, type ChainedEntry, hashOfEntry } from './chain.ts'
import { checkpointText, headText, isSigned } from './signing.ts'

export interface ChainFacts {
  head: AuditHead
  checkpoints: readonly AuditCheckpoint[]
  /** Base64; the key that has to have signed. */
  publicKey: string
}

export interface ChainCheck {
  /** In their order. False once something is wrong: no more are needed. */
  take(entry: ChainedEntry): boolean
  /** After the last one. */
  end(): { problem?: AuditBreak; checked: number; first?: number; last?: { seq: number; hash: string } }
}

/** Ends of the chain that somebody remembers. */
export type Remembered = { seq: number; hash: string; by: string }

/** Entries that the log writes about itself when it was not found as it was left. */
const OWN_FINDINGS: ReadonlySet<string> = new Set(['audit.head-unsigned', 'audit.head-elsewhere', 'audit.rolled-back'])

type Params = AuditBreak['params']
const told = (kind: AuditBreak['kind'], seq: number, message: string, params: Params = {}, id?: string): AuditBreak => ({
  kind,
  seq,
  ...(id === undefined ? {} : { id }),
  message,
  params,
})
const inWords = ({ seq, at, who, action, target }: ChainedEntry) =>
  `Entry ${seq} (${at.slice(0, 19).replace('T', ' ')} UTC, ${who}, ${action}${target ? `, ${target}` : ''})`
const several = (first: number, last: number) => (first === last ? `Entry ${first} is` : `Entries ${first} to ${last} are`)

export function checkChain({ head, checkpoints, publicKey }: ChainFacts, remembered: readonly Remembered[] = []): ChainCheck {
  const begin = checkpoints.at(-1)
  let at = begin ? { seq: begin.upTo, hash: begin.hash } : { seq: 0, hash: CHAIN_BEGIN }
  const isBefore = ({ seq }: { seq: number }) => seq < at.seq
  const wanted = new Map(remembered.filter((one) => !isBefore(one)).map((one) => [one.seq, one]))
  let problem: AuditBreak | undefined
  let finding: AuditBreak | undefined
  let checked = 0
  let first: number | undefined

  for (const checkpoint of checkpoints)
    if (!isSigned(checkpointText(checkpoint), checkpoint.signature, publicKey))
      problem ??= told(
        'checkpoint-signature',
        checkpoint.upTo,
        `The checkpoint that stands for the entries up to ${checkpoint.upTo} is not signed by this installation's key: it was made or changed by somebody else.`,
        { upTo: checkpoint.upTo },
      )

  const look = (entry: ChainedEntry): AuditBreak | undefined => {
    const { seq, prev, hash } = entry
    const next = at.seq + 1
    // checkpoint and removal are one transaction
    if (seq <= at.seq && first === undefined)
      return told(
        'checkpoint-signature',
        seq,
        `Entry ${seq} is there although a checkpoint says that everything up to ${at.seq} was removed.`,
        { upTo: at.seq },
        entry.id,
      )
    if (seq <= at.seq)
      return told(
        'unlinked',
        seq,
        `${inWords(entry)} stands behind entry ${at.seq}: the order was changed, or the entry is there twice.`,
        { before: at.seq },
        entry.id,
      )
    if (seq !== next) {
      const message =
        first === undefined && !begin
          ? `${several(next, seq - 1)} missing at the beginning, and no checkpoint stands for the removal.`
          : `${several(next, seq - 1)} missing: they were deleted.`
      return told('missing', next, message, { from: next, to: seq - 1 }, entry.id)
    }
    if (hashOfEntry(entry, seq, prev) !== hash)
      return told(
        'changed',
        seq,
        `${inWords(entry)} was changed: what stands in it now is not what its hash was made of.`,
        { at: entry.at, who: entry.who, action: entry.action, target: entry.target ?? '' },
        entry.id,
      )
    if (prev !== at.hash)
      return told(
        'unlinked',
        seq,
        `${inWords(entry)} does not follow ${at.seq === 0 ? 'the beginning of the log' : `entry ${at.seq}`}: one of the two was replaced, with a hash that was computed anew.`,
        { at: entry.at, who: entry.who, action: entry.action, target: entry.target ?? '', before: at.seq },
        entry.id,
      )
    const known = wanted.get(seq)
    if (known && known.hash !== hash)
      return told(
        'rolled-back',
        seq,
        `Entry ${seq} is not the one that ${known.by} remembers: the log was put back to an older state and went on from there, or was written anew.`,
        { by: known.by },
      )
    return undefined
  }

  return {
    take(entry) {
      if (problem) return false
      problem = look(entry)
      if (problem) return false
      checked += 1
      first ??= entry.seq
      at = { seq: entry.seq, hash: entry.hash }
      if (entry.via === 'system' && OWN_FINDINGS.has(entry.action))
        finding ??= told(
          'repaired',
          entry.seq,
          `${inWords(entry)}: at this moment the gateway found the log not as it had left it. What stands before it may have been removed or written anew.`,
          { at: entry.at, action: entry.action },
          entry.id,
        )
      return true
    },
    end() {
      if (!problem && at.seq < head.seq)
        problem = told('cut-off', at.seq + 1, `${several(at.seq + 1, head.seq)} missing at the end: the head of the chain still names them.`, {
          from: at.seq + 1,
          to: head.seq,
        })
      else if (!problem && at.seq > head.seq)
        problem = told(
          'beyond-head',
          head.seq + 1,
          `The head of the chain stands at entry ${head.seq}, but there are entries up to ${at.seq}: it was set back, or entries were added by hand.`,
          {
            head: head.seq,
            last: at.seq,
          },
        )
      else if (!problem && at.hash !== head.hash)
        problem = told(
          'unlinked',
          at.seq,
          `The head of the chain names another entry ${at.seq} than the one that is there: that one was replaced, with a hash that was computed anew.`,
          { head: head.seq },
        )
      else if (!problem && head.seq > 0 && !isSigned(headText(head), head.signature, publicKey))
        problem = told(
          'head-signature',
          at.seq,
          'All hashes fit, but the end of the chain is not signed by this installation: entries were changed and all later hashes computed anew.',
        )
      const lost = [...wanted.values()].find(({ seq }) => seq > at.seq)
      if (!problem && lost)
        problem = told(
          'rolled-back',
          at.seq + 1,
          `The log ends at entry ${at.seq}, but ${lost.by} remembers entry ${lost.seq}: the database was put back to an older state.`,
          {
            last: at.seq,
            remembered: lost.seq,
            by: lost.by,
          },
        )
      const wrong = problem ?? finding
      return { ...(wrong ? { problem: wrong } : {}), checked, ...(first === undefined ? {} : { first }), ...(at.seq > 0 ? { last: at } : {}) }
    },
  }
}
