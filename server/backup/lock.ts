/**
 * What locks a back-up: a passphrase that a person knows, or the key of this installation where nobody is there to say one (before an
 * upgrade). The format is age (https://age-encryption.org/v1): scrypt or X25519, then ChaCha20-Poly1305 in pieces of 64 KiB, each
 * authenticated and the last one marked, so that a changed byte and a cut end are found.
 */
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Readable } from 'node:stream'
import { messageOf, UserError } from '../../base/errors.ts'
import { makeOwnerFile } from '../../base/owner-file.ts'
import { damaged } from './format.ts'

/** `identity`: the text of an age key, `AGE-SECRET-KEY-1…`. */
export type Lock = { passphrase: string } | { identity: string }

const SHORTEST_PASSPHRASE = 12

/** Loaded with the first back-up: no start waits for it. */
const age = () => import('age-encryption')

/** As it is typed on any computer: one letter with its accent, however the keyboard puts them together. */
const typed = (passphrase: string) => passphrase.normalize('NFC')

/** @throws UserError passphrase-weak, passphrase-untypable */
export function requirePassphrase(passphrase: string): string {
  if (!passphrase.isWellFormed() || /\p{Cc}/u.test(passphrase))
    throw new UserError({
      code: 'passphrase-untypable',
      message:
        'The passphrase has characters that nobody can type. Use letters, digits, spaces and signs of the keyboard: it is typed again when a back-up is restored.',
    })
  if ([...passphrase].length >= SHORTEST_PASSPHRASE) return passphrase
  throw new UserError({
    code: 'passphrase-weak',
    message: `The passphrase of a back-up has at least ${SHORTEST_PASSPHRASE} characters: whoever has the file can try as many as they like. Four or five words that do not belong together are good.`,
  })
}

/** Node's and the browser's types of the same thing differ. */
const webOf = (stream: Readable) => Readable.toWeb(stream) as ReadableStream<Uint8Array>
const nodeOf = (stream: ReadableStream<Uint8Array>) => Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0])

/** @param workFactor log2 of scrypt's N @defaultValue 18, about a second and 256 MB */
export async function encrypted(plain: Readable, lock: Lock, workFactor?: number): Promise<Readable> {
  // listened to at once: the file may fail while the library is loaded
  const bytes = webOf(plain)
  const { Encrypter, identityToRecipient } = await age()
  const encrypter = new Encrypter()
  if ('passphrase' in lock) {
    encrypter.setPassphrase(typed(lock.passphrase))
    if (workFactor !== undefined) encrypter.setScryptWorkFactor(workFactor)
  } else encrypter.addRecipient(await identityToRecipient(lock.identity))
  return nodeOf(await encrypter.encrypt(bytes))
}

/** @throws UserError backup-locked, not-a-backup; the stream fails with what {@link unreadable} puts into words */
export async function decrypted(file: Readable, lock: Lock): Promise<Readable> {
  const bytes = webOf(file)
  const { Decrypter } = await age()
  const decrypter = new Decrypter()
  if ('passphrase' in lock) decrypter.addPassphrase(typed(lock.passphrase))
  else decrypter.addIdentity(lock.identity)
  try {
    return nodeOf(await decrypter.decrypt(bytes))
  } catch (cause) {
    // the library has sentences and no codes
    if (/no identity matched|incorrect passphrase|decryption failed|invalid identity/i.test(messageOf(cause)))
      throw new UserError({
        code: 'backup-locked',
        message:
          'passphrase' in lock
            ? 'This is not the passphrase of this back-up, or it was locked with a key (those that are made before an upgrade are). Nothing was changed.'
            : 'This key does not open this back-up: it was locked with a passphrase or with another key. Nothing was changed.',
        cause,
      })
    if ((cause as NodeJS.ErrnoException).code !== undefined) throw cause
    throw new UserError({ code: 'not-a-backup', message: 'This is no back-up of Cellwright, or its beginning is damaged.', cause })
  }
}

/** What reading a back-up failed with, in words. */
export function unreadable(error: unknown): unknown {
  if (
    error instanceof Error &&
    ('kind' in error || (typeof (error as NodeJS.ErrnoException).code === 'string' && !/^(Z_|TAR_|ERR_)/.test(String((error as NodeJS.ErrnoException).code))))
  )
    return error
  return damaged('it was changed, or its end is missing', error)
}

/** The key of this installation for back-ups that nobody gives a passphrase for; made when it is not there. @param file owner-only */
export async function installationKey(file: string): Promise<string> {
  const found = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (found !== undefined) return found.trim()
  const { generateX25519Identity } = await age()
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await makeOwnerFile(file, `${await generateX25519Identity()}\n`)
  return (await readFile(file, 'utf8')).trim()
}
