/** What the address says behind `#`: which program, for which machine, at which line. */

export interface Address {
  programId: string
  machineId: string | undefined
  line: number | undefined
  /** The start is looked at, at that line. */
  isStart: boolean
  /** `resume`: a program that was broken off, to be found by its content. */
  sha256: string | undefined
}

export function readAddress(hash: string): Address {
  const [programId = '', query = ''] = hash.split('?')
  const facts = new URLSearchParams(query)
  const line = Number(facts.get('line'))
  return {
    programId,
    machineId: facts.get('machine') ?? undefined,
    line: Number.isInteger(line) && line > 0 ? line : undefined,
    isStart: facts.has('start'),
    sha256: facts.get('sha256') ?? undefined,
  }
}

export function writeAddress({
  programId,
  machineId,
  line,
  isStart = false,
}: Pick<Address, 'programId' | 'machineId' | 'line'> & { isStart?: boolean }): string {
  const facts = new URLSearchParams({
    ...(machineId ? { machine: machineId } : {}),
    ...(line ? { line: String(line) } : {}),
    ...(isStart ? { start: '1' } : {}),
  })
  return facts.size ? `${programId}?${facts}` : programId
}
