/**
 * The seal of a template, `signature.json`: a hash of every file, and who says so. It tells whether the files are those that were
 * packed, and by which key; whether that key is to be trusted is a person's matter (`signers.ts`).
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto'
import { type Static, Type } from 'typebox'
import { checker } from '../../base/schema.ts'
import type { Secrets } from '../secrets/index.ts'
import { jsonOf } from './archive/json.ts'
import { type Files, LIMITS, refused } from './archive/limits.ts'

export const SEAL_FILE = 'signature.json'

const Hash = Type.String({ pattern: '^[0-9a-f]{64}$' })
const Seal = Type.Object(
  {
    format: Type.Literal(1),
    /** SHA-256 of each file but this one, by path. */
    files: Type.Record(Type.String({ maxLength: LIMITS.pathLength }), Hash),
    signature: Type.Optional(
      Type.Object(
        {
          algorithm: Type.Literal('Ed25519'),
          /** 32 bytes, base64. */
          publicKey: Type.String({ pattern: '^[A-Za-z0-9+/]{43}=$' }),
          by: Type.String({ minLength: 1, maxLength: 120 }),
          /** 64 bytes, base64. */
          value: Type.String({ pattern: '^[A-Za-z0-9+/]{86}==$' }),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)
type Seal = Static<typeof Seal>
const sealFile = checker(Seal)

export interface SigningKey {
  /** Whose it is, in words. */
  by: string
  sign(bytes: Buffer): Buffer
  /** 32 bytes. */
  publicKey: Buffer
}

export interface Sealed {
  hashes: ReadonlyMap<string, string>
  signedBy?: { name: string; fingerprint: string }
}

// RFC 8410: what stands before the 32 bytes of a key in PKCS #8 and in SubjectPublicKeyInfo
const PRIVATE_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex')
const PUBLIC_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const publicKeyOf = (raw: Buffer): KeyObject => createPublicKey({ key: Buffer.concat([PUBLIC_PREFIX, raw]), format: 'der', type: 'spki' })

/** The key of this installation: derived from its one secret key, so that there is no second file to keep or to lose. */
export function signingKey(secrets: Pick<Secrets, 'derive'>, by: string): SigningKey {
  const seed = Buffer.from(secrets.derive('template signing'), 'hex')
  const key = createPrivateKey({ key: Buffer.concat([PRIVATE_PREFIX, seed]), format: 'der', type: 'pkcs8' })
  const publicKey = createPublicKey(key).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_PREFIX.length)
  return { by, publicKey, sign: (bytes) => sign(null, bytes, key) }
}

/** To compare by eye: half of the hash of the key, in groups of four. */
export function fingerprintOf(publicKey: Buffer): string {
  const hex = createHash('sha256').update(publicKey).digest('hex').slice(0, 32)
  return (hex.match(/.{4}/g) ?? []).join(' ')
}

const SLICE = 1_048_576
/** In slices: the gateway's loop carries every stop. */
export async function hashOf(bytes: Buffer): Promise<string> {
  const hash = createHash('sha256')
  for (let at = 0; at < bytes.length; at += SLICE) {
    if (at) await new Promise((resolve) => setImmediate(resolve))
    hash.update(bytes.subarray(at, at + SLICE))
  }
  return hash.digest('hex')
}

/** What is signed: every path with its hash, in the order of their bytes, who says so, and of what: a seal of one thing is none of another. */
const signedBytes = (files: Seal['files'], by: string, purpose: string): Buffer =>
  Buffer.from(
    `cellwright ${purpose} 1\n${by}\n${Object.entries(files)
      .map(([path, hash]) => `${hash} ${path}`)
      .toSorted()
      .join('\n')}\n`,
  )

/** The files with their seal. */
export async function seal(files: Files, key?: SigningKey, purpose = 'template'): Promise<Files> {
  const hashes: Seal['files'] = {}
  for (const [path, content] of [...files].toSorted(([a], [b]) => (a < b ? -1 : 1))) if (path !== SEAL_FILE) hashes[path] = await hashOf(content)
  const made: Seal = {
    format: 1,
    files: hashes,
    ...(key
      ? {
          signature: {
            algorithm: 'Ed25519',
            publicKey: key.publicKey.toString('base64'),
            by: key.by,
            value: key.sign(signedBytes(hashes, key.by, purpose)).toString('base64'),
          },
        }
      : {}),
  }
  return new Map([...files, [SEAL_FILE, Buffer.from(`${JSON.stringify(made, null, 2)}\n`)]])
}

/**
 * Are the files those that were sealed, all of them and no other?
 * @throws UserError template-refused
 */
export async function checkSeal(files: Files, purpose = 'template'): Promise<Sealed> {
  const own = files.get(SEAL_FILE)
  if (!own) throw refused(`${SEAL_FILE} is missing, which says what the other files must be.`, { file: SEAL_FILE, why: 'seal-missing' })
  const read = await jsonOf(SEAL_FILE, own)
  if (!sealFile.is(read)) throw refused(`${SEAL_FILE} is not as it should be: ${firstErrors(sealFile.errors(read))}.`, { file: SEAL_FILE, why: 'seal-invalid' })
  const hashes = new Map(Object.entries(read.files))
  for (const [path, content] of files) {
    if (path === SEAL_FILE) continue
    const wanted = hashes.get(path)
    if (wanted === undefined) throw refused(`${path} has no hash in ${SEAL_FILE}.`, { file: path, why: 'hash-missing' })
    if (wanted !== (await hashOf(content))) throw refused(`${path} was changed after it was packed.`, { file: path, why: 'hash-wrong' })
  }
  for (const path of hashes.keys()) if (!files.has(path)) throw refused(`${path} is missing.`, { file: path, why: 'file-missing' })
  const { signature } = read
  if (!signature) return { hashes }
  const raw = Buffer.from(signature.publicKey, 'base64')
  if (!verify(null, signedBytes(read.files, signature.by, purpose), publicKeyOf(raw), Buffer.from(signature.value, 'base64')))
    throw refused('its signature does not fit its files.', { file: SEAL_FILE, why: 'signature-wrong' })
  return { hashes, signedBy: { name: signature.by, fingerprint: fingerprintOf(raw) } }
}

export const firstErrors = (errors: readonly { path: string; message: string }[]): string =>
  errors
    .slice(0, 3)
    .map(({ path, message }) => `${path || 'it'} ${message}`)
    .join('; ')
