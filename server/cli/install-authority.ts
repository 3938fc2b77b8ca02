/** Puts the server's authority into the lists of this computer: Debian's, and that of Chromium and Chrome (NSS) of the user who asks. */
import { execFile } from 'node:child_process'
import { createHash, X509Certificate } from 'node:crypto'
import { access, mkdir, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { messageOf, OperationalError, UserError } from '../../base/errors.ts'
import { isLoopbackHost } from '../tls/mode.ts'

const run = promisify(execFile)
const SYSTEM_LIST = '/usr/local/share/ca-certificates'

export interface Installed {
  /** The file that was put there. */
  system?: string
  /** The database that was changed. */
  browsers?: string
  /** What was not done, and how it would be. */
  hints: string[]
}

const digitsOf = (text: string) => text.replaceAll(/[^0-9A-Fa-f]/g, '').toLowerCase()

async function programIn(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name)
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file
  }
  return undefined
}

const failed = (what: string, error: unknown) =>
  new OperationalError({
    code: 'install-failed',
    message: `${what} failed: ${(error as { stderr?: string }).stderr?.trim() || messageOf(error)}.`,
    cause: error,
  })

/**
 * @param from.url the server that gave the certificate: another computer's is believed with the digits alone
 * @param places where to put it; for tests
 * @throws UserError `fingerprint-needed`, `fingerprint-wrong`; OperationalError `install-failed`
 */
export async function installHere(
  { pem, name }: { pem: string; name: string },
  from: { url: string; fingerprint?: string },
  places: { home?: string; systemList?: string; path?: string; isRoot?: boolean } = {},
): Promise<Installed> {
  const { home = homedir(), systemList = SYSTEM_LIST, path = `${process.env.PATH ?? ''}:/usr/sbin:/usr/bin`, isRoot = process.getuid?.() === 0 } = places
  const digits = createHash('sha256').update(new X509Certificate(pem).raw).digest('hex')
  if (from.fingerprint === undefined && !isLoopbackHost(new URL(from.url).hostname.replace(/^\[|\]$/g, '')))
    throw new UserError({
      code: 'fingerprint-needed',
      message:
        'The server is another computer. Give the SHA-256 digits that it printed at its start with --fingerprint: without them somebody between could be trusted.',
    })
  if (from.fingerprint !== undefined && digitsOf(from.fingerprint) !== digits)
    throw new UserError({
      code: 'fingerprint-wrong',
      message:
        'The digits are not those of the authority that the server gave. Compare them again; if they differ, somebody stands between you and the server.',
    })
  const done: Installed = { hints: [] }
  const update = await programIn('update-ca-certificates', path)
  if (update && isRoot) {
    const file = join(systemList, `cellwright-${digits.slice(0, 12)}.crt`)
    try {
      await mkdir(systemList, { recursive: true })
      await writeFile(file, pem, { mode: 0o644 })
      await run(update, [])
    } catch (error) {
      throw failed('update-ca-certificates', error)
    }
    done.system = file
  } else
    done.hints.push(
      update
        ? 'The system’s own list needs root: sudo cellwright trust install.'
        : 'This system has no update-ca-certificates: "cellwright trust export FILE" writes the certificate for its own way.',
    )
  const certutil = await programIn('certutil', path)
  if (certutil) {
    const folder = join(home, '.pki', 'nssdb')
    const database = `sql:${folder}`
    try {
      const isNew = await access(join(folder, 'cert9.db')).then(
        () => false,
        () => true,
      )
      if (isNew) {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await run(certutil, ['-d', database, '-N', '--empty-password'])
      }
      const file = join(folder, `cellwright-${digits.slice(0, 12)}.pem`)
      await writeFile(file, pem)
      // C: may vouch for servers; nothing for mail and programs
      await run(certutil, ['-d', database, '-A', '-t', 'C,,', '-n', name, '-i', file])
    } catch (error) {
      throw failed('certutil', error)
    }
    done.browsers = folder
  } else done.hints.push('Chromium and Chrome have a list of their own: install libnss3-tools (certutil), then ask again.')
  return done
}
