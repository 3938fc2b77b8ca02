import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Type } from 'typebox'
import { expect, onTestFinished, test } from 'vitest'
import { CommandRate } from './command-rate.ts'
import { keepFile } from './kept-file.ts'

async function dir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'kept-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
const Fact = Type.Object({ n: Type.Integer() })

test('what was written last is what the next process reads, and no half file is left', async () => {
  const where = await dir()
  const file = keepFile(join(where, 'sub', 'fact.json'), Fact)
  expect(file.value).toBeUndefined()
  await Promise.all([1, 2, 3].map((n) => file.write({ n })))
  expect(file.value).toEqual({ n: 3 })
  expect(keepFile(join(where, 'sub', 'fact.json'), Fact).value).toEqual({ n: 3 })
  expect(await readdir(join(where, 'sub'))).toEqual(['fact.json'])
})

test.each(['', '{"n":', '{"n":"three"}', 'null'])('a damaged file (%j) counts as none', async (text) => {
  const path = join(await dir(), 'fact.json')
  await writeFile(path, text)
  expect(keepFile(path, Fact).value).toBeUndefined()
})

test('a file that cannot be written is told, and the fact counts all the same', async () => {
  const where = await dir()
  const file = keepFile(join(where, 'in-the-way', 'fact.json'), Fact)
  await writeFile(join(where, 'in-the-way'), '')
  await expect(file.write({ n: 1 })).rejects.toThrow()
  expect(file.value).toEqual({ n: 1 })
})

test('in any second no more commands pass than are allowed', () => {
  let now = 0
  const rate = new CommandRate(
    () => 3,
    () => now,
  )
  for (let i = 0; i < 3; i += 1) rate.take()
  expect(() => rate.take()).toThrow(expect.objectContaining({ code: 'too-many-commands', status: 429 }))
  now = 999
  expect(() => rate.take()).toThrow()
  now = 1001
  rate.take()
})
