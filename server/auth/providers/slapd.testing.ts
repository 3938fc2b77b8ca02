/** OpenLDAP's slapd for tests, with people and groups of a shop; Debian's package slapd brings it. */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'ldapts'
import { openAuthority } from '../../tls/authority.ts'

const PROGRAM = process.env.SLAPD ?? '/usr/sbin/slapd'
export const hasSlapd = existsSync(PROGRAM)

export interface Slapd {
  /** `ldap://127.0.0.1:…` */
  plain: string
  /** `ldaps://127.0.0.1:…` */
  secure: string
  /** PEM of the authority that vouches for it. */
  ca: string
  base: string
  service: { dn: string; password: string }
  /** Does something as the directory's own administrator. */
  asRoot<T>(work: (client: Client) => Promise<T>): Promise<T>
  add(dn: string, attributes: Record<string, string | string[]>): Promise<void>
  close(): Promise<void>
}

const freePort = () =>
  new Promise<number>((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

export async function startSlapd(): Promise<Slapd> {
  const dir = mkdtempSync(join(tmpdir(), 'cw-slapd-'))
  const file = (name: string) => join(dir, name)
  mkdirSync(file('db'))
  const authority = await openAuthority({ dir: file('ca'), computer: 'directory', names: { dns: ['localhost'], ip: ['127.0.0.1'] } })
  const pair = await authority.certificateFor({ dns: ['localhost'], ip: ['127.0.0.1'] })
  writeFileSync(file('cert.pem'), pair.cert)
  writeFileSync(file('key.pem'), pair.key)
  writeFileSync(file('ca.pem'), authority.authority.cert)
  const base = 'dc=shop,dc=example'
  const schema = (name: string) => `include /etc/ldap/schema/${name}.schema`
  writeFileSync(
    file('slapd.conf'),
    `${['core', 'cosine', 'inetorgperson'].map(schema).join('\n')}
modulepath /usr/lib/ldap
moduleload back_mdb
moduleload memberof
moduleload ppolicy
TLSCertificateFile ${file('cert.pem')}
TLSCertificateKeyFile ${file('key.pem')}
TLSCACertificateFile ${file('ca.pem')}
pidfile ${file('slapd.pid')}
disallow bind_anon
database mdb
suffix "${base}"
rootdn "cn=root,${base}"
rootpw root
directory ${file('db')}
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="cn=reader,${base}" read by * none
overlay memberof
overlay ppolicy
ppolicy_default "cn=policy,${base}"
`,
  )
  const [plainPort, securePort] = [await freePort(), await freePort()]
  const plain = `ldap://127.0.0.1:${plainPort}`
  const child = spawn(PROGRAM, ['-f', file('slapd.conf'), '-h', `${plain} ldaps://127.0.0.1:${securePort}`, '-d', '0'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString()
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const asRoot: Slapd['asRoot'] = async (work) => {
    const client = new Client({ url: plain, timeout: 30_000, connectTimeout: 30_000 })
    try {
      await client.bind(`cn=root,${base}`, 'root')
      return await work(client)
    } finally {
      await client.unbind()
    }
  }
  const add: Slapd['add'] = (dn, attributes) => asRoot((client) => client.add(dn, attributes))
  const close = async () => {
    child.kill('SIGTERM')
    await ended
    rmSync(dir, { recursive: true, force: true })
  }
  for (const end = performance.now() + 60_000; ; ) {
    try {
      await add(base, { objectClass: ['dcObject', 'organization'], dc: 'shop', o: 'Shop' })
      break
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) {
        await close()
        throw new Error(`slapd does not start: ${said || (error as Error).message}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await add(`cn=policy,${base}`, {
    objectClass: ['applicationProcess', 'pwdPolicy'],
    cn: 'policy',
    pwdAttribute: 'userPassword',
    pwdLockout: 'TRUE',
    pwdMaxFailure: '3',
  })
  await add(`cn=reader,${base}`, { objectClass: ['applicationProcess', 'simpleSecurityObject'], cn: 'reader', userPassword: 'reads all' })
  await add(`ou=people,${base}`, { objectClass: 'organizationalUnit', ou: 'people' })
  await add(`ou=groups,${base}`, { objectClass: 'organizationalUnit', ou: 'groups' })
  return {
    plain,
    secure: `ldaps://127.0.0.1:${securePort}`,
    ca: authority.authority.cert,
    base,
    service: { dn: `cn=reader,${base}`, password: 'reads all' },
    asRoot,
    add,
    close,
  }
}
