/** `cellwright trust …`: by which certificate the server is known, and how a computer is told to trust it. */
import { writeFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { UserError } from '../../../base/errors.ts'
import { type CertificatesView, getAuthority, getCertificates, renewCertificate } from '../../api/index.ts'
import type { Client } from '../client.ts'
import { fileProblem } from '../files.ts'
import { type Installed, installHere } from '../install-authority.ts'
import type { Shell } from './shell.ts'

/** An ACME authority looks at names, which takes its time. */
const RENEW_MS = 600_000

const day = (iso: string) => iso.slice(0, 10)

function inWords(view: CertificatesView): string {
  const { kind, names, endsAt, trouble, localName, authority, acme } = view
  if (kind === 'none') return 'This server speaks plain HTTP, to this computer or to a proxy in front of it. There is no certificate.'
  const lines = [`Certificate: ${kind === 'given' ? 'given by the shop' : 'of its own authority'}, until ${day(endsAt ?? '')}`, `  for ${names.join(', ')}`]
  if (trouble) lines.push(`  A newer one is not shown: ${trouble}`)
  if (localName) lines.push(`On the local network: ${localName}.local`)
  if (authority) {
    lines.push(`Authority: ${authority.name}, until ${day(authority.endsAt)}`, `  SHA-256 ${authority.fingerprint}`)
    lines.push(
      authority.isLimited
        ? '  It may vouch for names and addresses of a shop’s own network alone, and for what it was made for.'
        : '  It may vouch for every name: it is from before there were limits. "cellwright trust renew-authority" makes one with limits.',
    )
    const missing = authority.outside.filter((name) => !acme?.domains.includes(name))
    if (missing.length)
      lines.push(
        `  It may NOT vouch for ${missing.join(', ')}: "cellwright trust renew-authority" makes one that may; every device then has to trust that one.`,
      )
  }
  if (acme) {
    const got = acme.state === 'good' ? `until ${day(acme.endsAt ?? '')}, renewed from ${day(acme.renewsAt ?? '')} on` : 'none yet: the own authority stands in'
    lines.push(`ACME: ${acme.domains.join(', ')} by ${acme.challenge} from ${acme.directory}`, `  ${got}`)
    if (acme.problem) lines.push(`  The last try failed: ${acme.problem}`, `  Tried again ${acme.nextTryAt ?? 'later'}.`)
  }
  return lines.join('\n')
}

async function authorityOf(client: Client): Promise<{ pem: string; name: string; fingerprint: string }> {
  const { authority } = await client.call(getCertificates, {})
  if (!authority)
    throw new UserError({
      code: 'no-own-authority',
      message: 'This server has no authority of its own: its certificate was given by the shop, or a proxy in front has one. There is nothing to install.',
    })
  const { url, token } = client.access
  const answer = await fetch(`${url}${getAuthority.path}?as=pem`, { headers: { authorization: `Bearer ${token}` } })
  return { pem: await answer.text(), name: authority.name, fingerprint: authority.fingerprint }
}

const RENEWED = [
  'Devices that trusted the one before warn now. Open the page /trust on each of them, by the address of this server (http://ADDRESS:PORT/trust) and not by its name:',
  'browsers remember for half a year that a name is reached by HTTPS only.',
].join('\n')

export function addTrustCommands(program: Command, { client, output }: Shell): void {
  const trust = program.command('trust').description('the certificate of this server, and the authority that devices have to trust')
  trust
    .command('show')
    .description('which names, until when, who gives it, the digits to compare')
    .action(async () => {
      const view = await client().call(getCertificates, {})
      output().result(view, inWords(view))
    })
  trust
    .command('export <file>')
    .description('the certificate of the authority (PEM), to be installed on other devices; never its key')
    .action(async (file: string) => {
      const { pem, fingerprint } = await authorityOf(client())
      await writeFile(file, pem).catch((error: unknown) => {
        throw fileProblem(file, error, 'write')
      })
      output().result({ file, fingerprint }, `Written to ${file}.\nSHA-256 ${fingerprint}`)
    })
  trust
    .command('install')
    .description('this computer trusts the server: the system’s list (as root, Debian and its kin) and the browsers’ list of this user')
    .option('--fingerprint <digits>', 'of the authority, as the server printed it; needed when the server is another computer')
    .action(async ({ fingerprint }: { fingerprint?: string }) => {
      const api = client()
      const authority = await authorityOf(api)
      const done = await installHere(authority, { url: api.access.url, ...(fingerprint === undefined ? {} : { fingerprint }) })
      output().result(done, installedInWords(done))
      if (!done.system && !done.browsers) process.exitCode = 1
    })
  trust
    .command('renew')
    .description('a new certificate now; of ACME, where that is set')
    .action(async () => {
      const view = await client().call(renewCertificate, { body: { what: 'certificate' } }, { timeoutMs: RENEW_MS })
      output().result(view, inWords(view))
    })
  trust
    .command('renew-authority')
    .description('another authority in the place of the own one: every device has to be told to trust it')
    .option('--yes', 'you have read that')
    .action(async ({ yes }: { yes?: true }) => {
      if (!yes)
        throw new UserError({
          code: 'not-confirmed',
          message: 'Every device that trusts this server warns until it trusts the new authority: it has to be installed on each again. Say --yes to do it.',
        })
      const view = await client().call(renewCertificate, { body: { what: 'authority' } })
      output().result(view, `${inWords(view)}\n\n${RENEWED}`)
    })
}

function installedInWords({ system, browsers, hints }: Installed): string {
  return [
    ...(system ? [`The system trusts it: ${system}.`] : []),
    ...(browsers ? [`Chromium and Chrome of this user trust it: ${browsers}.`] : []),
    ...hints,
    'Firefox, Windows, macOS, Android and iPad: the page /trust says how.',
  ].join('\n')
}
