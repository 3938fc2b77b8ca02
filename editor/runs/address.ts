/** What stands behind `#`: a run, perhaps a step of it, perhaps a second run beside it: `run_a/3`, `run_a..run_b`. */

export interface Address {
  runId: string | undefined
  /** Number of a hop. */
  seq: number | undefined
  /** The run that it is compared with. */
  otherId: string | undefined
}

export function readAddress(hash: string): Address {
  const [first = '', otherId] = hash.split('..')
  const [runId, step] = first.split('/')
  const seq = step === undefined || step === '' ? Number.NaN : Number(step)
  return { runId: runId || undefined, seq: Number.isInteger(seq) && seq >= 0 ? seq : undefined, otherId: otherId || undefined }
}

export function writeAddress({ runId, seq, otherId }: Partial<Address>): string {
  if (runId === undefined) return ''
  return `${runId}${seq === undefined ? '' : `/${seq}`}${otherId === undefined ? '' : `..${otherId}`}`
}
