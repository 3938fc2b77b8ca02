/** Small G-code programs for tests. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** To and fro over 100 mm: `lines` moves at 2400 mm/min, 2.5 s each on a real machine. */
export function zigzag(lines: number): string {
  const moves = Array.from({ length: lines }, (_, i) => `G1 X${i % 2 ? 0 : 100} Y${i % 10}`)
  return ['G21 G90 G17 G94 G54', 'F2400', ...moves, 'M2', ''].join('\n')
}

export async function writeProgram(dir: string, name: string, text: string | Uint8Array): Promise<string> {
  const file = join(dir, name)
  await writeFile(file, text)
  return file
}
