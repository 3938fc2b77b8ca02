import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream, existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { rounds } from '../../../../test/rounds.ts'
import { checkProgram } from '../check-program.ts'
import { PIECE_BYTES } from '../program-source.ts'
import { FRESH_MODEL, tempDir } from '../test/rig.ts'
import { workerFile } from './worker-file.ts'

test('the worker is found beside its source, and in dist/ wherever the code that starts it was bundled to', () => {
  expect(existsSync(workerFile('check-worker'))).toBe(true)
  const dist = join('/', 'opt', 'cellwright', 'dist')
  expect(workerFile('check-worker', join(dist, 'guard.js'))).toBe(join(dist, 'check-worker.js'))
  expect(workerFile('check-worker', join(dist, 'chunks', 'chunk-ABC.js'))).toBe(join(dist, 'check-worker.js'))
})

const MB = 1_000_000

/** A finishing pass of so many bytes, written piece by piece. */
async function writeLarge(path: string, bytes: number): Promise<{ sha256: string; lines: number }> {
  const hash = createHash('sha256')
  const out = createWriteStream(path)
  const put = async (text: string) => {
    hash.update(text)
    if (!out.write(text)) await once(out, 'drain')
  }
  await put('G21 G90\nG1 F3000\n')
  let lines = 2
  for (let size = 0; size < bytes; ) {
    let text = ''
    for (let i = 0; i < 5000; i += 1, lines += 1)
      text += `G1 X${(10 + (lines % 3000) * 0.1).toFixed(3)} Y${(10 + (lines % 2000) * 0.1).toFixed(3)} Z${(-(lines % 50) * 0.1).toFixed(3)}\n`
    size += text.length
    await put(text)
  }
  out.end()
  await once(out, 'finish')
  return { sha256: hash.digest('hex'), lines }
}

test('a program of hundreds of megabytes needs no more memory than a small one', { timeout: 120_000 }, async () => {
  const dir = await tempDir()
  /** Memory of the whole process, its worker included, at its highest while a program of this size is checked. */
  const peakOf = async (bytes: number) => {
    const path = join(dir, `${bytes}.nc`)
    const { sha256, lines } = await writeLarge(path, bytes)
    globalThis.gc?.()
    let peak = 0
    const look = () => {
      peak = Math.max(peak, process.memoryUsage.rss())
    }
    look()
    const timer = setInterval(look, 5)
    const { program, report } = await checkProgram({ path, sha256, model: FRESH_MODEL, dir, signal: new AbortController().signal })
    clearInterval(timer)
    // on a busy machine the timer may never have come; the thread is still there
    look()
    expect(report).toMatchObject({ isRunnable: true, totalLines: lines, sourceLines: lines })
    expect(program.checksums.length).toBe(Math.ceil(program.sizeBytes / PIECE_BYTES))
    await program.dispose()
    return peak / MB
  }
  const small = await peakOf(4 * MB)
  const large = await peakOf(rounds(40, 200) * MB)
  // a checksum for every piece, and what collectors leave lying about
  expect(large - small).toBeLessThan(70)
})
