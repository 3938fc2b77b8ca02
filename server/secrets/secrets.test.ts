import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSecrets } from './index.ts'

let keysDir: string
beforeEach(() => {
  keysDir = join(mkdtempSync(join(tmpdir(), 'cw-secrets-')), 'keys')
})
afterEach(() => rmSync(join(keysDir, '..'), { recursive: true, force: true }))

test('a sealed text opens again, also after a restart', async () => {
  const sealed = (await openSecrets({ keysDir })).seal('paßwort ✓')
  expect(Buffer.from(sealed.slice(3), 'base64').includes('paßwort')).toBe(false)
  expect((await openSecrets({ keysDir })).open(sealed)).toBe('paßwort ✓')
})

test('the same text is sealed differently each time', async () => {
  const secrets = await openSecrets({ keysDir })
  expect(secrets.seal('x')).not.toBe(secrets.seal('x'))
})

test('a changed or foreign secret is refused, never half opened', async () => {
  const secrets = await openSecrets({ keysDir })
  const sealed = secrets.seal('secret')
  const bytes = Buffer.from(sealed.slice(3), 'base64')
  bytes[bytes.length - 1]! ^= 1
  const unreadable = expect.objectContaining({ code: 'secret-unreadable' })
  expect(() => secrets.open(`v1.${bytes.toString('base64')}`)).toThrow(unreadable)
  expect(() => secrets.open('v1.AAAA')).toThrow(unreadable)
  expect(() => secrets.open('')).toThrow(unreadable)
  const other = await openSecrets({ keysDir, key: 'ab'.repeat(32) })
  expect(() => other.open(sealed)).toThrow(unreadable)
})

test('the key file is made once, for the owner only', async () => {
  await Promise.all([openSecrets({ keysDir }), openSecrets({ keysDir })])
  const file = join(keysDir, 'secret.key')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  expect(statSync(keysDir).mode & 0o777).toBe(0o700)
  const before = readFileSync(file, 'utf8')
  await openSecrets({ keysDir })
  expect(readFileSync(file, 'utf8')).toBe(before)
})

test('a key file that others may read, or that is not a key, stops the start', async () => {
  await openSecrets({ keysDir })
  const file = join(keysDir, 'secret.key')
  chmodSync(file, 0o644)
  await expect(openSecrets({ keysDir })).rejects.toMatchObject({ code: 'key-file-open-to-others' })
  writeFileSync(file, 'short')
  chmodSync(file, 0o600)
  await expect(openSecrets({ keysDir })).rejects.toMatchObject({ code: 'key-invalid' })
})

test('derived keys differ by purpose and stay the same', async () => {
  const secrets = await openSecrets({ keysDir })
  expect(secrets.derive('cookies')).toMatch(/^[0-9a-f]{64}$/)
  expect(secrets.derive('cookies')).toBe((await openSecrets({ keysDir })).derive('cookies'))
  expect(secrets.derive('cookies')).not.toBe(secrets.derive('webhooks'))
})
