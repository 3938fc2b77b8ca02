import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeOwnerFile, writeOwnerFile } from './owner-file.ts'

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'cw-owner-file-'))
  file = join(folder, 'key')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const there = () => readdirSync(folder)
const mode = () => statSync(file).mode & 0o777

test.each([false, true])('a file is written for its owner alone, in the place of what was there (synced: %s)', async (isSynced) => {
  writeFileSync(file, 'what others could read', { mode: 0o644 })
  await writeOwnerFile(file, 'new', { isSynced })
  expect(readFileSync(file, 'utf8')).toBe('new')
  expect(mode()).toBe(0o600)
  expect(there()).toEqual(['key'])
})

test('a file that is made is for its owner alone', async () => {
  await makeOwnerFile(file, 'mine')
  expect(readFileSync(file, 'utf8')).toBe('mine')
  expect(mode()).toBe(0o600)
  expect(there()).toEqual(['key'])
})

test('of several that make it at once one counts, whole; what is there stays', async () => {
  const texts = Array.from({ length: 8 }, (_, n) => `${n}`.repeat(100))
  await Promise.all(texts.map((text) => makeOwnerFile(file, text)))
  const first = readFileSync(file, 'utf8')
  expect(texts).toContain(first)
  await makeOwnerFile(file, 'later')
  expect(readFileSync(file, 'utf8')).toBe(first)
  expect(there()).toEqual(['key'])
})

test('what cannot be put in its place is told, and leaves nothing beside it', async () => {
  mkdirSync(join(file, 'something'), { recursive: true })
  await expect(writeOwnerFile(file, 'x')).rejects.toThrow()
  expect(there()).toEqual(['key'])
  await expect(makeOwnerFile(join(folder, 'missing', 'key'), 'x')).rejects.toMatchObject({ code: 'ENOENT' })
  expect(there()).toEqual(['key'])
})
