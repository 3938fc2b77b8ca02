/**
 * Secrets at rest: AES-256-GCM under one key of this installation, kept in an owner-only file (or given
 * by the environment, where several hosts share a database).
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { OperationalError, UserError } from '../../base/errors.ts'
import { makeOwnerFile } from '../../base/owner-file.ts'

export interface Secrets {
  /** Encrypts `text`; the result is plain ASCII and different at every call. */
  seal(text: string): string
  /** @throws OperationalError `secret-unreadable` when it was sealed under another key or was changed */
  open(sealed: string): string
  /** A key of its own for another use (e.g. signing cookies): 64 hex digits, the same at every start. */
  derive(purpose: string): string
}

// NIST SP 800-38D: a 96-bit IV from a random source, a full-length tag
const IV_BYTES = 12
const TAG_BYTES = 16
const VERSION = 'v1.'

function secretsUnder(key: Buffer): Secrets {
  return {
    seal(text) {
      const iv = randomBytes(IV_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, iv)
      const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return VERSION + Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64')
    },
    open(sealed) {
      try {
        if (!sealed.startsWith(VERSION)) throw new Error('not in a known form')
        const bytes = Buffer.from(sealed.slice(VERSION.length), 'base64')
        if (bytes.length < IV_BYTES + TAG_BYTES) throw new Error('too short')
        const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES })
        decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES))
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8')
      } catch (cause) {
        throw new OperationalError({
          code: 'secret-unreadable',
          message:
            'A stored secret cannot be read with the key of this installation. Put the right key file (keys/secret.key in the data directory) back, or enter the secret again.',
          cause,
        })
      }
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', key, 'cellwright', purpose, 32)).toString('hex'),
  }
}

/**
 * Opens the installation's key, making it at the first start.
 *
 * @param options.keysDir owner-only directory, made when missing
 * @param options.key the key itself as 64 hex digits; then no file is read or made
 * @throws UserError `key-file-open-to-others`, `key-invalid`
 */
export async function openSecrets(options: { keysDir: string; key?: string | undefined }): Promise<Secrets> {
  let text = options.key
  if (text === undefined) {
    await mkdir(options.keysDir, { recursive: true, mode: 0o700 })
    await chmod(options.keysDir, 0o700)
    const file = join(options.keysDir, 'secret.key')
    const facts = await lstat(file).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined
      throw error
    })
    if (!facts) await makeOwnerFile(file, `${randomBytes(32).toString('hex')}\n`)
    else if (process.platform !== 'win32' && (facts.mode & 0o077) !== 0)
      throw new UserError({
        code: 'key-file-open-to-others',
        message: `Other users of this computer may read ${file}, the key of all stored secrets. Run "chmod 600" on it and start again.`,
      })
    text = await readFile(file, 'utf8')
  }
  const hex = text.trim()
  if (!/^[0-9a-f]{64}$/i.test(hex))
    throw new UserError({
      code: 'key-invalid',
      message: 'The key of stored secrets must be 64 hex digits. Put the right key back; without it stored secrets are lost.',
    })
  return secretsUnder(Buffer.from(hex, 'hex'))
}
