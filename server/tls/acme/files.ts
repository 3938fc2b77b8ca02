/** What is kept of ACME in the keys: the account with an authority, the certificate that was got, and when it is tried again. */
import { createHash } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeOwnerFile } from '../../../base/owner-file.ts'
import { type KeyPair, readPair, textOf } from '../authority.ts'
import type { AcmeSettings } from './settings.ts'

/** What went wrong, and from when on it may be tried again: kept, since an authority counts tries across our starts. */
interface AcmeTrouble {
  failures: number
  nextAt: string
  problem: string
  /** What it was about: other settings are tried at once. */
  of: string
}

export interface AcmeFiles {
  /** The account's private key, PEM; made by `make` when there is none for this authority. */
  accountKey(make: () => Promise<string>): Promise<string>
  certificate(): Promise<KeyPair | undefined>
  keepCertificate(pair: KeyPair): Promise<void>
  trouble(): Promise<AcmeTrouble | undefined>
  keepTrouble(trouble: AcmeTrouble | undefined): Promise<void>
}

const orNothing = async <T>(work: Promise<T>): Promise<T | undefined> => {
  try {
    return await work
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** What a certificate is asked for, as one short word. */
export const subjectOf = ({ directory, domains, challenge, binding }: AcmeSettings): string =>
  createHash('sha256')
    .update(JSON.stringify([directory, domains.toSorted(), challenge, binding?.kid]))
    .digest('hex')
    .slice(0, 16)

export async function openAcmeFiles(dir: string, settings: AcmeSettings): Promise<AcmeFiles> {
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const accountFile = join(dir, `account-${createHash('sha256').update(settings.directory).digest('hex').slice(0, 12)}.pem`)
  const certificateFile = join(dir, 'certificate.pem')
  const troubleFile = join(dir, 'trouble.json')
  return {
    async accountKey(make) {
      const kept = await orNothing(readFile(accountFile, 'utf8'))
      if (kept) return kept
      const made = await make()
      await writeOwnerFile(accountFile, made, { isSynced: true })
      return made
    },
    // a damaged one is got anew: nobody has to install it
    certificate: () => readPair(certificateFile).catch(() => undefined),
    keepCertificate: (pair) => writeOwnerFile(certificateFile, textOf(pair), { isSynced: true }),
    async trouble() {
      try {
        const known = JSON.parse((await orNothing(readFile(troubleFile, 'utf8'))) ?? 'null') as AcmeTrouble | null
        return known && known.of === subjectOf(settings) && Number.isFinite(Date.parse(known.nextAt)) ? known : undefined
      } catch {
        // half a file of a power cut: it only holds back tries
        return undefined
      }
    },
    keepTrouble: (trouble) => writeOwnerFile(troubleFile, JSON.stringify(trouble ?? null)),
  }
}
