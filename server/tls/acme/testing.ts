/** Starts Pebble, Let's Encrypt's test server of RFC 8555 (Debian: pebble), with the name server of its challenges. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { openAuthority } from '../authority.ts'

export const hasPebble = ['pebble', 'pebble-challtestsrv'].every((name) => spawnSync(name, ['-h'], { stdio: 'ignore' }).error === undefined)

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

export interface Pebble {
  directory: string
  /** File of the authority that vouches for the directory. */
  caFile: string
  /** Management of the name server, for a hook. */
  dnsUrl: string
  close(): Promise<void>
}

/** @param options.validatesAt where it looks for challenges, by HTTP and by TLS */
export async function startPebble(options: { dir: string; validatesAt: number; binding?: { kid: string; hmacKey: string } }): Promise<Pebble> {
  const { dir, validatesAt, binding } = options
  const [port, management, dns, dnsManagement] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const { authority, certificateFor } = await openAuthority({ dir: join(dir, 'pebble'), computer: 'pebble', names: { dns: [], ip: [] } })
  const { cert, key } = await certificateFor({ dns: ['localhost'], ip: ['127.0.0.1'] })
  const at = (name: string) => join(dir, name)
  await Promise.all([
    writeFile(at('directory.pem'), cert),
    writeFile(at('directory.key'), key),
    writeFile(at('directory-ca.pem'), authority.cert),
    writeFile(
      at('pebble.json'),
      JSON.stringify({
        pebble: {
          listenAddress: `127.0.0.1:${port}`,
          managementListenAddress: `127.0.0.1:${management}`,
          certificate: at('directory.pem'),
          privateKey: at('directory.key'),
          httpPort: validatesAt,
          tlsPort: validatesAt,
          ocspResponderURL: '',
          externalAccountBindingRequired: binding !== undefined,
          ...(binding ? { externalAccountMACKeys: { [binding.kid]: binding.hmacKey } } : {}),
        },
      }),
    ),
  ])
  const children: ChildProcess[] = []
  const start = (name: string, args: string[], isReady: RegExp) =>
    new Promise<void>((resolve, reject) => {
      // some of its nonces are refused, as a client has to bear; each order looks at the names anew
      const child = spawn(name, args, {
        env: { ...process.env, PEBBLE_VA_NOSLEEP: '1', PEBBLE_WFE_NONCEREJECT: '20', PEBBLE_AUTHZREUSE: '0' },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      let said = ''
      const hear = (text: Buffer) => {
        said += text
        if (isReady.test(said)) resolve()
      }
      child.stdout?.on('data', hear)
      child.stderr?.on('data', hear)
      child.once('error', reject)
      child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: ${said}`)))
    })
  const off = ['-http01', '', '-https01', '', '-tlsalpn01', '']
  await start(
    'pebble-challtestsrv',
    [...off, '-dns01', `127.0.0.1:${dns}`, '-management', `127.0.0.1:${dnsManagement}`, '-defaultIPv6', '', '-defaultIPv4', '127.0.0.1'],
    /Starting management server/,
  )
  await start('pebble', ['-config', at('pebble.json'), '-dnsserver', `127.0.0.1:${dns}`], /ACME directory available/)
  return {
    directory: `https://localhost:${port}/dir`,
    caFile: at('directory-ca.pem'),
    dnsUrl: `http://127.0.0.1:${dnsManagement}`,
    close: async () => {
      for (const child of children) {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        child.kill()
        await ended
      }
    },
  }
}
