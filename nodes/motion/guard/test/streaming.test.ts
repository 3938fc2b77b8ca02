import { expect, test } from 'vitest'
import { rig, tempDir, writeProgram, zigzag } from './rig.ts'

test('streams a program of 2,000 lines to its end and counts every line', async () => {
  const it = await rig({ machine: { timeScale: 200 } })
  const program = await writeProgram(await tempDir(), zigzag(2000))
  const { jobId, totalLines } = await it.start(program)
  const end = await it.end(jobId)
  expect(end).toMatchObject({ state: 'completed', linesSent: totalLines, linesAcknowledged: totalLines, totalLines, isPositionTrusted: true })
  console.log(end, it.guard.state())
})
